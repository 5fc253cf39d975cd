//! What was expected, in the words of the contract: the libraries that read bodies and parameters speak of their own types.

/// What is wrong with a JSON body that could be read as such, or with a query string. `text` is what the reader says, with the member's path in
/// front if it knows it.
pub fn expected(text: &str) -> String {
    let text = without_place(without_introduction(text));
    let Some((path, fault)) = FAULTS.iter().filter_map(|mark| text.find(mark)).min().map(|at| text.split_at(at)) else {
        return text.to_owned();
    };
    let path = path.trim_end_matches([':', ' ']);
    let quoted = || fault.split('`').nth(1).unwrap_or_default();
    let below = |name: &str| match path.rsplit('.').next() {
        Some(last) if last == name => path.to_owned(),
        Some("" | ".") | None => name.to_owned(),
        Some(_) => format!("{path}.{name}"),
    };
    let whole = if path.is_empty() || path == "." { "the body" } else { path };
    let known =
        || fault.split_once("expected ").map_or_else(|| "none".to_owned(), |(_, known)| known.replace("one of ", ""));
    if fault.starts_with("missing field") {
        format!("{}: it is missing", below(quoted()))
    } else if fault.starts_with("unknown field") {
        format!("{}: there is no such member; known: {}", below(quoted()), known())
    } else if fault.starts_with("duplicate field") {
        format!("{}: it is there twice", below(quoted()))
    } else if fault.starts_with("unknown variant") {
        format!("{whole}: takes {}, not `{}`", known(), quoted())
    } else if fault.starts_with("UUID parsing") {
        format!("{whole}: takes a UUID")
    } else if fault.starts_with("data did not match") {
        format!("{whole}: it has none of the forms that it may have; see the contract at /api/openapi.json")
    } else if fault.starts_with("provided string was not") {
        format!("{whole}: takes true or false")
    } else if fault.starts_with("invalid type") || fault.starts_with("invalid value") {
        let wanted = fault.rsplit_once("expected ").map_or(fault, |(_, wanted)| wanted);
        format!("{whole}: takes {}", kind(wanted))
    } else {
        format!("{whole}: takes a whole number from 0")
    }
}

/// What is wrong with a body that is no JSON, of which the reader says where.
pub fn not_json(text: &str) -> String {
    let place = text.rsplit_once(" at line ").and_then(|(_, place)| place.split_once(" column "));
    match place {
        Some((line, column)) => format!("the body is not JSON: see line {line}, column {column}"),
        None => "the body is not JSON".to_owned(),
    }
}

/// What is wrong with a JSON body, at this path.
pub fn not_read(path: &str, error: &serde_json::Error) -> String {
    match error.classify() {
        serde_json::error::Category::Data => expected(&format!("{path}: {error}")),
        _ => not_json(&error.to_string()),
    }
}

/// Beginnings of what the readers say.
const FAULTS: [&str; 14] = [
    "missing field",
    "unknown field",
    "duplicate field",
    "unknown variant",
    "UUID parsing",
    "data did not match any variant",
    "provided string was not",
    "invalid type: ",
    "invalid value: ",
    "invalid digit found",
    "cannot parse integer",
    "number too large",
    "number too small",
    "number would be zero",
];

fn without_introduction(text: &str) -> &str {
    let known = ["Failed to deserialize the JSON body into the target type: ", "Failed to deserialize query string: "];
    known.iter().find_map(|introduction| text.strip_prefix(introduction)).unwrap_or(text)
}

/// Without the place in the body, which the member's name says better.
fn without_place(text: &str) -> &str {
    text.rsplit_once(" at line ").filter(|(_, place)| place.contains(" column ")).map_or(text, |(said, _)| said)
}

fn kind(wanted: &str) -> String {
    match wanted {
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number from 0".to_owned(),
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number".to_owned(),
        "f32" | "f64" => "a number".to_owned(),
        "a string" | "a borrowed string" | "str" => "a text".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a map" | "map" => "an object".to_owned(),
        other if other.starts_with("struct ") || other.contains("tagged enum") => "an object".to_owned(),
        other if other.contains("UUID") => "a UUID".to_owned(),
        other if other.contains("enum ") || other == "string or map" => "one of its names as a text".to_owned(),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use serde::Deserialize;
    use uuid::Uuid;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields, rename_all = "snake_case")]
    #[expect(dead_code, reason = "only read")]
    struct Body {
        name: String,
        id: Option<Uuid>,
        count: Option<u32>,
        kind: Option<Kind>,
        inner: Option<HashMap<String, bool>>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        Csv,
        Json,
    }

    #[test]
    fn it_is_said_what_a_member_takes() {
        for (body, wanted) in [
            (r#"{}"#, "name: it is missing"),
            (r#"{"name":"a","nam":1}"#, "nam: there is no such member; known: `name`, `id`, `count`, `kind`, `inner`"),
            (r#"{"name":1}"#, "the body: takes a text"),
            (r#"{"name":"a","id":"7"}"#, "the body: takes a UUID"),
            (r#"{"name":"a","count":-1}"#, "the body: takes a whole number from 0"),
            (r#"{"name":"a","kind":"xml"}"#, "the body: takes `csv` or `json`, not `xml`"),
            (r#"{"name":"a","name":"b"}"#, "name: it is there twice"),
            (r#"{"name""#, "the body is not JSON: see line 1, column 7"),
            ("", "the body is not JSON: see line 1, column 0"),
        ] {
            let error = serde_json::from_str::<Body>(body).unwrap_err();
            let told = not_read(".", &error);
            assert_eq!(told, wanted, "{body}: {error}");
        }
    }

    #[test]
    fn paths_stand_in_front() {
        for (said, wanted) in [
            (
                "Failed to deserialize the JSON body into the target type: a.b[0]: invalid type: string \"x\", expected u32 at line 1 column 9",
                "a.b[0]: takes a whole number from 0",
            ),
            (
                "Failed to deserialize query string: limit: invalid digit found in string",
                "limit: takes a whole number from 0",
            ),
            (
                "Failed to deserialize query string: user: UUID parsing failed: invalid length: found 2",
                "user: takes a UUID",
            ),
            (
                "Failed to deserialize query string: nam: unknown field `nam`, expected `name`",
                "nam: there is no such member; known: `name`",
            ),
            (
                "Failed to deserialize the JSON body into the target type: a: missing field `b` at line 1 column 9",
                "a.b: it is missing",
            ),
            ("format: 'pdf' is none; use 'csv' at line 1 column 4", "format: 'pdf' is none; use 'csv'"),
        ] {
            assert_eq!(expected(said), wanted);
        }
    }
}
