//! What the services need from the world, as small object-safe traits.
//!
//! Rules that hold for every method of every port, unless it says otherwise: one method is one transaction; absence is `Ok(None)`
//! (or an outcome of its own), never an error; time, randomness and ids come in as arguments; a call may be repeated after an error
//! with the same arguments. Each port has one contract suite, which every adapter passes.

pub mod access_tokens;
pub mod accounts;
pub mod audit;
pub mod cache_tier;
pub mod catalog;
pub mod conversations;
pub mod differences;
pub mod error;
pub mod hot_conversations;
pub mod job_progress;
pub mod job_queue;
pub mod jobs;
pub mod language_model;
pub mod login_throttle;
pub mod optional_server;
pub mod rate_limits;
pub mod refresh_tokens;
pub mod remains;
pub mod schema;
pub mod search;
pub mod session_cache;
pub mod session_files;
pub mod sessions;
pub mod shared_tier;
pub mod system;
pub mod tables;
pub mod temporary_conversations;
pub mod usage;

pub use access_tokens::AccessTokens;
pub use accounts::Accounts;
pub use audit::Audit;
pub use cache_tier::CacheTier;
pub use catalog::Catalog;
pub use conversations::Conversations;
pub use error::StoreError;
pub use hot_conversations::HotConversations;
pub use job_progress::JobProgress;
pub use job_queue::JobQueue;
pub use jobs::Jobs;
pub use language_model::{EmbeddingModel, LanguageModel};
pub use login_throttle::LoginThrottle;
pub use optional_server::OptionalServer;
pub use rate_limits::RateLimits;
pub use refresh_tokens::RefreshTokens;
pub use remains::Remains;
pub use session_cache::SessionCache;
pub use session_files::SessionFiles;
pub use sessions::Sessions;
pub use shared_tier::SharedTier;
pub use system::{Clock, Ids, Random};
pub use tables::Tables;
pub use temporary_conversations::TemporaryConversations;
pub use usage::Usage;
