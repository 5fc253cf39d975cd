//! Scheme and host under which the client reaches the service.

use http::{HeaderMap, header, uri::Authority};

use super::{Problem, ProblemCode};

/// For instance `https://ret.example.org`: what a proxy in front says, or the request's own host. Goes back to the same client only.
pub fn origin(headers: &HeaderMap) -> Result<String, Problem> {
    let first = |name: &str| Some(headers.get(name)?.to_str().ok()?.split(',').next()?.trim());
    let host = first("x-forwarded-host").or_else(|| first(header::HOST.as_str())).unwrap_or_default();
    let authority: Authority =
        host.parse().map_err(|_| Problem::new(ProblemCode::BadRequest, "the host of the request cannot be read"))?;
    let https = first("x-forwarded-proto").is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"));
    Ok(format!("{}://{authority}", if https { "https" } else { "http" }))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn of(pairs: &[(&'static str, &'static str)]) -> Option<String> {
        let headers = pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)));
        origin(&headers.collect()).ok()
    }

    #[test]
    fn the_client_finds_back_by_the_way_it_came() {
        assert_eq!(of(&[("host", "127.0.0.1:7071")]).as_deref(), Some("http://127.0.0.1:7071"));
        let proxied = [("host", "10.0.0.4"), ("x-forwarded-host", "ret.example.org"), ("x-forwarded-proto", "https")];
        assert_eq!(of(&proxied).as_deref(), Some("https://ret.example.org"));
        let twice = [("x-forwarded-host", "ret.example.org, inner"), ("x-forwarded-proto", "https, http")];
        assert_eq!(of(&twice).as_deref(), Some("https://ret.example.org"));
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[("host", "a b/c")]), None);
    }
}
