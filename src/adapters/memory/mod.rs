//! Things that live in this process alone: right for one process, gone with it.

mod conversations;
mod rate_limits;

pub use conversations::MemoryConversations;
pub use rate_limits::MemoryRateLimits;
