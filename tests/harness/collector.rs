//! A collector of OpenTelemetry that keeps what it is sent, in the wire format of OTLP over HTTP.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU16, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    response::{IntoResponse as _, Response},
    routing::post,
};
use http::{HeaderMap, StatusCode, header};
use opentelemetry_proto::tonic::{
    collector::{metrics::v1::ExportMetricsServiceRequest, trace::v1::ExportTraceServiceRequest},
    trace::v1::Span,
};
use prost::Message as _;
use tokio::sync::watch;

/// A running collector. It runs as long as the test.
pub struct Collector {
    address: SocketAddr,
    kept: Arc<Kept>,
}

struct Kept {
    /// What it answers; 0: nothing, ever.
    status: AtomicU16,
    traces: Mutex<Vec<ExportTraceServiceRequest>>,
    metrics: Mutex<Vec<ExportMetricsServiceRequest>>,
    headers: Mutex<Vec<HeaderMap>>,
    calls: watch::Sender<usize>,
}

/// A span as it came.
#[derive(Clone, Debug)]
pub struct SeenSpan {
    pub name: String,
    pub trace: String,
    pub id: String,
    /// Empty for the first of a trace.
    pub parent: String,
    /// As in the wire format: 1 internal, 2 server, 5 consumer.
    pub kind: i32,
    pub whole: Span,
}

impl SeenSpan {
    /// The value of an attribute as text.
    pub fn attribute(&self, name: &str) -> Option<String> {
        let found = self.whole.attributes.iter().find(|attribute| attribute.key == name)?;
        Some(match found.value.as_ref()?.value.as_ref()? {
            opentelemetry_proto::tonic::common::v1::any_value::Value::StringValue(text) => text.clone(),
            other => format!("{other:?}"),
        })
    }
}

impl Collector {
    pub async fn start() -> Self {
        let kept = Arc::new(Kept {
            status: AtomicU16::new(200),
            traces: Mutex::default(),
            metrics: Mutex::default(),
            headers: Mutex::default(),
            calls: watch::channel(0).0,
        });
        let router = Router::new()
            .route("/v1/traces", post(take_traces))
            .route("/v1/metrics", post(take_metrics))
            .with_state(Arc::clone(&kept));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, kept }
    }

    /// The settings by which a process sends here, and soon.
    pub fn settings(&self) -> Vec<(String, String)> {
        let settings = [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://{}", self.address)),
            ("OTEL_BSP_SCHEDULE_DELAY", "100".to_owned()),
            ("OTEL_METRIC_EXPORT_INTERVAL", "200".to_owned()),
        ];
        settings.map(|(name, value)| (name.to_owned(), value)).into()
    }

    /// Answers with this status from now on; 0 has it never answer.
    pub fn answer(&self, status: u16) {
        self.kept.status.store(status, Ordering::SeqCst);
    }

    /// How often it was called, and waits for a call more if it is not more than `count`.
    pub async fn calls_beyond(&self, count: usize) -> usize {
        let mut calls = self.kept.calls.subscribe();
        let more = calls.wait_for(|calls| *calls > count);
        *tokio::time::timeout(Duration::from_secs(60), more).await.expect("nothing more comes").unwrap()
    }

    /// The headers of all calls.
    pub fn headers(&self) -> Vec<HeaderMap> {
        self.kept.headers.lock().unwrap().clone()
    }

    /// All spans so far.
    pub fn spans(&self) -> Vec<SeenSpan> {
        let traces = self.kept.traces.lock().unwrap();
        let spans = traces.iter().flat_map(|sent| &sent.resource_spans).flat_map(|of_one| &of_one.scope_spans);
        spans.flat_map(|scope| &scope.spans).map(seen).collect()
    }

    /// The names of the figures so far.
    pub fn figures(&self) -> BTreeSet<String> {
        let metrics = self.kept.metrics.lock().unwrap();
        let scopes = metrics.iter().flat_map(|sent| &sent.resource_metrics).flat_map(|of_one| &of_one.scope_metrics);
        scopes.flat_map(|scope| &scope.metrics).map(|metric| metric.name.clone()).collect()
    }

    /// Waits until such a span has come.
    pub async fn span(&self, is_it: impl Fn(&SeenSpan) -> bool) -> SeenSpan {
        let mut calls = 0;
        loop {
            if let Some(span) = self.spans().into_iter().find(&is_it) {
                return span;
            }
            calls = self.calls_beyond(calls).await;
        }
    }

    /// Everything that came, as text to be searched.
    pub fn whole(&self) -> String {
        let (traces, metrics) = (self.kept.traces.lock().unwrap(), self.kept.metrics.lock().unwrap());
        format!("{traces:?}\n{metrics:?}")
    }
}

fn seen(span: &Span) -> SeenSpan {
    let hexadecimal = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    SeenSpan {
        name: span.name.clone(),
        trace: hexadecimal(&span.trace_id),
        id: hexadecimal(&span.span_id),
        parent: hexadecimal(&span.parent_span_id),
        kind: span.kind,
        whole: span.clone(),
    }
}

async fn take_traces(State(kept): State<Arc<Kept>>, headers: HeaderMap, body: Bytes) -> Response {
    let sent = ExportTraceServiceRequest::decode(body).unwrap();
    take(&kept, headers, |kept| kept.traces.lock().unwrap().push(sent)).await
}

async fn take_metrics(State(kept): State<Arc<Kept>>, headers: HeaderMap, body: Bytes) -> Response {
    let sent = ExportMetricsServiceRequest::decode(body).unwrap();
    take(&kept, headers, |kept| kept.metrics.lock().unwrap().push(sent)).await
}

async fn take(kept: &Kept, headers: HeaderMap, keep: impl FnOnce(&Kept)) -> Response {
    let status = kept.status.load(Ordering::SeqCst);
    if status == 200 {
        keep(kept);
    }
    kept.headers.lock().unwrap().push(headers);
    kept.calls.send_modify(|calls| *calls += 1);
    if status == 0 {
        std::future::pending::<()>().await;
    }
    let kind = [(header::CONTENT_TYPE, "application/x-protobuf")];
    (StatusCode::from_u16(status).unwrap(), kind).into_response()
}
