//! Inline constraints of route parameters: `{id:int}`, `{root:regex(^(a|b)$)}`.

use regex::{Regex, RegexBuilder};

/// What a parameter's value must be.
#[derive(Clone, Debug)]
pub enum Constraint {
    Int,
    Long,
    Number,
    Bool,
    Guid,
    Required,
    Length(usize, usize),
    Range(i64, i64),
    Pattern(Regex),
}

impl Constraint {
    /// Reads `name` or `name(arguments)`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (name, arguments) = match text.split_once('(') {
            Some((name, rest)) => (name, rest.strip_suffix(')').ok_or("a constraint lacks its closing parenthesis")?),
            None => (text, ""),
        };
        let of_text = |argument: &str| argument.trim().parse::<usize>().map_err(|_| bad(text));
        let of_number = |argument: &str| argument.trim().parse::<i64>().map_err(|_| bad(text));
        Ok(match name.to_lowercase().as_str() {
            "int" => Self::Int,
            "long" => Self::Long,
            "double" | "float" | "decimal" => Self::Number,
            "bool" => Self::Bool,
            "guid" => Self::Guid,
            "required" => Self::Required,
            "alpha" => Self::pattern("^[a-z]*$")?,
            "regex" => Self::pattern(arguments)?,
            "minlength" => Self::Length(of_text(arguments)?, usize::MAX),
            "maxlength" => Self::Length(0, of_text(arguments)?),
            "length" => match arguments.split_once(',') {
                Some((least, most)) => Self::Length(of_text(least)?, of_text(most)?),
                None => Self::Length(of_text(arguments)?, of_text(arguments)?),
            },
            "min" => Self::Range(of_number(arguments)?, i64::MAX),
            "max" => Self::Range(i64::MIN, of_number(arguments)?),
            "range" => {
                let (least, most) = arguments.split_once(',').ok_or_else(|| bad(text))?;
                Self::Range(of_number(least)?, of_number(most)?)
            }
            _ => return Err(bad(text)),
        })
    }

    /// A pattern matches anywhere in the value and whatever the case, as the platform's do.
    fn pattern(pattern: &str) -> Result<Self, String> {
        let built = RegexBuilder::new(pattern).case_insensitive(true).build();
        built.map(Self::Pattern).map_err(|error| format!("the pattern {pattern} is not understood: {error}"))
    }

    pub fn accepts(&self, value: &str) -> bool {
        match self {
            Self::Int => value.trim().parse::<i32>().is_ok(),
            Self::Long => value.trim().parse::<i64>().is_ok(),
            Self::Number => value.trim().parse::<f64>().is_ok(),
            Self::Bool => ["true", "false"].iter().any(|word| value.trim().eq_ignore_ascii_case(word)),
            Self::Guid => uuid::Uuid::parse_str(value.trim()).is_ok(),
            Self::Required => !value.is_empty(),
            Self::Length(least, most) => (*least..=*most).contains(&value.encode_utf16().count()),
            Self::Range(least, most) => {
                value.trim().parse().is_ok_and(|number: i64| (*least..=*most).contains(&number))
            }
            Self::Pattern(pattern) => pattern.is_match(value),
        }
    }
}

fn bad(text: &str) -> String {
    format!("the inline constraint '{text}' could not be resolved")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constraints_accept_what_they_say() {
        let cases = [
            ("int", "-7", "7.5"),
            ("long", "5000000000", "x"),
            ("double", "1.5", "x"),
            ("bool", "TRUE", "1"),
            ("guid", "800AE4B3-bdd2-4c08-badd-f08e5a34b865", "800ae4b3"),
            ("alpha", "aB", "a1"),
            ("required", "a", ""),
            ("length(2)", "ab", "abc"),
            ("length(1,2)", "a", "abc"),
            ("minlength(2)", "abc", "a"),
            ("maxlength(2)", "ab", "abc"),
            ("min(3)", "3", "2"),
            ("max(3)", "3", "4"),
            ("range(-1,1)", "0", "2"),
            ("regex(^a+$)", "aA", "b"),
            ("regex(b)", "abc", "ac"),
        ];
        for (text, good, bad) in cases {
            let constraint = Constraint::parse(text).unwrap();
            assert!(constraint.accepts(good), "{text} refuses {good}");
            assert!(!constraint.accepts(bad), "{text} accepts {bad}");
        }
    }

    #[test]
    fn unknown_constraints_and_wrong_arguments_are_refused() {
        for text in ["color", "length(x)", "range(1)", "regex(()", "min("] {
            assert!(Constraint::parse(text).is_err(), "{text}");
        }
    }
}
