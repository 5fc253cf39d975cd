//! The HTTP client that carries traces and figures to a collector.

use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use opentelemetry_http::{HttpClient, HttpError, Request, Response};
use reqwest::{Client, header::CONTENT_TYPE, redirect};
use tokio::runtime::Handle;

use crate::config::OtlpSettings;

/// Bytes of an answer, which says little.
const MOST_ANSWER_BYTES: usize = 64 << 10;

/// A collector as one signal sees it. Calls run in the runtime that it was made in, for those who make them are threads outside of it.
#[derive(Debug)]
pub(super) struct Collector {
    client: Client,
    runtime: Handle,
    /// What is sent, for the log.
    signal: &'static str,
    is_away: AtomicBool,
}

impl Collector {
    pub(super) fn new(settings: &OtlpSettings, signal: &'static str) -> reqwest::Result<Self> {
        let client = Client::builder()
            .user_agent(concat!("ret/", env!("CARGO_PKG_VERSION")))
            .timeout(settings.timeout)
            // A key does not follow to where a server points.
            .redirect(redirect::Policy::none())
            .referer(false)
            .build()?;
        Ok(Self { client, runtime: Handle::current(), signal, is_away: AtomicBool::new(false) })
    }

    /// Sends nothing, which is a message of no bytes.
    pub(super) async fn check(settings: &OtlpSettings, signal: &'static str, place: &str) -> Result<(), String> {
        let collector = Self::new(settings, signal).map_err(|error| error.to_string())?;
        let mut request = collector.client.post(place).header(CONTENT_TYPE, "application/x-protobuf");
        for (name, value) in &settings.headers {
            request = request.header(name, value.expose());
        }
        let answer = request.body(Bytes::new()).send().await.map_err(|error| with_causes(&error.without_url()))?;
        let status = answer.status();
        if status.is_success() { Ok(()) } else { Err(format!("answered {}", status.as_u16())) }
    }

    /// Tells once that the collector does not take what is sent, and once that it does again.
    fn note(&self, trouble: Option<&str>) {
        let was_away = self.is_away.swap(trouble.is_some(), Ordering::Relaxed);
        match trouble {
            Some(error) if !was_away => {
                tracing::warn!(signal = self.signal, error, "the collector does not take what is sent; trying on");
            }
            None if was_away => tracing::info!(signal = self.signal, "the collector takes what is sent again"),
            _ => {}
        }
    }
}

#[async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (client, request) = (self.client.clone(), request.try_into()?);
        let called = self.runtime.spawn(async move {
            let mut answer = client.execute(request).await?;
            let mut body = BytesMut::new();
            while let Some(piece) = answer.chunk().await? {
                if body.len() + piece.len() > MOST_ANSWER_BYTES {
                    break;
                }
                body.extend_from_slice(&piece);
            }
            Ok::<_, reqwest::Error>((answer.status(), std::mem::take(answer.headers_mut()), body.freeze()))
        });
        match called.await? {
            Ok((status, headers, body)) => {
                let refused = (!status.is_success()).then(|| format!("answered {}", status.as_u16()));
                self.note(refused.as_deref());
                let mut response = Response::new(body);
                *response.status_mut() = status;
                *response.headers_mut() = headers;
                Ok(response)
            }
            Err(error) => {
                let error = error.without_url();
                self.note(Some(&with_causes(&error)));
                Err(error.into())
            }
        }
    }
}

/// What the error says, and what lies beneath it.
fn with_causes(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
