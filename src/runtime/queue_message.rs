//! Queue messages: from the platform's wrapping to a typed payload.
//!
//! The platform hands text over as a JSON string that holds the JSON encoding of the text, so an object is reached by
//! decoding three times; with `dataType: binary` it is base64. It also merges the members of a JSON object into the
//! metadata, in which letters match in either case: a payload with a member `id` overwrites the message's own `Id`. So
//! each fact of the metadata is given only where the payload cannot have touched it.

use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::DateTime;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// One delivery of a message. A message may be delivered more than once, also after a delivery that went well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueMessage<T> {
    /// The message's text, read as JSON. A `String` also takes text that is no JSON string, as it is.
    pub payload: T,
    /// The queue's id of the message. `None` if the payload has a member of that name and has overwritten it.
    pub id: Option<String>,
    /// How often it has been delivered, this time included; from 1. `None` as for `id`.
    pub dequeue_count: Option<u32>,
    /// When it was put into the queue, to the second. `None` as for `id`.
    pub inserted_at: Option<SystemTime>,
    /// The delivery after which a failing message goes to the poison queue.
    pub max_dequeue_count: u32,
}

impl<T> QueueMessage<T> {
    /// Whether a failure now moves the message to the poison queue. False where the count is not known.
    #[must_use]
    pub fn is_last_delivery(&self) -> bool {
        self.dequeue_count.is_some_and(|count| count >= self.max_dequeue_count)
    }
}

/// A message whose payload has not been read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RawMessage {
    pub(super) text: String,
    pub(super) id: Option<String>,
    pub(super) dequeue_count: Option<u32>,
    pub(super) inserted_at: Option<SystemTime>,
    pub(super) max_dequeue_count: u32,
}

/// How the message's bytes are wrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrapping {
    Text,
    Base64,
}

impl RawMessage {
    /// Unwraps a message as the platform sends it. The error says what is wrong with it.
    pub(super) fn from_wire(
        value: &Value,
        wrapping: Wrapping,
        metadata: &Map<String, Value>,
        max_dequeue_count: u32,
    ) -> Result<Self, String> {
        let text = match wrapping {
            Wrapping::Text => unwrap_text(value),
            Wrapping::Base64 => unwrap_base64(value)?,
        };
        let merged = match wrapping {
            Wrapping::Text => serde_json::from_str::<Map<String, Value>>(&text).unwrap_or_default(),
            Wrapping::Base64 => Map::new(),
        };
        let fact = |name: &str| {
            let overwritten = merged.keys().any(|key| key.eq_ignore_ascii_case(name));
            metadata.get(name).filter(|_| !overwritten).map(unwrap_text)
        };
        Ok(Self {
            id: fact("Id"),
            dequeue_count: fact("DequeueCount").and_then(|count| count.parse().ok()),
            inserted_at: fact("InsertionTime")
                .and_then(|time| DateTime::parse_from_rfc3339(&time).ok())
                .map(SystemTime::from),
            max_dequeue_count,
            text,
        })
    }

    /// Reads the payload.
    pub(super) fn read<T: DeserializeOwned>(self) -> Result<QueueMessage<T>, serde_json::Error> {
        let payload = serde_json::from_str(&self.text)
            .or_else(|error| serde_json::from_value(Value::String(self.text)).map_err(|_| error))?;
        Ok(QueueMessage {
            payload,
            id: self.id,
            dequeue_count: self.dequeue_count,
            inserted_at: self.inserted_at,
            max_dequeue_count: self.max_dequeue_count,
        })
    }
}

/// A scalar of the platform: a string holding JSON. Where a string holds no JSON string it is taken as it is, as the
/// platform's documentation (but not its code) has it.
fn unwrap_text(value: &Value) -> String {
    match value {
        Value::String(outer) => serde_json::from_str::<String>(outer).unwrap_or_else(|_| outer.clone()),
        other => other.to_string(),
    }
}

