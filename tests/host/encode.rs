//! How values become JSON in the body of an invocation. Every rule here is one that a handler must know.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Serialize, Serializer, ser::SerializeMap as _};
use serde_json::value::{RawValue, to_raw_value};
use time::{OffsetDateTime, macros::format_description};

/// A value that is JSON already.
pub type Json = Box<RawValue>;

/// Objects are JSON objects.
pub fn object(value: &impl Serialize) -> Json {
    to_raw_value(value).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

/// A text is JSON within a JSON string: `hello` is `"\"hello\""`. So are numbers, truth values and ids.
pub fn text(value: &str) -> Json {
    scalar(&value)
}

/// See [`text`].
pub fn scalar(value: &impl Serialize) -> Json {
    object(&serde_json::to_string(value).unwrap_or_default())
}

/// Bytes are base64 in a JSON string.
pub fn bytes(value: &[u8]) -> Json {
    object(&STANDARD.encode(value))
}

/// Instants outside of objects have seconds only.
pub fn instant(value: OffsetDateTime) -> Json {
    object(&local_time(value.replace_nanosecond(0).unwrap_or(value)))
}

/// An instant as .NET writes a local time where the local zone is UTC; the fraction has seven digits without zeros at the end.
pub fn local_time(instant: OffsetDateTime) -> String {
    format!("{}+00:00", without_zone(instant))
}

/// An instant as .NET writes a time in UTC.
pub fn utc_time(instant: OffsetDateTime) -> String {
    format!("{}Z", without_zone(instant))
}

fn without_zone(instant: OffsetDateTime) -> String {
    let seconds = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]");
    let whole = instant.format(seconds).unwrap_or_default();
    let fraction = format!("{:07}", instant.nanosecond() / 100);
    match fraction.trim_end_matches('0') {
        "" => whole,
        digits => format!("{whole}.{digits}"),
    }
}

/// Names and values in their order. Names differ by more than case; who sets one again changes its value only.
#[derive(Clone, Debug, Default)]
pub struct Dictionary {
    entries: Vec<(String, Json)>,
}

impl Dictionary {
    pub fn set(&mut self, name: &str, value: Json) {
        let lower = name.to_lowercase();
        match self.entries.iter_mut().find(|(known, _)| known.to_lowercase() == lower) {
            Some((_, known)) => *known = value,
            None => self.entries.push((name.to_owned(), value)),
        }
    }

    /// Without the names that end in `trigger`.
    pub fn without_triggers(mut self) -> Self {
        self.entries.retain(|(name, _)| !name.to_lowercase().ends_with("trigger"));
        self
    }
}

impl Serialize for Dictionary {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.entries.len()))?;
        for (name, value) in &self.entries {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// The body of an invocation with one input.
pub fn body(binding: &str, value: Json, metadata: Dictionary) -> Vec<u8> {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Body {
        data: Dictionary,
        metadata: Dictionary,
    }
    let mut data = Dictionary::default();
    data.set(binding, value);
    serde_json::to_vec(&Body { data, metadata: metadata.without_triggers() }).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn scalars_are_json_in_a_string_and_bytes_are_base64() {
        assert_eq!(text("hello").get(), r#""\"hello\"""#);
        assert_eq!(scalar(&4).get(), r#""4""#);
        assert_eq!(bytes(b"{}").get(), r#""e30=""#);
        assert_eq!(instant(datetime!(2026-03-01 10:00:00.7 UTC)).get(), r#""2026-03-01T10:00:00+00:00""#);
    }

    #[test]
    fn fractions_have_seven_digits_at_most_and_no_zeros_at_the_end() {
        assert_eq!(local_time(datetime!(2026-03-01 10:00:00.009_832_19 UTC)), "2026-03-01T10:00:00.0098321+00:00");
        assert_eq!(utc_time(datetime!(2026-03-01 10:00:00.500 UTC)), "2026-03-01T10:00:00.5Z");
        assert_eq!(local_time(datetime!(0001-01-01 00:00 UTC)), "0001-01-01T00:00:00+00:00");
    }

    #[test]
    fn names_are_set_whatever_their_case_and_triggers_are_dropped() {
        let mut dictionary = Dictionary::default();
        dictionary.set("Id", text("host"));
        dictionary.set("QueueTrigger", text("dropped"));
        dictionary.set("id", text("payload"));
        let written = serde_json::to_string(&dictionary.without_triggers()).unwrap();
        assert_eq!(written, r#"{"Id":"\"payload\""}"#);
    }
}
