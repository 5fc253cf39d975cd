//! What the doctor asks of what the settings name: nothing is made or changed by it.

use std::sync::Arc;

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
    ports::{Clock, JobQueue as _, Random},
    services::accounts::{FIRST_ADMIN, FirstPassword},
};

impl App {
    /// Whether the queue that the host listens to can be reached; `None` if the settings name none. For the doctor, who is often asked
    /// without a host.
    pub async fn check_storage_queue(settings: &Settings) -> Option<Result<(), AppError>> {
        match storage_queue(settings).transpose()? {
            Ok(queue) => Some(queue.check().await.map_err(AppError::from)),
            Err(error) => Some(Err(error)),
        }
    }

    /// Whether the database that is there has the schema of this build; the start would change it. For the doctor.
    pub async fn has_current_schema(settings: &Settings) -> Result<bool, AppError> {
        Database::has_current_schema(settings).await
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
