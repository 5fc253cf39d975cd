//! One file with its encodings, and the answer that sends it.

use std::borrow::Cow;

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use sha2::{Digest as _, Sha256};

use super::{encoding::Encoding, policy::Policy};
use crate::http::etag::names_etag;

/// A name below this folder has a digest of the content in it, so what it stands for never changes.
const FOR_EVER: &str = "assets/";

/// A file, in the order in which its encodings are preferred; the plain bytes are last.
pub(super) struct WebFile {
    content_type: HeaderValue,
    cache_control: HeaderValue,
    variants: Vec<Variant>,
}

/// The bytes of a file in one encoding.
pub(super) struct Variant {
    encoding: Option<Encoding>,
    etag: String,
    bytes: Bytes,
}

impl WebFile {
    pub(super) fn new(name: &str, variants: Vec<Variant>) -> Self {
        let is_for_ever = name.starts_with(FOR_EVER);
        let cache_control = if is_for_ever { "public, max-age=31536000, immutable" } else { "no-cache" };
        Self {
            content_type: HeaderValue::from_static(content_type(name)),
            cache_control: HeaderValue::from_static(cache_control),
            variants,
        }
    }

    /// A file of one text.
    pub(super) fn of_text(name: &str, text: &'static str) -> Self {
        Self::new(name, vec![Variant::new(None, Cow::Borrowed(text.as_bytes()), &Sha256::digest(text))])
    }

    /// The file as the client takes it, or 304 if it has it.
    pub(super) fn answer(&self, asked: &HeaderMap, policy: &Policy) -> Response {
        let is_accepted = |variant: &&Variant| variant.encoding.is_none_or(|encoding| encoding.is_accepted(asked));
        let Some(variant) = self.variants.iter().find(is_accepted) else {
            return StatusCode::NOT_FOUND.into_response();
        };
        let is_known = names_etag(asked, header::IF_NONE_MATCH, &variant.etag);
        let mut response = if is_known {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            Response::new(Body::from(variant.bytes.clone()))
        };
        let headers = response.headers_mut();
        if !is_known {
            headers.insert(header::CONTENT_TYPE, self.content_type.clone());
            if let Some(encoding) = variant.encoding {
                headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding.name()));
            }
        }
        headers.insert(header::CACHE_CONTROL, self.cache_control.clone());
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if let Ok(etag) = HeaderValue::from_str(&variant.etag) {
            headers.insert(header::ETAG, etag);
        }
        policy.add_to(headers);
        response
    }
}

impl Variant {
    /// `digest` tells these bytes from all others.
    pub(super) fn new(encoding: Option<Encoding>, bytes: Cow<'static, [u8]>, digest: &[u8]) -> Self {
        let tag = URL_SAFE_NO_PAD.encode(digest);
        let bytes = match bytes {
            Cow::Borrowed(bytes) => Bytes::from_static(bytes),
            Cow::Owned(bytes) => Bytes::from(bytes),
        };
        Self { encoding, etag: format!("\"{tag}\""), bytes }
    }
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "txt" => "text/plain; charset=utf-8",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;

    use super::*;

    fn script() -> WebFile {
        let variants = [(Some(Encoding::Brotli), "br"), (Some(Encoding::Gzip), "gzip"), (None, "plain")];
        let variants =
            variants.map(|(encoding, text)| Variant::new(encoding, Cow::Borrowed(text.as_bytes()), text.as_bytes()));
        WebFile::new("assets/index-abc.js", variants.into())
    }

    fn asking(name: header::HeaderName, value: &str) -> HeaderMap {
        [(name, HeaderValue::from_str(value).unwrap())].into_iter().collect()
    }

    async fn body(response: Response) -> Bytes {
        to_bytes(response.into_body(), 100).await.unwrap()
    }

    #[tokio::test]
    async fn the_best_encoding_that_the_client_takes_is_sent() {
        let policy = Policy::new(&[]);
        for (accepted, sent) in [("gzip, deflate, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip;q=0.1", "gzip")] {
            let response = script().answer(&asking(header::ACCEPT_ENCODING, accepted), &policy);
            assert_eq!(response.headers()[header::CONTENT_ENCODING], sent, "{accepted}");
            assert_eq!(response.headers()[header::VARY], "accept-encoding");
            assert_eq!(body(response).await, sent);
        }
        let response = script().answer(&HeaderMap::new(), &policy);
        assert!(!response.headers().contains_key(header::CONTENT_ENCODING));
        assert_eq!(body(response).await, "plain");
    }

    #[tokio::test]
    async fn each_encoding_has_its_own_tag_and_what_is_known_is_not_sent_again() {
        let policy = Policy::new(&[]);
        let plain = script().answer(&HeaderMap::new(), &policy).headers()[header::ETAG].clone();
        let mut asked = asking(header::ACCEPT_ENCODING, "br");
        asked.insert(header::IF_NONE_MATCH, plain);
        let response = script().answer(&asked, &policy);
        assert_eq!(response.status(), StatusCode::OK, "the client has other bytes");
        asked.insert(header::IF_NONE_MATCH, response.headers()[header::ETAG].clone());
        let known = script().answer(&asked, &policy);
        assert_eq!(known.status(), StatusCode::NOT_MODIFIED);
        for kept in [header::ETAG, header::VARY, header::CACHE_CONTROL, header::CONTENT_SECURITY_POLICY] {
            assert_eq!(known.headers()[&kept], response.headers()[&kept]);
        }
        assert!(body(known).await.is_empty());
    }

    #[test]
    fn what_has_its_digest_in_its_name_is_kept_for_ever_and_all_else_is_asked_for() {
        let cached = |name| WebFile::of_text(name, "x").answer(&HeaderMap::new(), &Policy::new(&[]));
        assert!(cached("assets/a-1.css").headers()[header::CACHE_CONTROL].to_str().unwrap().ends_with("immutable"));
        assert_eq!(cached("index.html").headers()[header::CACHE_CONTROL], "no-cache");
        assert_eq!(cached("licenses.txt").headers()[header::CONTENT_TYPE], "text/plain; charset=utf-8");
    }
}
