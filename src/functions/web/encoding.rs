//! The encodings in which files are kept, and which of them a client takes.

use http::{HeaderMap, header};

/// An encoding of the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Brotli,
    Gzip,
}

impl Encoding {
    /// All, the smaller first.
    pub(super) const ALL: [Self; 2] = [Self::Brotli, Self::Gzip];

    /// As it is called in headers.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    /// What the build adds to the name of a file in this encoding.
    pub(super) fn ending(self) -> &'static str {
        match self {
            Self::Brotli => ".br",
            Self::Gzip => ".gz",
        }
    }

    /// The encoding of a file of this name.
    pub(super) fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|encoding| name.ends_with(encoding.ending()))
    }

    /// Whether the client names it in `Accept-Encoding`, and not with the weight 0.
    pub(super) fn is_accepted(self, headers: &HeaderMap) -> bool {
        let values = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|offer| {
            let (coding, parameters) = offer.split_once(';').unwrap_or((offer, ""));
            coding.trim().eq_ignore_ascii_case(self.name()) && !is_refused(parameters)
        })
    }
}

fn is_refused(parameters: &str) -> bool {
    parameters.split(';').any(|parameter| {
        let weight = parameter.split_once('=').filter(|(name, _)| name.trim().eq_ignore_ascii_case("q"));
        weight.is_some_and(|(_, value)| value.trim().parse::<f32>().is_ok_and(|weight| weight <= 0.0))
    })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn an_encoding_is_taken_by_its_name_and_weight() {
        for (accepted, brotli, gzip) in [
            ("gzip, deflate, br, zstd", true, true),
            ("GZIP;q=0.5", false, true),
            ("br; q=0, gzip ;q=1.0", false, true),
            ("br;q=0.000", false, false),
            ("*", false, false),
            ("brotli, x-gzip", false, false),
            ("", false, false),
        ] {
            let headers: HeaderMap =
                [(header::ACCEPT_ENCODING, HeaderValue::from_str(accepted).unwrap())].into_iter().collect();
            let taken = Encoding::ALL.map(|encoding| encoding.is_accepted(&headers));
            assert_eq!(taken, [brotli, gzip], "{accepted}");
        }
        assert!(!Encoding::Gzip.is_accepted(&HeaderMap::new()));
    }

    #[test]
    fn names_tell_their_encoding() {
        assert_eq!(Encoding::of_name("assets/index-abc.js.br"), Some(Encoding::Brotli));
        assert_eq!(Encoding::of_name("index.html.gz"), Some(Encoding::Gzip));
        assert_eq!(Encoding::of_name("index.html"), None);
    }
}
