//! One folder for each technology; each implements ports and names no other adapter. Only the composition root names them.

pub mod azure;
pub mod cosmos;
pub mod extractive;
pub mod files;
pub mod memory;
mod migrations;
pub mod openai;
pub mod postgres;
pub mod rate_limits_with_fallback;
pub mod redis;
pub mod sqlite;
pub mod sqlite_cache;
pub mod sqlite_tables;
pub mod system;
pub mod tiered_cache;
