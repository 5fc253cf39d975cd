//! The headers that go with every file of the page. `web/dev/policy.mjs` has them for development; a test holds both together.

use http::{HeaderMap, HeaderName, HeaderValue, header};

/// What the page may do, but for where it may send to.
const DIRECTIVES: [&str; 10] = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
];

const HEADERS: [(HeaderName, &str); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
];

/// The headers, made once.
pub(super) struct Policy(Vec<(HeaderName, HeaderValue)>);

impl Policy {
    /// `origins` are those, beside its own, that the page may send to. One that cannot stand in a header is left out.
    pub(super) fn new(origins: &[String]) -> Self {
        let mut targets = "connect-src 'self'".to_owned();
        for origin in origins.iter().filter(|origin| is_plain(origin)) {
            targets.push(' ');
            targets.push_str(origin);
        }
        let policy = DIRECTIVES.iter().copied().chain([targets.as_str()]).collect::<Vec<_>>().join("; ");
        let mut headers: Vec<_> =
            HEADERS.into_iter().map(|(name, value)| (name, HeaderValue::from_static(value))).collect();
        headers.extend(HeaderValue::from_str(&policy).ok().map(|value| (header::CONTENT_SECURITY_POLICY, value)));
        Self(headers)
    }

    pub(super) fn add_to(&self, headers: &mut HeaderMap) {
        headers.extend(self.0.iter().cloned());
    }
}

/// Whether it is one origin, and cannot end the directive.
fn is_plain(origin: &str) -> bool {
    origin.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b';' | b',' | b'\''))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(origins: &[&str]) -> String {
        let origins: Vec<String> = origins.iter().map(|&origin| origin.to_owned()).collect();
        let mut headers = HeaderMap::new();
        Policy::new(&origins).add_to(&mut headers);
        headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned()
    }

    #[test]
    fn nothing_inline_and_nothing_foreign_is_allowed() {
        let policy = policy(&[]);
        assert!(policy.ends_with("; connect-src 'self'"), "{policy}");
        assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
    }

    #[test]
    fn the_page_may_send_to_the_store_and_nowhere_else() {
        let store = policy(&["https://ret.blob.core.windows.net"]);
        assert!(store.ends_with("; connect-src 'self' https://ret.blob.core.windows.net"), "{store}");
        assert_eq!(policy(&["https://a; script-src *", "'unsafe-eval'", "a b"]), policy(&[]));
    }
}
