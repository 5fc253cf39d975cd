//! Durable rows on a PostgreSQL server, which several instances share: accounts, sessions, tokens, files' rows, jobs, the audit log, usage, and the
//! durable tier of the session cache.
//!
//! Nothing is connected before the first call, and a server that is away costs the calls that need it, not the process: they fail as
//! unavailable within some seconds, and work again when it is back. The schema is made or brought up to date by the first call that finds
//! it otherwise; instances that do so together wait for each other.
//!
//! Writers run side by side here. What must not happen at once is kept apart by locks on rows, always the session's first
//! (`locks`), and every transaction that is thrown back for another's sake is tried again.

mod accounts;
mod audit;
mod calls;
mod catalog;
mod connections;
mod conversations;
mod fault;
mod jobs;
mod lease;
mod locks;
mod login;
mod login_throttle;
mod portions;
mod refresh_tokens;
mod rows;
mod schema;
mod session_cache;
mod sessions;
mod usage;

use std::{num::NonZeroU32, sync::Arc};

use crate::ports::{
    AccessTokens, Clock, StoreError,
    error::StoreErrorKind,
    schema::{Migrated, SchemaState},
};
use connections::Connections;
use login::Login;

/// The server's database. Cheap to clone; implements the row-keeping ports.
#[derive(Clone)]
pub struct PostgresDatabase {
    connections: Arc<Connections>,
}

/// How the server knows this process.
pub enum PostgresLogin {
    /// As the URL says.
    AsGiven,
    /// As the URL's user, with a token of the process's identity for a password.
    Identity(Arc<dyn AccessTokens>),
}

impl PostgresDatabase {
    /// The database of a URL, over so many connections at most. Nothing is connected yet. The clock tells when tokens end.
    pub fn open(
        url: &str,
        login: PostgresLogin,
        max_connections: NonZeroU32,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StoreError> {
        let login = Login::new(url, login, clock)
            .map_err(|problem| StoreError::new(StoreErrorKind::Internal, "postgres", "open", problem))?;
        Ok(Self { connections: Arc::new(Connections::new(login, max_connections)) })
    }

    /// What the database has of a schema. Changes nothing.
    pub async fn schema_state(&self) -> Result<SchemaState, StoreError> {
        schema::state_of(&self.connections).await.map_err(|fault| fault.into_store_error("look at the schema"))
    }

    /// Brings the schema up to date, as the first call does, with more time for it; other instances wait meanwhile.
    pub async fn migrate(&self) -> Result<Migrated, StoreError> {
        schema::migrate(&self.connections).await.map_err(|fault| fault.into_store_error("bring the schema up to date"))
    }

    /// Closes the connections; outstanding work is finished first.
    pub async fn close(&self) {
        self.connections.close().await;
    }
}
