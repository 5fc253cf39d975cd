//! Traces and figures on their way to a collector, by OTLP over HTTP. Who works never waits for it: what cannot be sent is dropped.

use std::{collections::HashMap, time::Duration};

use opentelemetry::{KeyValue, trace::SpanKind};
use opentelemetry_otlp::{MetricExporter, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    metrics::{PeriodicReader, SdkMeterProvider},
    trace::{IdGenerator as _, RandomIdGenerator, SdkTracerProvider, SpanData},
};

use super::{collector::Collector, figures::Figures};
use crate::{
    config::{OtlpSettings, SettingError},
    domain::Metric,
};

/// How long the end of the process waits for what is left to be sent.
const END_WITHIN: Duration = Duration::from_secs(3);

/// The reader of figures sends when it is told to; by itself it would send old ones.
const BY_ITSELF: Duration = Duration::from_secs(365 * 24 * 3600);

/// What is sent while the process runs.
pub struct Export {
    traces: Option<SdkTracerProvider>,
    figures: Option<Figures>,
    interval: Duration,
}

impl Export {
    pub(super) fn start(settings: &OtlpSettings) -> Result<Self, SettingError> {
        let resource = resource(settings);
        let traces = settings.traces.as_deref().map(|place| {
            let exporter = SpanExporter::builder()
                .with_http()
                .with_endpoint(place)
                .with_timeout(settings.timeout)
                .with_headers(headers(settings))
                .with_http_client(Collector::new(settings, "traces").map_err(unusable)?)
                .build()
                .map_err(unusable)?;
            let provider = SdkTracerProvider::builder().with_resource(resource.clone());
            Ok(provider.with_batch_exporter(OfKinds(exporter)).build())
        });
        let figures = settings.metrics.as_deref().map(|place| {
            let exporter = MetricExporter::builder()
                .with_http()
                .with_endpoint(place)
                .with_timeout(settings.timeout)
                .with_headers(headers(settings))
                .with_http_client(Collector::new(settings, "metrics").map_err(unusable)?)
                .build()
                .map_err(unusable)?;
            let reader = PeriodicReader::builder(exporter).with_interval(BY_ITSELF).build();
            let provider = SdkMeterProvider::builder().with_resource(resource.clone()).with_reader(reader).build();
            Ok(Figures::new(provider))
        });
        Ok(Self { traces: traces.transpose()?, figures: figures.transpose()?, interval: settings.interval })
    }

    pub(super) fn traces(&self) -> Option<&SdkTracerProvider> {
        self.traces.as_ref()
    }

    /// How often figures are to be told; `None` if they are not sent.
    #[must_use]
    pub fn figures_every(&self) -> Option<Duration> {
        self.figures.is_some().then_some(self.interval)
    }

    /// Sends the figures, and waits until they are sent or cannot be.
    pub async fn send_figures(&self, metrics: Vec<Metric>) {
        if let Some(figures) = &self.figures {
            figures.tell(metrics);
            let provider = figures.provider().clone();
            beside_the_runtime("figures", move || provider.force_flush()).await;
        }
    }

    /// Sends what is left, if that does not take long.
    pub async fn end(self) {
        let ended = beside_the_runtime("the rest", move || {
            let traces = self.traces.map(|traces| traces.shutdown_with_timeout(END_WITHIN));
            let figures = self.figures.map(|figures| figures.provider().shutdown());
            [traces, figures].into_iter().flatten().collect()
        });
        if tokio::time::timeout(END_WITHIN, ended).await.is_err() {
            tracing::warn!("the process ends before the last traces and figures are sent");
        }
    }
}

/// Sends each collector nothing, and says to which place and how it went: `Err` tells what is wrong.
pub async fn check_collector(settings: &OtlpSettings) -> Vec<(String, Result<(), String>)> {
    let mut found = Vec::new();
    let places = [("traces", &settings.traces), ("metrics", &settings.metrics)];
    for (signal, place) in places.into_iter().filter_map(|(signal, place)| Some((signal, place.as_deref()?))) {
        found.push((place.to_owned(), Collector::check(settings, signal, place).await));
    }
    found
}

/// Runs what waits for the collector on a thread of its own: the end of the runtime would wait for one of the runtime's.
async fn beside_the_runtime(what: &'static str, work: impl FnOnce() -> OTelSdkResult + Send + 'static) {
    let (done, ended) = tokio::sync::oneshot::channel();
    let started = std::thread::Builder::new().name("ret-export".into()).spawn(move || {
        let _ = done.send(work());
    });
    match started {
        Ok(_) => match ended.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(what, %error, "could not be sent"),
            Err(_) => tracing::debug!(what, "the thread that sends has ended"),
        },
        Err(error) => tracing::warn!(what, %error, "no thread could be started to send"),
    }
}

/// Who sends. `OTEL_RESOURCE_ATTRIBUTES` may add to it.
fn resource(settings: &OtlpSettings) -> Resource {
    let instance = RandomIdGenerator::default().new_trace_id().to_string();
    Resource::builder()
        .with_service_name(settings.service.clone())
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .with_attribute(KeyValue::new("service.instance.id", instance))
        .build()
}

/// As the library takes them, which decodes values.
fn headers(settings: &OtlpSettings) -> HashMap<String, String> {
    settings.headers.iter().map(|(name, value)| (name.clone(), value.expose().replace('%', "%25"))).collect()
}

fn unusable(error: impl std::fmt::Display) -> SettingError {
    SettingError { key: "OTEL_EXPORTER_OTLP_ENDPOINT".into(), problem: format!("cannot be used: {error}") }
}

/// Says of each span what backends tell apart: a call from outside, a message taken from a queue, or a step within.
#[derive(Debug)]
struct OfKinds(SpanExporter);

impl opentelemetry_sdk::trace::SpanExporter for OfKinds {
    async fn export(&self, mut spans: Vec<SpanData>) -> OTelSdkResult {
        for span in &mut spans {
            span.span_kind = match span.name.as_ref() {
                "invocation" => SpanKind::Server,
                "job" => SpanKind::Consumer,
                _ => SpanKind::Internal,
            };
        }
        self.0.export(spans).await
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.0.set_resource(resource);
    }
}
