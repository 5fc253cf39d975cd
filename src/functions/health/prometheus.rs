//! Figures as the text that Prometheus reads.

use std::fmt::Write as _;

use crate::domain::{Metric, MetricKind, MetricNumber};

/// The content type of the text.
pub(super) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The figures, each with what it means. A figure without a value is named all the same.
pub(super) fn text(metrics: &[Metric]) -> String {
    let mut text = String::new();
    for Metric { name, help, kind, values } in metrics {
        let kind = match kind {
            MetricKind::Counter => "counter",
            MetricKind::Gauge => "gauge",
        };
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
        for value in values {
            let labels = value.labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value)));
            let labels = labels.collect::<Vec<_>>().join(",");
            let labels = if labels.is_empty() { labels } else { format!("{{{labels}}}") };
            let _ = match value.value {
                MetricNumber::Whole(number) => writeln!(text, "{name}{labels} {number}"),
                MetricNumber::Percent(percent) => writeln!(text, "{name}{labels} {percent:.1}"),
            };
        }
    }
    text
}

/// A text as the value of a label.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_figure_says_what_it_is() {
        let models = Metric::counter("ret_tokens_total", "Tokens.").with(&[("model", "a \"b\"\n"), ("way", "in")], 3);
        let percent = Metric::gauge("ret_hit_percent", "Hits.").of_percent(87.94);
        let jobs = Metric::gauge("ret_jobs", "Jobs.");
        assert_eq!(
            text(&[models, percent, jobs]),
            "# HELP ret_tokens_total Tokens.\n# TYPE ret_tokens_total counter\n\
             ret_tokens_total{model=\"a \\\"b\\\"\\n\",way=\"in\"} 3\n\
             # HELP ret_hit_percent Hits.\n# TYPE ret_hit_percent gauge\nret_hit_percent 87.9\n\
             # HELP ret_jobs Jobs.\n# TYPE ret_jobs gauge\n"
        );
    }
}
