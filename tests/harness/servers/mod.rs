//! The servers that the Azure adapters need: real ones, started on free ports of this machine and stopped by process id.

mod azurite;
mod cosmos;
mod identity;
mod pgbouncer;
mod postgres;
mod process;
mod redis;

pub use azurite::{AUTHORITY, Azurite, client_that_trusts_it};
pub use cosmos::{COSMOS_KEY, Cosmos};
pub use identity::Identity;
pub use pgbouncer::PgBouncer;
pub use postgres::Postgres;
pub use redis::Redis;

/// Whether the tests are to do without servers. Says so when they are.
fn left_out() -> bool {
    let without = std::env::var_os("RET_TEST_ONLY_EMBEDDED").is_some();
    if without {
        println!("left out: RET_TEST_ONLY_EMBEDDED is set");
    }
    without
}

/// A set of servers with nothing in them, and the settings that lead to them.
pub struct Servers {
    pub postgres: Postgres,
    pub redis: Redis,
    pub azurite: Azurite,
    pub cosmos: Cosmos,
}

impl Servers {
    /// `None` only if `RET_TEST_ONLY_EMBEDDED` says that there are to be no servers.
    pub async fn fresh() -> Option<Self> {
        Some(Self {
            postgres: Postgres::database().await?,
            redis: Redis::start().await?,
            azurite: Azurite::account().await?,
            cosmos: Cosmos::database().await?,
        })
    }

    pub fn settings(&self) -> Vec<(String, String)> {
        let mut settings = vec![
            ("DATABASE_URL".to_owned(), self.postgres.url()),
            ("REDIS_ENABLED".to_owned(), "true".to_owned()),
            ("REDIS_CONNECTION_STRING".to_owned(), self.redis.url()),
            ("STORAGE_CONNECTION_STRING".to_owned(), self.azurite.connection_string()),
        ];
        settings.extend(self.cosmos.settings());
        settings
    }
}
