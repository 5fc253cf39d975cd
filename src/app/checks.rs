//! What the doctor asks of what the settings name: nothing is made or changed by it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    App, AppError,
    bell::storage_queue,
    first_password,
    stores::{self, Database},
};
use crate::{
    adapters::{
        redis::RedisReport,
        system::{SystemClock, SystemRandom},
    },
    config::Settings,
    domain::user::check_password,
    ports::{Clock, JobQueue as _, Random, schema::SchemaState},
    services::accounts::{FIRST_ADMIN, FirstPassword},
};

impl App {
    /// How long the queue that the host listens to takes to answer; `None` if the settings name none. For the doctor, who is often asked
    /// without a host.
    pub async fn check_storage_queue(settings: &Settings) -> Option<Result<Duration, AppError>> {
        let queue = match storage_queue(settings).transpose()? {
            Ok(queue) => queue,
            Err(error) => return Some(Err(error)),
        };
        let ask = async || {
            // The first call makes the connection.
            queue.check().await?;
            let asked = Instant::now();
            queue.check().await?;
            Ok(asked.elapsed())
        };
        Some(ask().await)
    }

    /// What the database that is there has of a schema; the start would change it. For the doctor.
    pub async fn schema_state(settings: &Settings) -> Result<SchemaState, AppError> {
        Database::schema_state(settings).await
    }

    /// Asks the Redis server that the settings name, if they name one: for the doctor.
    pub async fn check_redis(settings: &Settings) -> Option<Result<RedisReport, AppError>> {
        let (clock, random): (Arc<dyn Clock>, Arc<dyn Random>) = (Arc::new(SystemClock), Arc::new(SystemRandom));
        match stores::redis(settings, &clock, &random).transpose()? {
            Ok(server) => Some(RedisReport::of(&server).await.map_err(AppError::from)),
            Err(error) => Some(Err(error)),
        }
    }

    /// What would keep the first administrator from being made, if there is no account yet: for the doctor, which changes nothing.
    pub async fn first_admin_problem(&self, settings: &Settings) -> Result<Option<String>, AppError> {
        if self.stores.accounts.count().await? > 0 {
            return Ok(None);
        }
        Ok(match first_password(settings) {
            FirstPassword::Given(password) => check_password(&password, FIRST_ADMIN).err(),
            FirstPassword::Generate => None,
            FirstPassword::Missing => Some("it must be set for the first start when ENV is production".into()),
        })
    }
}
