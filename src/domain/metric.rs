//! Figures that the service tells of itself, whoever reads them and in whatever form.

/// One figure, with a value for each combination of its labels.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    /// Its name, the unit last: `ret_file_bytes`. A counter ends with `_total`.
    pub name: &'static str,
    /// What it counts, as a sentence.
    pub help: &'static str,
    /// What may be made of it.
    pub kind: MetricKind,
    /// Its values; none if there is nothing to tell.
    pub values: Vec<MetricValue>,
}

/// What may be made of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricKind {
    /// Only grows while the process runs.
    Counter,
    /// Goes up and down.
    Gauge,
}

/// One value of a figure.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricValue {
    /// Names and values of labels. There are few combinations, and none that a client makes up.
    pub labels: Vec<(&'static str, String)>,
    /// The value.
    pub value: MetricNumber,
}

/// A value as it is counted or measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MetricNumber {
    /// A count.
    Whole(u64),
    /// A share of 100.
    Percent(f64),
}

impl Metric {
    /// A counter, without values yet.
    #[must_use]
    pub fn counter(name: &'static str, help: &'static str) -> Self {
        Self { name, help, kind: MetricKind::Counter, values: Vec::new() }
    }

    /// A gauge, without values yet.
    #[must_use]
    pub fn gauge(name: &'static str, help: &'static str) -> Self {
        Self { name, help, kind: MetricKind::Gauge, values: Vec::new() }
    }

    /// The same with its only value.
    #[must_use]
    pub fn of(self, value: u64) -> Self {
        self.with(&[], value)
    }

    /// The same with a share of 100 as its only value.
    #[must_use]
    pub fn of_percent(mut self, percent: f64) -> Self {
        self.values.push(MetricValue { labels: Vec::new(), value: MetricNumber::Percent(percent) });
        self
    }

    /// The same with one more value.
    #[must_use]
    pub fn with(mut self, labels: &[(&'static str, &str)], value: u64) -> Self {
        let labels = labels.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        self.values.push(MetricValue { labels, value: MetricNumber::Whole(value) });
        self
    }
}
