//! Where traces and figures are sent, by the names that OpenTelemetry gives its settings.

use std::{num::NonZero, time::Duration};

use percent_encoding::percent_decode_str;
use url::Url;

use super::{Secret, reader::Reader, stores::is_safe_endpoint};

/// Milliseconds that one call of a collector may take.
const TIMEOUT_MS: NonZero<u64> = NonZero::<u64>::MIN.saturating_add(9_999);
/// Milliseconds between two readings of the figures.
const INTERVAL_MS: NonZero<u64> = NonZero::<u64>::MIN.saturating_add(59_999);

/// Where to send, and as whom. At least one of the two addresses is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtlpSettings {
    /// `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`, or `OTEL_EXPORTER_OTLP_ENDPOINT` with its path for traces.
    pub traces: Option<String>,
    /// `OTEL_EXPORTER_OTLP_METRICS_ENDPOINT`, or `OTEL_EXPORTER_OTLP_ENDPOINT` with its path for metrics.
    pub metrics: Option<String>,
    /// `OTEL_EXPORTER_OTLP_HEADERS`: names and values, in which keys stand.
    pub headers: Vec<(String, Secret)>,
    /// `OTEL_EXPORTER_OTLP_TIMEOUT`: how long one call may take.
    pub timeout: Duration,
    /// `OTEL_METRIC_EXPORT_INTERVAL`: from one reading of the figures to the next.
    pub interval: Duration,
    /// `OTEL_SERVICE_NAME`.
    pub service: String,
}

impl Reader {
    /// `None` if nothing is to be sent.
    pub(super) fn otlp(&mut self) -> Option<OtlpSettings> {
        let base = self.collector("OTEL_EXPORTER_OTLP_ENDPOINT");
        let of_signal = |path: &str| base.as_ref().map(|base| format!("{}/v1/{path}", base.trim_end_matches('/')));
        let settings = OtlpSettings {
            traces: self.collector("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT").or_else(|| of_signal("traces")),
            metrics: self.collector("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT").or_else(|| of_signal("metrics")),
            headers: self.headers(),
            timeout: Duration::from_millis(self.number("OTEL_EXPORTER_OTLP_TIMEOUT", TIMEOUT_MS).get()),
            interval: Duration::from_millis(self.number("OTEL_METRIC_EXPORT_INTERVAL", INTERVAL_MS).get()),
            service: self.text("OTEL_SERVICE_NAME", "ret"),
        };
        if self.text("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf") != "http/protobuf" {
            self.problem("OTEL_EXPORTER_OTLP_PROTOCOL", "takes http/protobuf, which a collector hears at port 4318");
        }
        let places = [&settings.traces, &settings.metrics];
        if !settings.headers.is_empty() && places.into_iter().flatten().any(|place| !is_safe_endpoint(place)) {
            self.problem(
                "OTEL_EXPORTER_OTLP_HEADERS",
                "goes to collectors that are reached by https, or on this machine, only",
            );
        }
        let disabled = self.flag("OTEL_SDK_DISABLED", false);
        (!disabled && places.into_iter().any(Option::is_some)).then_some(settings)
    }

    fn collector(&mut self, key: &str) -> Option<String> {
        let address = self.optional(key)?;
        let is_usable = Url::parse(&address).is_ok_and(|url| {
            let has_user = !url.username().is_empty() || url.password().is_some();
            matches!(url.scheme(), "http" | "https") && url.has_host() && url.query().is_none() && !has_user
        });
        if !is_usable {
            self.problem(
                key,
                "takes a URL such as http://127.0.0.1:4318; what a collector asks for besides is a header",
            );
            return None;
        }
        Some(address)
    }

    /// `name=value` pairs with commas between them; in values, characters may be written as `%2C`.
    fn headers(&mut self) -> Vec<(String, Secret)> {
        const KEY: &str = "OTEL_EXPORTER_OTLP_HEADERS";
        let given = self.text(KEY, "");
        let pairs = given.split(',').map(str::trim).filter(|pair| !pair.is_empty());
        let read = |pair: &str| {
            let (name, value) = pair.split_once('=')?;
            let value = percent_decode_str(value.trim()).decode_utf8().ok()?.into_owned();
            let name = name.trim().parse::<http::HeaderName>().ok()?;
            http::HeaderValue::from_str(&value).ok()?;
            Some((name.as_str().to_owned(), Secret(value)))
        };
        let headers: Option<Vec<_>> = pairs.map(read).collect();
        if headers.is_none() {
            self.problem(KEY, "takes name=value, more than one with commas between them");
        }
        headers.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;

    fn read(values: &[(&str, &str)]) -> Result<Option<OtlpSettings>, Vec<String>> {
        let values = values.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
        let named = |problems: Vec<crate::config::SettingError>| problems.into_iter().map(|it| it.key).collect();
        Settings::from_values(values).map(|settings| settings.otlp).map_err(named)
    }

    #[test]
    fn nothing_is_sent_unless_a_collector_is_named() {
        assert_eq!(read(&[("OTEL_SERVICE_NAME", "ret-dev")]).unwrap(), None);
        let disabled = [("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318"), ("OTEL_SDK_DISABLED", "true")];
        assert_eq!(read(&disabled).unwrap(), None);
    }

    #[test]
    fn each_signal_has_its_path_or_an_address_of_its_own() {
        let both = read(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "https://collector.example.org/otlp/")]).unwrap().unwrap();
        assert_eq!(both.traces.as_deref(), Some("https://collector.example.org/otlp/v1/traces"));
        assert_eq!(both.metrics.as_deref(), Some("https://collector.example.org/otlp/v1/metrics"));
        assert_eq!((both.timeout.as_secs(), both.interval.as_secs(), both.service.as_str()), (10, 60, "ret"));
        let one = read(&[("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://collector:4318/traces")]).unwrap().unwrap();
        assert_eq!((one.traces.as_deref(), one.metrics), (Some("http://collector:4318/traces"), None));
    }

    #[test]
    fn headers_are_read_and_never_printed() {
        let given = [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://collector.example.org"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=hunter22%2C, X-Tenant = one"),
        ];
        let settings = read(&given).unwrap().unwrap();
        let headers: Vec<_> = settings.headers.iter().map(|(name, value)| (name.as_str(), value.expose())).collect();
        assert_eq!(headers, [("api-key", "hunter22,"), ("x-tenant", "one")]);
        assert!(!format!("{settings:?}").contains("hunter22"));
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        let with_header = |endpoint| {
            read(&[("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint), ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=hunter22")])
        };
        assert!(with_header("http://127.0.0.1:4318").unwrap().is_some());
        assert_eq!(with_header("http://collector:4318").unwrap_err(), ["OTEL_EXPORTER_OTLP_HEADERS"]);
        for (key, value) in [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://me:secret@collector"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "hunter22"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "0"),
        ] {
            assert_eq!(read(&[(key, value)]).unwrap_err(), [key], "{value}");
        }
    }
}
