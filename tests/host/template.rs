//! Route templates of classic ASP.NET routing.

use super::constraint::Constraint;

/// A route template: literals, parameters, and perhaps a catch-all at the end.
#[derive(Clone, Debug)]
pub struct Template {
    segments: Vec<Segment>,
}

#[derive(Clone, Debug)]
enum Segment {
    Literal(String),
    Parameter(Parameter),
}

#[derive(Clone, Debug)]
struct Parameter {
    name: String,
    constraints: Vec<Constraint>,
    default: Option<String>,
    is_optional: bool,
    takes_the_rest: bool,
}

/// Names and values of a route's parameters; those that were left out are not among them.
pub type Parameters = Vec<(String, String)>;

impl Template {
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut rest = text.trim_start_matches('/');
        let mut segments = Vec::new();
        while !rest.is_empty() {
            let (segment, behind) = if rest.starts_with('{') && !rest.starts_with("{{") {
                let (inner, behind) = parameter_text(&rest[1..])?;
                (Segment::Parameter(Parameter::parse(&inner)?), behind)
            } else {
                let end = rest.find('/').unwrap_or(rest.len());
                (Segment::Literal(literal(&rest[..end])?), &rest[end..])
            };
            segments.push(segment);
            rest = match behind.strip_prefix('/') {
                Some(next) => next,
                None if behind.is_empty() => "",
                None => return Err(mixed()),
            };
        }
        let last = segments.len().saturating_sub(1);
        let must_be_last = |segment: &Segment| matches!(segment, Segment::Parameter(parameter) if parameter.is_optional || parameter.takes_the_rest);
        if segments.iter().take(last).any(must_be_last) {
            return Err("an optional or catch-all parameter must be the last segment".to_owned());
        }
        Ok(Self { segments })
    }

    /// The parameters, if the path (decoded, with its slash at the front) is one of this template.
    pub fn matches(&self, path: &str) -> Option<Parameters> {
        let mut rest = Some(path.strip_prefix('/').unwrap_or(path)).filter(|rest| !rest.is_empty());
        let mut found = Parameters::new();
        for segment in &self.segments {
            if let Segment::Parameter(parameter) = segment
                && parameter.takes_the_rest
            {
                parameter.take(rest.take().unwrap_or_default(), &mut found)?;
                return Some(found);
            }
            let (here, behind) = match rest {
                Some(text) => text.split_once('/').map_or((text, None), |(here, behind)| (here, Some(behind))),
                None => ("", None),
            };
            match segment {
                Segment::Literal(literal) if !literal.eq_ignore_ascii_case(here) => return None,
                Segment::Literal(_) => {}
                Segment::Parameter(parameter) => parameter.take(here, &mut found)?,
            }
            // A slash at the end does not begin another segment.
            rest = behind.filter(|behind| !behind.is_empty());
        }
        rest.is_none().then_some(found)
    }
}

impl Parameter {
    /// Reads `[*]name[:constraint]…[=default][?]`.
    fn parse(text: &str) -> Result<Self, String> {
        let (text, takes_the_rest) = match text.strip_prefix('*') {
            Some(rest) => (rest.trim_start_matches('*'), true),
            None => (text, false),
        };
        let (text, is_optional) = text.strip_suffix('?').map_or((text, false), |rest| (rest, true));
        let end = text.find([':', '=']).unwrap_or(text.len());
        let (name, mut rest) = text.split_at(end);
        if name.is_empty() || name.contains(['/', '{', '}', '?', '*']) {
            return Err(format!("the route parameter name {name:?} is invalid"));
        }
        let mut constraints = Vec::new();
        while let Some(behind) = rest.strip_prefix(':') {
            let length = constraint_length(behind);
            constraints.push(Constraint::parse(&behind[..length])?);
            rest = &behind[length..];
        }
        let default = rest.strip_prefix('=').map(str::to_owned);
        Ok(Self { name: name.to_owned(), constraints, default, is_optional, takes_the_rest })
    }

