//! The metadata beside an invocation's input.

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{MapAccess, Visitor},
};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use super::encode::{Dictionary, Json, object, text, utc_time};

/// What every invocation is told about itself.
pub struct System<'a> {
    pub function: &'a str,
    pub now: OffsetDateTime,
    pub id: Uuid,
}

impl System<'_> {
    pub fn json(&self) -> Json {
        #[derive(Serialize)]
        #[serde(rename_all = "PascalCase")]
        struct Written<'a> {
            method_name: &'a str,
            utc_now: String,
            rand_guid: Uuid,
        }
        object(&Written { method_name: self.function, utc_now: utc_time(self.now), rand_guid: self.id })
    }
}

/// Which attempt of a retry policy this is.
#[derive(Clone, Copy, Debug)]
pub struct RetryContext {
    pub count: u32,
    pub at_most: u32,
}

impl RetryContext {
    pub fn json(self) -> Json {
        #[derive(Serialize)]
        #[serde(rename_all = "PascalCase")]
        struct Written {
            retry_count: u32,
            max_retry_count: u32,
            exception: Option<()>,
            instance: Option<()>,
            state: Dictionary,
        }
        let (retry_count, max_retry_count) = (self.count, self.at_most);
        let (exception, instance, state) = (None, None, Dictionary::default());
        object(&Written { retry_count, max_retry_count, exception, instance, state })
    }
}

/// If a payload is a JSON object, its members are merged in, over the host's own of the same name. Arrays and nulls are not.
pub fn merge_payload(metadata: &mut Dictionary, payload: &str) {
    let Ok(Members(members)) = serde_json::from_str(payload) else { return };
    for (name, value) in members {
        match value {
            Value::Null | Value::Array(_) => {}
            Value::Object(_) => metadata.set(&name, object(&value)),
            Value::String(value) => metadata.set(&name, text(&value)),
            Value::Number(value) => metadata.set(&name, text(&value.to_string())),
            Value::Bool(true) => metadata.set(&name, text("True")),
            Value::Bool(false) => metadata.set(&name, text("False")),
        }
    }
}

/// The members of an object in the order of the text.
struct Members(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfObject;
        impl<'de> Visitor<'de> for OfObject {
            type Value = Members;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(OfObject)
    }
}
