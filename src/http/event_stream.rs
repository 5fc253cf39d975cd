//! Server-sent events, as every stream of the service sends them.

use std::{convert::Infallible, time::Duration};

use axum::response::{
    IntoResponse, Response, Sse,
    sse::{Event, KeepAlive},
};
use futures::{Stream, StreamExt as _};
use http::{HeaderName, header};

/// Silence on an event stream is broken this often, well within every proxy's patience.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// The answer that sends these events.
pub fn event_stream(events: impl Stream<Item = Event> + Send + 'static) -> Response {
    // Proxies that gather answers would hold the events back.
    let headers = [(HeaderName::from_static("x-accel-buffering"), "no"), (header::CACHE_CONTROL, "no-store")];
    let events = events.map(Ok::<_, Infallible>);
    (headers, Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))).into_response()
}