    /// Adds the value if it is a good one; an empty value is one that was left out.
    fn take(&self, value: &str, found: &mut Parameters) -> Option<()> {
        let value = if value.is_empty() { self.default.as_deref() } else { Some(value) };
        match value {
            Some(value) if self.constraints.iter().all(|constraint| constraint.accepts(value)) => {
                found.push((self.name.clone(), value.to_owned()));
                Some(())
            }
            None if self.is_optional || self.takes_the_rest && self.constraints.is_empty() => Some(()),
            _ => None,
        }
    }
}

/// Up to the next colon or equals sign that is not within parentheses.
fn constraint_length(text: &str) -> usize {
    let mut depth = 0usize;
    for (at, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ':' | '=' if depth == 0 => return at,
            _ => {}
        }
    }
    text.len()
}

/// The text up to the closing brace, with doubled braces made single, and what follows.
fn parameter_text(text: &str) -> Result<(String, &str), String> {
    let mut inner = String::new();
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let mut is_doubled = || characters.next_if(|(_, next)| *next == character).is_some();
        if matches!(character, '{' | '}') && !is_doubled() {
            return if character == '}' { Ok((inner, &text[at + 1..])) } else { Err(unbalanced()) };
        }
        inner.push(character);
    }
    Err(unbalanced())
}

fn literal(text: &str) -> Result<String, String> {
    let single = text.replace("{{", "\u{1}").replace("}}", "\u{2}");
    if single.contains(['{', '}']) {
        return Err(mixed());
    }
    if text.is_empty() {
        return Err("a route template must not have an empty segment".to_owned());
    }
    Ok(single.replace('\u{1}', "{").replace('\u{2}', "}"))
}

fn mixed() -> String {
    "this host does not know segments that mix text and parameters".to_owned()
}

fn unbalanced() -> String {
    "the braces of the route template are not balanced".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The parameters as `name=value`, joined by commas.
    fn values(template: &str, path: &str) -> Option<String> {
        let found = Template::parse(template).unwrap().matches(path)?;
        Some(found.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(","))
    }

    #[test]
    fn paths_match_templates() {
        let cases = [
            ("api/chat", "/api/chat", Some("")),
            ("api/chat", "/API/Chat/", Some("")),
            ("api/chat", "/api/chat/x", None),
            ("api/chat", "/api", None),
            ("api/{id}", "/api/7", Some("id=7")),
            ("api/{id}", "/api/", None),
            ("api/{id?}", "/api", Some("")),
            ("api/{id=9}", "/api", Some("id=9")),
            ("api/{id:int}", "/api/x", None),
            ("api/{id:int?}", "/api", Some("")),
            ("api/{id:int:min(3)}", "/api/2", None),
            ("jobs/{*path}", "/jobs", Some("")),
            ("jobs/{*path}", "/jobs/a/b/", Some("path=a/b/")),
            ("{*all}", "/", Some("")),
            ("api//x", "/api/x", None),
            ("{root:regex(^(upload|documents)$)}/{*rest}", "/documents/7", Some("root=documents,rest=7")),
            ("{root:regex(^(upload|documents)$)}/{*rest}", "/Upload", Some("root=Upload")),
            ("{root:regex(^(upload|documents)$)}/{*rest}", "/uploads", None),
            ("{year:regex(^\\d{{4}}$)}", "/2026", Some("year=2026")),
            ("{time:regex(^a:b$)}", "/a:b", Some("time=a:b")),
            ("a{{b}}", "/a{b}", Some("")),
        ];
        for (template, path, expected) in cases {
            if template.contains("//") {
                assert!(Template::parse(template).is_err(), "{template}");
                continue;
            }
            assert_eq!(values(template, path).as_deref(), expected, "{template} and {path}");
        }
    }

    #[test]
    fn wrong_templates_are_refused() {
        for template in ["{a}-{b}", "x{a}", "{a", "{}", "{a?}/b", "{*a}/b", "{a:none}", "{a{b}}"] {
            assert!(Template::parse(template).is_err(), "{template}");
        }
    }
}
