//! Asking a server: one client, time limits, and asking again.

use std::sync::Arc;

use bytes::Bytes;
use reqwest::{Client, Response, header::CONTENT_TYPE, redirect};
use tokio::{
    sync::OnceCell,
    time::{Instant, timeout_at},
};

use super::{
    account::ModelAccount,
    events::{pieces, whole},
    failure::{ErrorBody, Failure},
    retry::{ATTEMPTS, pause, retry_after},
};
use crate::ports::{
    Clock, Random,
    language_model::{ModelError, ModelErrorKind, ModelLimits},
};

/// Bytes of an answer that tells of an error.
const MOST_ERROR_BYTES: usize = 64 << 10;

/// A server of models. Nothing is connected before the first question.
pub struct OpenAiServer {
    pub(super) account: ModelAccount,
    pub(super) limits: ModelLimits,
    client: OnceCell<Client>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl OpenAiServer {
    /// The server of an account, to be asked within these limits.
    #[must_use]
    pub fn new(account: ModelAccount, limits: ModelLimits, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self { account, limits, client: OnceCell::new(), clock, random }
    }

    /// Puts a question until there is an answer, it cannot be hoped for any more, or the time is over. An attempt is told when that is.
    pub(super) async fn ask<T, F>(&self, attempt: impl Fn(Instant) -> F) -> Result<T, ModelError>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let until = Instant::now() + self.limits.whole;
        let mut attempts = 0;
        loop {
            attempts += 1;
            let failure = match timeout_at(until, attempt(until)).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(failure)) => failure,
                Err(_) => Failure::slow("gave no answer", self.limits.whole),
            };
            if !failure.may_pass || attempts == ATTEMPTS {
                return Err(failure.error);
            }
            let again = pause(attempts, failure.retry_after, self.random.as_ref()).map(|pause| Instant::now() + pause);
            let Some(again) = again.filter(|again| *again < until) else { return Err(failure.error) };
            tracing::warn!(attempts, error = %failure, "a model could not be asked; asking again");
            tokio::time::sleep_until(again).await;
        }
    }

    /// Sends a body once. The answer is a success, and when its first byte is to be there.
    pub(super) async fn post(&self, path: &str, body: Bytes) -> Result<(Response, Instant), Failure> {
        let header = self.account.header().await.map_err(lasting)?;
        let client = self.client.get_or_try_init(|| std::future::ready(self.new_client())).await?;
        let mut request = client.post(self.account.url(path)).header(CONTENT_TYPE, "application/json").body(body);
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        let first = Instant::now() + self.limits.first_byte;
        let late = |_| Failure::slow("did not begin to answer", self.limits.first_byte);
        let response = timeout_at(first, request.send()).await.map_err(late)?;
        let response = response.map_err(|error| Failure::connection(&error))?;
        let status = response.status();
        if status.is_success() {
            return Ok((response, first));
        }
        let retry_after = retry_after(response.headers(), self.clock.as_ref());
        // An error without a body that can be read is an error all the same.
        let body = whole(pieces(response, first, self.limits.idle, MOST_ERROR_BYTES)).await.unwrap_or_default();
        Err(Failure::answered(Some(status.as_u16()), &ErrorBody::of(&body), retry_after))
    }

    fn new_client(&self) -> Result<Client, Failure> {
        let client = Client::builder()
            .user_agent(concat!("ret/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(self.limits.connect)
            // A key does not follow to where a server points.
            .redirect(redirect::Policy::none())
            .referer(false)
            // What is compressed comes in blocks and not as it is said.
            .no_gzip()
            .no_deflate()
            .build();
        let what = "was not asked: the HTTP client cannot be made";
        client.map_err(|_| Failure::lasting(ModelErrorKind::Unavailable, what))
    }
}

fn lasting(error: ModelError) -> Failure {
    Failure { error, may_pass: false, retry_after: None }
}
