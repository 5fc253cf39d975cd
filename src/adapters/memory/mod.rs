//! Things that live in this process alone: right for one process, gone with it.

mod conversations;
mod job_progress;
mod rate_limits;
mod temporary_conversations;

pub use conversations::MemoryConversations;
pub use job_progress::MemoryJobProgress;
pub use rate_limits::MemoryRateLimits;
pub use temporary_conversations::MemoryTemporaryConversations;
