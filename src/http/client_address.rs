//! Whose request it is: the peer of the connection, or what the one trusted header says.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use http::{HeaderMap, HeaderName, request::Parts};

use super::AppState;

/// The client's address, for handlers without a signed-in user.
#[derive(Clone, Debug)]
pub struct ClientAddress(pub String);

impl FromRequestParts<AppState> for ClientAddress {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        Ok(Self(client_address(parts, state.http.client_ip_header.as_ref())))
    }
}

/// The client's address as text, the key of its limits. Of the trusted header the last entry counts (the nearest proxy wrote it), a port
/// on it does not. Without a usable address every such client shares one key.
#[must_use]
pub fn client_address(parts: &Parts, trusted_header: Option<&HeaderName>) -> String {
    let from_header = trusted_header.and_then(|name| from_header(&parts.headers, name));
    let address = from_header.or_else(|| {
        parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip().to_canonical())
    });
    address.map_or_else(|| "unknown".to_owned(), network)
}

fn from_header(headers: &HeaderMap, name: &HeaderName) -> Option<IpAddr> {
    let value = headers.get_all(name).iter().next_back()?.to_str().ok()?;
    let last = value.rsplit(',').next()?.trim();
    let address = last.parse::<IpAddr>().or_else(|_| last.parse::<SocketAddr>().map(|address| address.ip()));
    address.ok().map(|address| address.to_canonical())
}

/// One person on IPv6 has a whole /64.
fn network(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(header: &[(&str, &str)], trusted: Option<&str>) -> String {
        let mut request = http::Request::builder();
        for (name, value) in header {
            request = request.header(*name, *value);
        }
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        parts.extensions.insert(ConnectInfo(SocketAddr::from(([10, 0, 0, 1], 4711))));
        client_address(&parts, trusted.map(|name| name.parse().unwrap()).as_ref())
    }

    #[test]
    fn without_a_trusted_header_only_the_connection_counts() {
        assert_eq!(address(&[("x-forwarded-for", "1.2.3.4"), ("client-ip", "5.6.7.8")], None), "10.0.0.1");
    }

    #[test]
    fn of_the_trusted_header_the_last_entry_counts_without_its_port() {
        let forwarded = |value| address(&[("x-forwarded-for", value)], Some("x-forwarded-for"));
        assert_eq!(forwarded("1.2.3.4"), "1.2.3.4");
        assert_eq!(forwarded("6.6.6.6, 1.2.3.4:49828"), "1.2.3.4");
        assert_eq!(forwarded("[2001:db8::1]:443"), "2001:db8:0:0::/64");
        assert_eq!(forwarded("::ffff:1.2.3.4"), "1.2.3.4");
        assert_eq!(forwarded("nonsense"), "10.0.0.1");
        let twice = [("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "1.2.3.4")];
        assert_eq!(address(&twice, Some("x-forwarded-for")), "1.2.3.4");
    }
}
