//! How the host takes a request's body: those with a length are read whole before anything is called.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use axum::body::Body;
use bytes::Bytes;
use futures::StreamExt as _;
use http::{HeaderMap, header};
use http_body_util::BodyExt as _;

/// A body as the host has it when a function is called.
pub enum RequestBody {
    /// There was none, or it had a length.
    Whole(Bytes),
    /// It came in chunks and is still coming.
    Streamed(LimitedBody),
}

/// A body of chunks, and whether it went beyond the limit.
pub struct LimitedBody {
    pub body: Body,
    pub is_too_large: Arc<AtomicBool>,
}

/// Why a body was not taken.
pub enum Refused {
    TooLarge,
    Broken,
}

/// Reads a body with a length; wraps one without.
pub async fn take(headers: &HeaderMap, body: Body, limit: u64) -> Result<RequestBody, Refused> {
    let Some(length) = headers.get(header::CONTENT_LENGTH) else {
        if headers.contains_key(header::TRANSFER_ENCODING) {
            return Ok(RequestBody::Streamed(limited(body, limit)));
        }
        return Ok(RequestBody::Whole(Bytes::new()));
    };
    let length: u64 = length.to_str().ok().and_then(|text| text.parse().ok()).ok_or(Refused::Broken)?;
    if length > limit {
        return Err(Refused::TooLarge);
    }
    let whole = body.collect().await.map_err(|_| Refused::Broken)?;
    Ok(RequestBody::Whole(whole.to_bytes()))
}

fn limited(body: Body, limit: u64) -> LimitedBody {
    let (is_too_large, seen) = (Arc::new(AtomicBool::new(false)), AtomicU64::new(0));
    let mark = Arc::clone(&is_too_large);
    let counted = body.into_data_stream().map(move |chunk| {
        let chunk = chunk.map_err(io::Error::other)?;
        let length = chunk.len() as u64;
        if seen.fetch_add(length, Ordering::Relaxed) + length > limit {
            mark.store(true, Ordering::Relaxed);
            return Err(io::Error::other("the body is beyond the limit"));
        }
        Ok(chunk)
    });
    LimitedBody { body: Body::from_stream(counted), is_too_large }
}
