//! What the clients of storage services have in common: connections, retries, and how long a call may take.

use std::{
    sync::{Mutex, OnceLock, PoisonError},
    time::Duration,
};

use azure_core::http::{
    ClientOptions, ExponentialRetryOptions, HttpClientOptions, RetryOptions, Transport, new_http_client,
};
use time::OffsetDateTime;

use super::failure::Failure;
use crate::ports::Clock;

/// How long a small call may take, retries included.
pub(super) const CALL_LIMIT: Duration = Duration::from_secs(5);

/// How often a call is tried again. The first wait is 0.2 s, and the waits grow.
const RETRIES: u32 = 2;

/// The connections to a service, from the first call on.
#[derive(Default)]
pub(super) struct Connections(OnceLock<Transport>);

impl Connections {
    /// Options of a client that uses these connections.
    pub(super) fn client_options(&self) -> ClientOptions {
        let retry = RetryOptions::exponential(ExponentialRetryOptions {
            max_retries: RETRIES,
            max_total_elapsed: CALL_LIMIT.try_into().unwrap_or(azure_core::time::Duration::SECOND),
            ..ExponentialRetryOptions::default()
        });
        // Lengths and ranges are those of the stored bytes.
        let plain = HttpClientOptions { automatic_decompression: false };
        let transport = self.0.get_or_init(|| Transport::new(new_http_client(Some(plain)))).clone();
        ClientOptions { retry, transport: Some(transport), ..ClientOptions::default() }
    }
}

/// A client that is kept while the signature in its URL holds: one with an identity keeps its token.
pub(super) struct Kept<C>(Mutex<Option<(C, Option<OffsetDateTime>)>>);

impl<C> Default for Kept<C> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<C: Clone> Kept<C> {
    /// The client, made anew only when its time is over.
    pub(super) fn get(
        &self,
        now: OffsetDateTime,
        make: impl FnOnce() -> azure_core::Result<(C, Option<OffsetDateTime>)>,
    ) -> azure_core::Result<C> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((client, until)) = &*kept
            && until.is_none_or(|until| now < until)
        {
            return Ok(client.clone());
        }
        let (client, until) = make()?;
        *kept = Some((client.clone(), until));
        Ok(client)
    }
}

/// Waits no longer than a call may take.
pub(super) async fn in_time<T>(
    limit: Duration,
    call: impl Future<Output = azure_core::Result<T>>,
) -> Result<T, Failure> {
    match tokio::time::timeout(limit, call).await {
        Ok(answer) => answer.map_err(Failure::from),
        Err(_) => Err(Failure::Slow(limit)),
    }
}

/// The time of day as the clients take it.
pub(super) fn now(clock: &dyn Clock) -> OffsetDateTime {
    clock.now().to_utc()
}
