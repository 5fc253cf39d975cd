//! The figures as instruments of OpenTelemetry, by the names that they have at `/api/metrics`.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use opentelemetry::{
    KeyValue,
    metrics::{AsyncInstrument, Meter, MeterProvider as _},
};
use opentelemetry_sdk::metrics::SdkMeterProvider;

use crate::domain::{Metric, MetricKind, MetricNumber, MetricValue};

/// What was told last, by name.
type Latest = Arc<Mutex<BTreeMap<&'static str, Vec<MetricValue>>>>;

/// Instruments that show what was told last.
pub(super) struct Figures {
    provider: SdkMeterProvider,
    meter: Meter,
    latest: Latest,
    made: Mutex<Vec<&'static str>>,
}

impl Figures {
    pub(super) fn new(provider: SdkMeterProvider) -> Self {
        let meter = provider.meter("ret");
        Self { provider, meter, latest: Latest::default(), made: Mutex::default() }
    }

    pub(super) fn provider(&self) -> &SdkMeterProvider {
        &self.provider
    }

    /// Takes the place of what was told before.
    pub(super) fn tell(&self, metrics: Vec<Metric>) {
        for metric in &metrics {
            let mut made = held(&self.made);
            if !made.contains(&metric.name) {
                self.make(metric);
                made.push(metric.name);
            }
        }
        *held(&self.latest) = metrics.into_iter().map(|metric| (metric.name, metric.values)).collect();
    }

    /// Makes the instrument; the meter keeps it.
    fn make(&self, &Metric { name, help, kind, ref values }: &Metric) {
        let latest = Arc::clone(&self.latest);
        let is_percent = values.iter().any(|one| matches!(one.value, MetricNumber::Percent(_)));
        if is_percent {
            let show = move |instrument: &dyn AsyncInstrument<f64>| {
                for (labels, value) in shown(&latest, name) {
                    if let MetricNumber::Percent(percent) = value {
                        instrument.observe(percent, &labels);
                    }
                }
            };
            self.meter.f64_observable_gauge(name).with_description(help).with_callback(show).build();
            return;
        }
        let show = move |instrument: &dyn AsyncInstrument<u64>| {
            for (labels, value) in shown(&latest, name) {
                if let MetricNumber::Whole(number) = value {
                    instrument.observe(number, &labels);
                }
            }
        };
        match kind {
            MetricKind::Counter => {
                self.meter.u64_observable_counter(name).with_description(help).with_callback(show).build();
            }
            MetricKind::Gauge => {
                self.meter.u64_observable_gauge(name).with_description(help).with_callback(show).build();
            }
        }
    }
}

/// The latest values of a figure.
fn shown(latest: &Latest, name: &str) -> Vec<(Vec<KeyValue>, MetricNumber)> {
    let latest = held(latest);
    let values = latest.get(name).into_iter().flatten();
    let labels =
        |one: &MetricValue| one.labels.iter().map(|(name, value)| KeyValue::new(*name, value.clone())).collect();
    values.map(|one| (labels(one), one.value)).collect()
}

fn held<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
