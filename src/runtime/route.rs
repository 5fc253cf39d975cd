//! Route templates of HTTP triggers, matched as the platform's classic ASP.NET routing matches them.
//!
//! The subset that function routes use: literals, `{x}`, `{x?}`, `{*x}` and the inline constraints `alpha`, `int` and
//! `regex(^(one|two)$)`. Everything else (segments of several parts, default values, other constraints and expressions)
//! is refused when the template is read, so that nothing is matched by guess. Letters match in either case.
//!
//! The regular expressions understood are alternatives of literal words between `^` and `$`, with `\.` for a dot. That is
//! what a function with several roots needs: the platform gives a function one template, so `upload` and `documents`
//! share `{root:regex(^(upload|documents)$)}/{*rest}`.

use super::manifest::ManifestError;

/// A template that has been read. Holds no leading or trailing slash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteTemplate {
    text: String,
    segments: Vec<Segment>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Literal(String),
    Required(Vec<Constraint>),
    Optional(Vec<Constraint>),
    CatchAll(Vec<Constraint>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Constraint {
    Alpha,
    Int,
    OneOf(Vec<String>),
}

impl RouteTemplate {
    /// Reads a template such as `api/jobs/{id?}`. The error names the segment and what is not understood in it.
    pub fn parse(template: &str) -> Result<Self, ManifestError> {
        let text = template.trim_matches('/');
        let pieces = split_segments(text)?;
        let last = pieces.len().saturating_sub(1);
        let mut segments = Vec::with_capacity(pieces.len());
        for (index, piece) in pieces.iter().enumerate() {
            let segment = parse_segment(piece)?;
            let ends_the_path = matches!(segment, Segment::Optional(_) | Segment::CatchAll(_));
            if ends_the_path && index != last {
                return Err(ManifestError::new(format!("route segment {piece:?} is only allowed at the end")));
            }
            segments.push(segment);
        }
        Ok(Self { text: text.to_owned(), segments })
    }

    /// The template as it was written, without slashes at its ends.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether this template takes every path.
    #[must_use]
    pub fn takes_every_path(&self) -> bool {
        matches!(self.segments.as_slice(), [Segment::CatchAll(constraints)] if constraints.is_empty())
    }

    /// Whether this template takes a path (percent-decoded, without the query).
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        let path = path.strip_prefix('/').unwrap_or(path);
        let path = path.strip_suffix('/').unwrap_or(path);
        let mut rest = Some(path).filter(|path| !path.is_empty());
        for segment in &self.segments {
            let fits = match segment {
                Segment::Literal(literal) => {
                    next_part(&mut rest).is_some_and(|part| part.eq_ignore_ascii_case(literal))
                }
                Segment::Required(constraints) => next_part(&mut rest).is_some_and(|part| all_allow(constraints, part)),
                Segment::Optional(constraints) => next_part(&mut rest).is_none_or(|part| all_allow(constraints, part)),
                Segment::CatchAll(constraints) => return rest.is_none_or(|rest| all_allow(constraints, rest)),
            };
            if !fits {
                return false;
            }
        }
        rest.is_none()
    }
}

/// Takes the text up to the next slash, and the slash.
fn next_part<'a>(rest: &mut Option<&'a str>) -> Option<&'a str> {
    let whole = (*rest)?;
    let (part, after) = whole.split_once('/').map_or((whole, None), |(part, after)| (part, Some(after)));
    *rest = after;
    Some(part)
}

fn all_allow(constraints: &[Constraint], value: &str) -> bool {
    !value.is_empty() && constraints.iter().all(|constraint| constraint.allows(value))
}

impl Constraint {
    fn allows(&self, value: &str) -> bool {
        match self {
            Self::Alpha => value.bytes().all(|byte| byte.is_ascii_alphabetic()),
            Self::Int => value.parse::<i32>().is_ok(),
            Self::OneOf(words) => words.iter().any(|word| word.eq_ignore_ascii_case(value)),
        }
    }
}

/// Splits at slashes that stand outside of braces.
fn split_segments(text: &str) -> Result<Vec<&str>, ManifestError> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut inside = false;
    for (index, byte) in text.bytes().enumerate() {
        match byte {
            b'{' | b'}' if inside == (byte == b'{') => {
                return Err(ManifestError::new(format!("route {text:?} has unbalanced braces")));
            }
            b'{' | b'}' => inside = !inside,
            b'/' if !inside => {
                pieces.push(&text[start..index]);
                start = index + 1;
            }
            _ => {}
        }
    }
    if inside {
        return Err(ManifestError::new(format!("route {text:?} has unbalanced braces")));
    }
    pieces.push(&text[start..]);
    Ok(pieces)
}

