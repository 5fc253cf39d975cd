//! `web`: the page, out of the executable.
//!
//! `web/dist` is built in as it was when the executable was made, in release and debug builds alike. An executable that was made without it
//! says at `/` how to get it, and serves the API all the same.

mod encoding;
mod file;
mod policy;

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use axum::{Router, response::Response, routing::get};
use http::{HeaderMap, Method, StatusCode, header, request::Parts};
use rust_embed::RustEmbed;

use crate::runtime::HttpFunction;
use encoding::Encoding;
use file::{Variant, WebFile};
use policy::Policy;

/// The file that is sent at `/`.
const INDEX: &str = "index.html";

/// Everything that belongs to the page, its Brotli and gzip forms beside each file.
#[derive(RustEmbed)]
#[folder = "web/dist"]
#[allow_missing = true]
struct Built;

/// The page's files. `origins` are those, beside its own, to which the page may send files.
pub(super) fn function(origins: &[String]) -> HttpFunction {
    let policy = Arc::new(Policy::new(origins));
    let mut router = Router::new();
    let mut paths = Vec::new();
    for (name, file) in files() {
        let path = if name == INDEX { "/".to_owned() } else { format!("/{name}") };
        let (file, policy) = (Arc::new(file), Arc::clone(&policy));
        let answer = move |headers: HeaderMap| async move { file.answer(&headers, &policy) };
        router = router.route(&path, get(answer));
        paths.push(path);
    }
    let router = router.method_not_allowed_fallback(super::method_not_allowed);
    paths.into_iter().fold(HttpFunction::new(router), |function, path| function.endpoint(Method::GET, path))
}

/// What somebody gets whose browser asks for a page that is not there. `None` for all other requests, and for those to the API.
#[must_use]
pub fn not_found_page(asked: &Parts) -> Option<Response> {
    let is_of_api = asked.uri.path().split('/').nth(1).is_some_and(|first| first.eq_ignore_ascii_case("api"));
    let wants_page = asked
        .headers
        .get_all(header::ACCEPT)
        .iter()
        .any(|value| value.to_str().is_ok_and(|accepted| accepted.contains("text/html")));
    if is_of_api || !wants_page || !matches!(asked.method, Method::GET | Method::HEAD) {
        return None;
    }
    let page = WebFile::of_text(INDEX, include_str!("not_found.html"));
    let mut response = page.answer(&HeaderMap::new(), &Policy::new(&[]));
    *response.status_mut() = StatusCode::NOT_FOUND;
    response.headers_mut().remove(header::ETAG);
    Some(response)
}

/// The files by their names, the page among them, or the one that stands for it.
fn files() -> BTreeMap<String, WebFile> {
    let mut files: BTreeMap<String, WebFile> = BTreeMap::new();
    let names: Vec<Cow<'static, str>> = Built::iter().collect();
    for name in names.iter().filter(|name| Encoding::of_name(name).is_none()) {
        let forms = Encoding::ALL.into_iter().map(|encoding| (Some(encoding), format!("{name}{}", encoding.ending())));
        let forms = forms.chain([(None, name.to_string())]);
        let variants = forms.filter_map(|(encoding, name)| {
            let built = Built::get(&name)?;
            Some(Variant::new(encoding, built.data, &built.metadata.sha256_hash()))
        });
        files.insert(name.to_string(), WebFile::new(name, variants.collect()));
    }
    let plain = || WebFile::of_text(INDEX, include_str!("without_page.html"));
    files.entry(INDEX.to_owned()).or_insert_with(plain);
    files
}
