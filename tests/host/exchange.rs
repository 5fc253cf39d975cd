//! The way of a proxied answer from the handler to the client, chunk by chunk, and what ends it early.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::body::{Body, HttpBody as _};
use bytes::Bytes;
use futures::stream;
use http::{Response, StatusCode, response};
use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{body::RequestBody, front::empty};

/// When something last came or went.
#[derive(Clone)]
pub struct Activity {
    last: Arc<Mutex<Instant>>,
}

impl Activity {
    pub fn new() -> Self {
        Self { last: Arc::new(Mutex::new(Instant::now())) }
    }

    pub fn touch(&self) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Returns when nothing has come or gone for so long.
    pub async fn idle_for(&self, limit: Duration) {
        loop {
            let end = *self.last.lock().unwrap_or_else(PoisonError::into_inner) + limit;
            if Instant::now() >= end {
                return;
            }
            tokio::time::sleep_until(end).await;
        }
    }
}

/// A request's body that can be sent once, by whichever attempt begins to.
pub struct Upload {
    body: Mutex<Body>,
    is_empty: bool,
    started: AtomicBool,
    too_large: Option<Arc<AtomicBool>>,
    activity: Activity,
}

impl Upload {
    pub fn of(body: RequestBody, activity: Activity) -> Arc<Self> {
        let (is_empty, too_large, body) = match body {
            RequestBody::Whole(bytes) => (bytes.is_empty(), None, Body::from(bytes)),
            RequestBody::Streamed(limited) => (false, Some(limited.is_too_large), limited.body),
        };
        Arc::new(Self { body: Mutex::new(body), is_empty, started: AtomicBool::new(false), too_large, activity })
    }

    /// Whether an attempt has taken from the body, so that no other can send it whole.
    pub fn is_started(&self) -> bool {
        self.started.load(Ordering::Relaxed)
    }

    pub fn is_too_large(&self) -> bool {
        self.too_large.as_ref().is_some_and(|mark| mark.load(Ordering::Relaxed))
    }

    /// The body for one attempt.
    pub fn attempt(self: &Arc<Self>) -> Body {
        if self.is_empty {
            return Body::empty();
        }
        let upload = Arc::clone(self);
        Body::from_stream(stream::poll_fn(move |context| upload.poll(context)))
    }

    fn poll(&self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, axum::Error>>> {
        self.started.store(true, Ordering::Relaxed);
        let mut body = self.body.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match std::task::ready!(Pin::new(&mut *body).poll_frame(context)) {
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        self.activity.touch();
                        return Poll::Ready(Some(Ok(data)));
                    }
                }
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

/// Gives an answer to the client: first its head, then its bytes.
pub struct Responder {
    head: Option<oneshot::Sender<Response<Body>>>,
    data: Option<mpsc::Sender<Result<Bytes, io::Error>>>,
    client: Weak<DropGuard>,
}

/// The client's end of a [`Responder`].
pub struct Waiting {
    head: oneshot::Receiver<Response<Body>>,
    _client: Arc<DropGuard>,
}

/// A responder, the client's end of it, and what is cancelled when the client has gone.
pub fn responder() -> (Responder, Waiting, CancellationToken) {
    let (sender, receiver) = oneshot::channel();
    let gone = CancellationToken::new();
    let client = Arc::new(gone.clone().drop_guard());
    let responder = Responder { head: Some(sender), data: None, client: Arc::downgrade(&client) };
    (responder, Waiting { head: receiver, _client: client }, gone)
}

impl Waiting {
    /// The answer's head, with a body that is still coming.
    pub async fn response(self) -> Response<Body> {
        self.head.await.unwrap_or_else(|_| empty(StatusCode::INTERNAL_SERVER_ERROR))
    }
}

impl Responder {
    /// Sends the head of an answer with a body.
    pub fn start(&mut self, parts: response::Parts) {
        let (sender, receiver) = mpsc::channel(1);
        // The body keeps the client alive from here on.
        let client = self.client.upgrade();
        let chunks = stream::unfold((receiver, client), |(mut receiver, client)| async move {
            receiver.recv().await.map(|chunk| (chunk, (receiver, client)))
        });
        self.data = Some(sender);
        self.answer(Response::from_parts(parts, Body::from_stream(chunks)));
    }

    /// Sends an answer without a body, if none was begun.
    pub fn answer(&mut self, response: Response<Body>) {
        if let Some(head) = self.head.take() {
            let _ = head.send(response);
        }
    }

    /// Sends a piece of the body; waits for the client to take it.
    pub async fn send(&mut self, chunk: Bytes) {
        if let Some(data) = &self.data {
            let _ = data.send(Ok(chunk)).await;
        }
    }

    /// Ends the answer: with a status if nothing was sent yet, or by breaking the connection.
    pub async fn fail(mut self, status: StatusCode) {
        match self.data.take() {
            Some(data) => drop(data.send(Err(io::Error::other("the answer was broken off"))).await),
            None => self.answer(empty(status)),
        }
    }
}
