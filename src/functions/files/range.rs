//! The `Range` header: one range of bytes, or the whole file.

use std::ops::Range;

use http::{HeaderMap, header};

/// What part of a file a request wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All of it. Also for several ranges and for headers that cannot be read: RFC 9110 lets a server ignore those.
    Whole,
    /// These bytes, not empty.
    Part(Range<u64>),
    /// Nothing that the file has.
    Outside,
}

pub(super) fn wanted_range(headers: &HeaderMap, length: u64) -> Wanted {
    let Some(value) = headers.get(header::RANGE) else { return Wanted::Whole };
    let parsed = value.to_str().ok().and_then(|text| http_range_header::parse_range_header(text).ok());
    let Some(parsed) = parsed.filter(|parsed| parsed.ranges.len() == 1) else { return Wanted::Whole };
    match parsed.validate(length).ok().and_then(|ranges| ranges.into_iter().next()) {
        Some(range) => Wanted::Part(*range.start()..*range.end() + 1),
        None => Wanted::Outside,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn wanted(value: &'static str) -> Wanted {
        let headers = HeaderMap::from_iter([(header::RANGE, HeaderValue::from_static(value))]);
        wanted_range(&headers, 1_000)
    }

    #[test]
    fn one_range_is_given_back() {
        assert_eq!(wanted("bytes=0-99"), Wanted::Part(0..100));
        assert_eq!(wanted("bytes=900-"), Wanted::Part(900..1_000));
        assert_eq!(wanted("bytes=-10"), Wanted::Part(990..1_000));
        assert_eq!(wanted("bytes=990-5000"), Wanted::Part(990..1_000));
    }

    #[test]
    fn what_cannot_be_given_is_said() {
        assert_eq!(wanted("bytes=1000-"), Wanted::Outside);
        assert_eq!(wanted("bytes=0-1,5-6"), Wanted::Whole);
        assert_eq!(wanted("lines=0-1"), Wanted::Whole);
        assert_eq!(wanted_range(&HeaderMap::new(), 10), Wanted::Whole);
    }
}