fn parse_segment(piece: &str) -> Result<Segment, ManifestError> {
    let wrong = |reason: &str| ManifestError::new(format!("route segment {piece:?} {reason}"));
    let Some(parameter) = piece.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
        return match piece {
            "" => Err(wrong("is empty")),
            _ if piece.contains(['{', '}', '?', '*']) => {
                Err(wrong("mixes text and a parameter, which is not supported"))
            }
            _ => Ok(Segment::Literal(piece.to_owned())),
        };
    };
    if parameter.contains(['{', '}', '=']) {
        return Err(wrong("has a default value or more than one parameter, which is not supported"));
    }
    let (parameter, segment): (_, fn(Vec<Constraint>) -> Segment) =
        match (parameter.strip_prefix('*'), parameter.strip_suffix('?')) {
            (Some(name), None) => (name, Segment::CatchAll),
            (None, Some(name)) => (name, Segment::Optional),
            (None, None) => (parameter, Segment::Required),
            (Some(_), Some(_)) => return Err(wrong("is a catch-all, which cannot be optional")),
        };
    let (name, constraints) = parameter.split_once(':').unwrap_or((parameter, ""));
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Err(wrong("needs a name of letters, digits and underscores"));
    }
    constraints
        .split(':')
        .filter(|constraint| !constraint.is_empty())
        .map(|constraint| parse_constraint(constraint).ok_or_else(|| wrong("has a constraint that is not supported")))
        .collect::<Result<_, _>>()
        .map(segment)
}

fn parse_constraint(text: &str) -> Option<Constraint> {
    match text {
        "alpha" => Some(Constraint::Alpha),
        "int" => Some(Constraint::Int),
        _ => {
            let expression = text.strip_prefix("regex(^")?.strip_suffix("$)")?;
            let words = match expression.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
                Some(alternatives) => alternatives.split('|').map(literal_word).collect::<Option<_>>()?,
                None => vec![literal_word(expression)?],
            };
            Some(Constraint::OneOf(words))
        }
    }
}

/// A word of a regular expression that stands for itself, its dots unescaped. `None` if anything in it has a meaning.
fn literal_word(expression: &str) -> Option<String> {
    let word = expression.replace("\\.", "\u{0}");
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'/' | 0);
    (!word.is_empty() && word.bytes().all(plain)).then(|| word.replace('\u{0}', "."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(template: &str, taken: &[&str], refused: &[&str]) {
        let route = RouteTemplate::parse(template).unwrap();
        for path in taken {
            assert!(route.matches(path), "{template} should take {path}");
        }
        for path in refused {
            assert!(!route.matches(path), "{template} should refuse {path}");
        }
    }

    #[test]
    fn literals() {
        check(
            "api/logout",
            &["/api/logout", "/API/Logout", "/api/logout/"],
            &["/api", "/api/logout/x", "/logout", "/"],
        );
        check("", &["/", ""], &["/x"]);
    }

    #[test]
    fn parameters() {
        check("api/jobs/{id}", &["/api/jobs/7"], &["/api/jobs", "/api/jobs//", "/api/jobs/7/events"]);
        check("api/jobs/{id?}", &["/api/jobs/7", "/api/jobs", "/api/jobs/"], &["/api/jobs/7/events"]);
        check("api/jobs/{id}/events", &["/api/jobs/7/events"], &["/api/jobs/7", "/api/jobs/7/event"]);
    }

    #[test]
    fn a_catch_all_takes_nothing_too() {
        check("api/files/{*path}", &["/api/files", "/api/files/", "/api/files/a/b/c.csv"], &["/api/file", "/api"]);
        check("{*path}", &["/", "/a", "/a/b"], &[]);
        let takes_every_path = |template| RouteTemplate::parse(template).unwrap().takes_every_path();
        assert!(takes_every_path("/{*path}") && !takes_every_path("api/{*path}") && !takes_every_path("{*path:int}"));
    }

    #[test]
    fn constraints() {
        check("{x:int}", &["/1", "/-7"], &["/a", "/1.5", "/"]);
        check("{x:alpha}", &["/abc"], &["/ab1", "/a-b"]);
        check("{x:int?}", &["/1", "/"], &["/a"]);
        check(
            "api/{root:regex(^(upload|documents)$)}/{*rest}",
            &["/api/upload", "/api/upload/a.xml", "/api/documents", "/api/Documents/x/y"],
            &["/api/uploads", "/api/download", "/api", "/api/upload.xml"],
        );
        check("{root:regex(^admin$)}/{*rest}", &["/admin", "/admin/users"], &["/administrator"]);
        check("{root:regex(^(a|openapi\\.json)$)}", &["/openapi.json", "/a"], &["/openapixjson"]);
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for template in [
            "a/{x",
            "a/x}",
            "a/{{x}}",
            "a//b",
            "{x}-{y}",
            "file.{ext}",
            "{x=1}",
            "{}",
            "{x?}/b",
            "{*x}/b",
            "{*x?}",
            "{x:guid}",
            "{x:regex(a+)}",
            "{x:regex(^a.b$)}",
            "{x:regex(^(a|)$)}",
            "{x:regex(^(a|b$)}",
        ] {
            assert!(RouteTemplate::parse(template).is_err(), "{template} was read");
        }
    }
}
