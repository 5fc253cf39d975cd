//! The cookie that holds the refresh token, and who may use it.

use std::time::Duration;

use cookie::{Cookie, SameSite};
use http::{HeaderMap, HeaderValue, header};

use super::{Problem, ProblemCode};

const PLAIN: &str = "refresh_token";
const SECURE: &str = "__Host-refresh_token";

/// How cookies are to be set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CookiePolicy {
    /// As strict as the connection of the request allows.
    #[default]
    ByConnection,
    /// For https only, whatever the connection looks like.
    SecureOnly,
}

/// Whether the client speaks https with the service (or with the front end before it).
fn is_https(headers: &HeaderMap, policy: CookiePolicy) -> bool {
    policy == CookiePolicy::SecureOnly
        || headers.get("x-forwarded-proto").is_some_and(|scheme| scheme.as_bytes().eq_ignore_ascii_case(b"https"))
}

/// The `Set-Cookie` value for a token that holds for `lifetime`.
pub fn refresh_cookie(
    headers: &HeaderMap,
    policy: CookiePolicy,
    token: &str,
    lifetime: Duration,
) -> Result<HeaderValue, Problem> {
    let seconds = i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX);
    build(headers, policy, token, cookie::time::Duration::seconds(seconds))
}

/// The `Set-Cookie` value that removes the cookie.
pub fn no_refresh_cookie(headers: &HeaderMap, policy: CookiePolicy) -> Result<HeaderValue, Problem> {
    build(headers, policy, "", cookie::time::Duration::ZERO)
}

fn build(
    headers: &HeaderMap,
    policy: CookiePolicy,
    token: &str,
    max_age: cookie::time::Duration,
) -> Result<HeaderValue, Problem> {
    let secure = is_https(headers, policy);
    let cookie = Cookie::build((if secure { SECURE } else { PLAIN }, token))
        .path("/")
        .http_only(true)
        .secure(secure)
        .same_site(SameSite::Strict)
        .max_age(max_age);
    HeaderValue::from_str(&cookie.to_string()).map_err(|_| Problem::of(ProblemCode::Internal))
}

/// The refresh token that the request brings. Over https only the cookie that no other site and no subdomain can set counts.
#[must_use]
pub fn refresh_token(headers: &HeaderMap, policy: CookiePolicy) -> Option<String> {
    let name = if is_https(headers, policy) { SECURE } else { PLAIN };
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(Cookie::split_parse)
        .filter_map(Result::ok)
        .find(|cookie| cookie.name() == name)
        .map(|cookie| cookie.value().to_owned())
}

/// Refuses a call that rests on the cookie alone if a browser says that another site made it. Clients that are no browsers send neither
/// header, and carry no cookies of other people.
pub fn refuse_cross_site(headers: &HeaderMap) -> Result<(), Problem> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let allowed = match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => {
            let host = text("x-forwarded-host").or_else(|| text("host"));
            host.is_some_and(|host| origin.split_once("://").is_some_and(|(_, authority)| authority == host))
        }
        (None, None) => true,
    };
    if allowed { Ok(()) } else { Err(Problem::of(ProblemCode::CrossSite)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BY_CONNECTION: CookiePolicy = CookiePolicy::ByConnection;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn the_cookie_is_as_strict_as_the_connection_allows() {
        let plain = refresh_cookie(&headers(&[]), BY_CONNECTION, "abc", Duration::from_secs(60)).unwrap();
        assert_eq!(plain, "refresh_token=abc; HttpOnly; SameSite=Strict; Path=/; Max-Age=60");
        let https =
            refresh_cookie(&headers(&[("x-forwarded-proto", "https")]), BY_CONNECTION, "abc", Duration::from_secs(60))
                .unwrap();
        assert_eq!(https, "__Host-refresh_token=abc; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=60");
    }

    #[test]
    fn over_https_the_plain_cookie_does_not_count() {
        let both = headers(&[("cookie", "a=b; refresh_token=abc")]);
        assert_eq!(refresh_token(&both, BY_CONNECTION).as_deref(), Some("abc"));
        let https = headers(&[("cookie", "refresh_token=abc"), ("x-forwarded-proto", "https")]);
        assert_eq!(refresh_token(&https, BY_CONNECTION), None);
    }

    #[test]
    fn in_production_only_the_strict_cookie_is_set_and_read() {
        let set = refresh_cookie(&headers(&[]), CookiePolicy::SecureOnly, "abc", Duration::from_secs(60)).unwrap();
        assert!(set.to_str().unwrap().starts_with("__Host-refresh_token=abc"));
        assert_eq!(refresh_token(&headers(&[("cookie", "refresh_token=abc")]), CookiePolicy::SecureOnly), None);
    }

    #[test]
    fn another_site_is_refused() {
        let refused = |pairs| refuse_cross_site(&headers(pairs)).is_err();
        assert!(!refused(&[]));
        assert!(!refused(&[("sec-fetch-site", "same-origin")]));
        assert!(refused(&[("sec-fetch-site", "cross-site")]));
        assert!(refused(&[("sec-fetch-site", "same-site")]));
        assert!(!refused(&[("origin", "http://127.0.0.1:7071"), ("host", "127.0.0.1:7071")]));
        assert!(refused(&[("origin", "http://evil.example"), ("host", "127.0.0.1:7071")]));
        assert!(refused(&[("origin", "null"), ("host", "127.0.0.1:7071")]));
    }
}
