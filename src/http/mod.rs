//! What the HTTP functions share: problem documents, extractors, the signed-in user, the rate limit, the correlation id, event streams.

pub mod client_address;
pub mod contract;
pub mod cookies;
pub mod correlation;
mod error_mapping;
pub mod etag;
pub mod event_stream;
pub mod expected;
pub mod extract;
pub mod origin;
pub mod paging;
pub mod partial_upload;
pub mod problem;
pub mod rate_limit;
pub mod signed_in;
pub mod state;
pub mod waiting;

pub use extract::{AnyJson, AppJson, AppPath, AppQuery, BodyLimit};
pub use problem::{Problem, ProblemCode};
pub use signed_in::{AdminUser, SignedInUser};
pub use state::AppState;
