//! Entity tags in conditional requests.

use http::{HeaderMap, HeaderName};

/// Whether the header names this tag, among others perhaps, or all (`*`). Weak and strong tags are the same here.
#[must_use]
pub fn names_etag(headers: &HeaderMap, name: HeaderName, etag: &str) -> bool {
    headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).any(
        |candidate| {
            let candidate = candidate.trim();
            candidate == "*" || candidate.strip_prefix("W/").unwrap_or(candidate) == etag
        },
    )
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, header};

    use super::*;

    #[test]
    fn a_tag_is_found_among_others() {
        for (value, named) in
            [("\"a\"", true), ("\"b\", W/\"a\"", true), ("*", true), ("\"b\"", false), ("a", false), ("", false)]
        {
            let headers: HeaderMap =
                [(header::IF_NONE_MATCH, HeaderValue::from_str(value).unwrap())].into_iter().collect();
            assert_eq!(names_etag(&headers, header::IF_NONE_MATCH, "\"a\""), named, "{value}");
        }
        assert!(!names_etag(&HeaderMap::new(), header::IF_NONE_MATCH, "\"a\""));
    }
}
