//! `host.json`: the few settings of the platform that also rule how the functions run alone.

use std::time::Duration;

use serde::Deserialize;

use super::manifest::ManifestError;
use super::schedule::parse_time_span;

/// What `host.json` says. `Default` is what the platform does without a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostSettings {
    /// First segments of every HTTP route, without slashes.
    pub route_prefix: String,
    /// How queues are worked on.
    pub queues: QueueSettings,
}

/// How queues are worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueSettings {
    /// How many messages of one queue are worked on at a time in one process.
    pub concurrency: usize,
    /// How often a message is delivered before it goes to the poison queue.
    pub max_dequeue_count: u32,
    /// How long a message that failed stays hidden.
    pub visibility_timeout: Duration,
}

impl Default for HostSettings {
    fn default() -> Self {
        Self { route_prefix: "api".to_owned(), queues: QueueSettings::default() }
    }
}

impl Default for QueueSettings {
    fn default() -> Self {
        Self { concurrency: 16, max_dequeue_count: 5, visibility_timeout: Duration::ZERO }
    }
}

impl HostSettings {
    /// Reads a `host.json`. Refused if it could not carry this runtime: another version, or HTTP that is not proxied,
    /// which would turn uploads into strings and buffer every answer.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        let file: HostFile = serde_json::from_str(text).map_err(|error| ManifestError::new(error.to_string()))?;
        if file.version != "2.0" {
            return Err(ManifestError::new("version must be \"2.0\""));
        }
        if !file.custom_handler.enable_proxying_http_request {
            return Err(ManifestError::new("customHandler.enableProxyingHttpRequest must be true"));
        }
        let defaults = Self::default();
        Ok(Self {
            route_prefix: file
                .extensions
                .http
                .route_prefix
                .map_or(defaults.route_prefix, |prefix| prefix.trim_matches('/').to_owned()),
            queues: file.extensions.queues.over(defaults.queues)?,
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HostFile {
    version: String,
    #[serde(default)]
    custom_handler: CustomHandler,
    #[serde(default)]
    extensions: Extensions,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct CustomHandler {
    enable_proxying_http_request: bool,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Extensions {
    http: HttpExtension,
    queues: QueueExtension,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct HttpExtension {
    route_prefix: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct QueueExtension {
    batch_size: Option<usize>,
    max_dequeue_count: Option<u32>,
    visibility_timeout: Option<String>,
}

impl QueueExtension {
    fn over(self, defaults: QueueSettings) -> Result<QueueSettings, ManifestError> {
        let settings = QueueSettings {
            concurrency: self.batch_size.unwrap_or(defaults.concurrency),
            max_dequeue_count: self.max_dequeue_count.unwrap_or(defaults.max_dequeue_count),
            visibility_timeout: match &self.visibility_timeout {
                Some(text) => parse_time_span(text)
                    .ok_or_else(|| ManifestError::new(format!("visibilityTimeout {text:?} is not hh:mm:ss")))?,
                None => defaults.visibility_timeout,
            },
        };
        if !(1..=32).contains(&settings.concurrency) {
            return Err(ManifestError::new("queues.batchSize must be 1 to 32"));
        }
        if settings.max_dequeue_count == 0 {
            return Err(ManifestError::new("queues.maxDequeueCount must be at least 1"));
        }
        Ok(settings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAST: &str = r#"{"version": "2.0", "customHandler": {"enableProxyingHttpRequest": true}}"#;

    #[test]
    fn without_a_word_the_platforms_defaults_hold() {
        assert_eq!(HostSettings::parse(LEAST).unwrap(), HostSettings::default());
    }

    #[test]
    fn values_are_taken() {
        let text = LEAST.replace(
            r#""version""#,
            r#""extensions": {"http": {"routePrefix": "/v1/"}, "queues": {"batchSize": 2, "maxDequeueCount": 3, "visibilityTimeout": "00:00:30"}}, "version""#,
        );
        let settings = HostSettings::parse(&text).unwrap();
        assert_eq!(settings.route_prefix, "v1");
        assert_eq!(
            settings.queues,
            QueueSettings { concurrency: 2, max_dequeue_count: 3, visibility_timeout: Duration::from_secs(30) }
        );
    }

    #[test]
    fn what_could_not_work_is_refused() {
        for text in [
            LEAST.replace("2.0", "3.0"),
            LEAST.replace("true", "false"),
            LEAST.replace(r#""version""#, r#""extensions": {"queues": {"batchSize": 0}}, "version""#),
            LEAST.replace(r#""version""#, r#""extensions": {"queues": {"maxDequeueCount": 0}}, "version""#),
            LEAST.replace(r#""version""#, r#""extensions": {"queues": {"visibilityTimeout": "soon"}}, "version""#),
            "{}".to_owned(),
        ] {
            assert!(HostSettings::parse(&text).is_err(), "{text} was read");
        }
    }
}
