//! What every handler can reach.

use std::sync::Arc;

use super::cookies::CookiePolicy;
use crate::services::Services;

/// Settings that only HTTP cares about.
#[derive(Clone, Debug, Default)]
pub struct HttpSettings {
    /// The one header that is trusted to name the client's address.
    pub client_ip_header: Option<http::HeaderName>,
    /// How cookies are to be set.
    pub cookies: CookiePolicy,
    /// Where clients send the bytes of tickets that the service takes itself; by default where they sent the request for the ticket.
    pub upload_origin: Option<String>,
    /// Origins beside its own to which the page sends the bytes of tickets.
    pub page_targets: Vec<String>,
    /// Other origins whose pages may call the API.
    pub origins: Vec<http::HeaderValue>,
    /// Lets a collector read the metrics without an account.
    pub metrics_key: Option<String>,
}

/// The state of the routers. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    /// The use cases.
    pub services: Services,
    /// Settings of the HTTP side.
    pub http: Arc<HttpSettings>,
}