fn unwrap_base64(value: &Value) -> Result<String, String> {
    let encoded = value.as_str().ok_or("the message is not a string of base64")?;
    let bytes = STANDARD.decode(encoded).map_err(|error| format!("the message is not base64: {error}"))?;
    String::from_utf8(bytes).map_err(|error| format!("the message is not utf-8: {error}"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Job {
        job_id: String,
        attempt: u32,
        urgent: bool,
        tags: Vec<String>,
    }

    fn raw(fixture: &str, wrapping: Wrapping) -> RawMessage {
        let body: Value = serde_json::from_str(fixture).unwrap();
        RawMessage::from_wire(&body["Data"]["item"], wrapping, body["Metadata"].as_object().unwrap(), 5).unwrap()
    }

    #[test]
    fn text_is_decoded_to_the_object() {
        let raw = raw(include_str!("../../tests/data/host/queue-request.json"), Wrapping::Text);
        let message = raw.read::<Job>().unwrap();
        let job = Job { job_id: "a1b2".into(), attempt: 1, urgent: true, tags: vec!["x".into()] };
        assert_eq!(message.payload, job);
        assert_eq!(message.id.as_deref(), Some("800ae4b3-bdd2-4c08-badd-f08e5a34b865"));
        assert_eq!(message.dequeue_count, Some(1));
        assert_eq!(message.inserted_at, Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1_772_359_200)));
        assert!(!message.is_last_delivery());
    }

    #[test]
    fn base64_is_decoded_to_the_same_object() {
        let text = raw(include_str!("../../tests/data/host/queue-request.json"), Wrapping::Text);
        let binary = raw(include_str!("../../tests/data/host/queue-request-binary.json"), Wrapping::Base64);
        assert_eq!(binary.read::<Job>().unwrap(), text.read::<Job>().unwrap());
    }

    #[test]
    fn plain_text_is_a_string() {
        for fixture in [
            include_str!("../../tests/data/host/queue-request-plaintext.json"),
            include_str!("../../tests/data/host/queue-request-retrycontext.json"),
        ] {
            assert_eq!(raw(fixture, Wrapping::Text).read::<String>().unwrap().payload, "hello world");
        }
    }

    #[test]
    fn a_payload_that_overwrites_the_id_hides_it() {
        let message = raw(include_str!("../../tests/data/host/queue-request-id-collision.json"), Wrapping::Text);
        assert_eq!(message.id, None);
        assert_eq!(message.dequeue_count, Some(1));
    }

    #[test]
    fn a_payload_that_overwrites_the_count_hides_it_in_any_case_of_letters() {
        let metadata = serde_json::json!({"DequeueCount": "\"9\"", "Id": "\"x\""});
        let value = Value::String(serde_json::to_string(r#"{"dequeuecount": "9"}"#).unwrap());
        let message = RawMessage::from_wire(&value, Wrapping::Text, metadata.as_object().unwrap(), 5).unwrap();
        assert_eq!((message.dequeue_count, message.id.as_deref()), (None, Some("x")));
    }

    #[test]
    fn the_last_delivery_is_known() {
        let message = |dequeue_count| {
            RawMessage { text: "0".into(), id: None, dequeue_count, inserted_at: None, max_dequeue_count: 5 }
                .read::<u32>()
                .unwrap()
        };
        assert!(!message(Some(4)).is_last_delivery());
        assert!(message(Some(5)).is_last_delivery());
        assert!(!message(None).is_last_delivery());
    }

    #[test]
    fn unreadable_messages_are_errors() {
        let text = |value: &str| Value::String(value.to_owned());
        assert!(RawMessage::from_wire(&text("%%"), Wrapping::Base64, &Map::new(), 5).is_err());
        assert!(RawMessage::from_wire(&text("/w=="), Wrapping::Base64, &Map::new(), 5).is_err());
        let plain = RawMessage::from_wire(&text("\"hello\""), Wrapping::Text, &Map::new(), 5).unwrap();
        assert!(plain.read::<Job>().is_err());
    }
}
