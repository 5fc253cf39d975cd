//! Feeds a queue function: fetches messages, calls, and deletes, retries or sets them aside as poison.

use std::{sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use tokio::sync::Semaphore;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    encode::{self, Dictionary, Json, body},
    function::{DataType, Function, QueueTrigger},
    ids::new_id,
    invocation::Invoker,
    logs::Level,
    metadata::{RetryContext, System, merge_payload},
    options::Timings,
    queue_store::{QueueError, QueueStore, ReceivedMessage},
    settings::{MessageEncoding, QueueSettings},
};

/// Listens for one function.
pub struct QueueListener {
    pub function: Arc<Function>,
    pub trigger: QueueTrigger,
    pub settings: QueueSettings,
    pub timings: Timings,
    pub store: Arc<dyn QueueStore>,
    pub invoker: Arc<Invoker>,
}

impl QueueListener {
    /// Fetches batches until `stop`; messages that are being worked on are in `calls`.
    pub async fn run(self: Arc<Self>, stop: CancellationToken, calls: TaskTracker) {
        let at_most = self.settings.batch_size + self.settings.new_batch_threshold;
        let slots = Arc::new(Semaphore::new(at_most));
        let mut pause = self.timings.queue_poll;
        loop {
            // A new batch is fetched when no more than the threshold are being worked on.
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                free = slots.acquire_many(u32::try_from(self.settings.batch_size).unwrap_or(1)) => drop(free),
            }
            let batch = self.fetch().await;
            if batch.is_empty() {
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    () = stop.cancelled() => return,
                }
                pause = Duration::min(2 * pause, self.settings.max_polling_interval.max(self.timings.queue_poll));
                continue;
            }
            pause = self.timings.queue_poll;
            for message in batch {
                let (listener, slot) = (Arc::clone(&self), Arc::clone(&slots).acquire_owned().await);
                calls.spawn(async move {
                    listener.handle(message).await;
                    drop(slot);
                });
            }
        }
    }

    async fn fetch(&self) -> Vec<ReceivedMessage> {
        let received =
            self.store.receive(&self.trigger.queue, self.settings.batch_size, self.timings.queue_lease).await;
        match received {
            Ok(batch) => batch,
            // A queue that is not there yet may come.
            Err(QueueError::NoQueue(_)) => Vec::new(),
            Err(error) => {
                self.log(Level::Error, &format!("the queue {} cannot be read: {error}", self.trigger.queue));
                Vec::new()
            }
        }
    }

    async fn handle(&self, mut message: ReceivedMessage) {
        // Received too often, say by a host that died each time: it is not tried again.
        if message.dequeue_count > self.settings.max_dequeue_count {
            return self.set_aside(&message).await;
        }
        let Some(content) = self.content(&message) else {
            self.log(Level::Error, &format!("message {} is not base64, as messageEncoding says", message.id));
            return self.set_aside(&message).await;
        };
        let system = System { function: &self.function.name, now: self.invoker.clock.now(), id: new_id() };
        let request = encode(&self.function.binding, self.trigger.data_type, &content, &message, &system, None);
        if self.call(&mut message, request).await {
            self.note(self.store.delete(&self.trigger.queue, &message.id, &message.pop_receipt).await);
        } else if message.dequeue_count >= self.settings.max_dequeue_count {
            self.set_aside(&message).await;
        } else {
            let (id, receipt, hidden) = (&message.id, &message.pop_receipt, self.settings.visibility_timeout);
            self.note(self.store.update_visibility(&self.trigger.queue, id, receipt, hidden).await);
        }
    }

    fn content(&self, message: &ReceivedMessage) -> Option<Vec<u8>> {
        match self.settings.encoding {
            MessageEncoding::None => Some(message.text.clone().into_bytes()),
            MessageEncoding::Base64 => STANDARD.decode(&message.text).ok(),
        }
    }

    /// Calls the function, and keeps the message hidden meanwhile.
    async fn call(&self, message: &mut ReceivedMessage, request: Vec<u8>) -> bool {
        let call = self.invoker.invoke(&self.function, request);
        tokio::pin!(call);
        loop {
            tokio::select! {
                biased;
                result = &mut call => return result.is_ok(),
                () = tokio::time::sleep(self.timings.queue_lease / 2) => {
                    let (queue, lease) = (&self.trigger.queue, self.timings.queue_lease);
                    match self.store.update_visibility(queue, &message.id, &message.pop_receipt, lease).await {
                        Ok(receipt) => message.pop_receipt = receipt,
                        Err(error) => self.log(Level::Warning, &format!("message {}: {error}", message.id)),
                    }
                }
            }
        }
    }

    /// Moves a message to the queue of poison.
    async fn set_aside(&self, message: &ReceivedMessage) {
        let poison = format!("{}-poison", self.trigger.queue);
        self.log(Level::Error, &format!("message {} is moved to the queue {poison}", message.id));
        let moved = async {
            self.store.create(&poison).await?;
            self.store.send(&poison, &message.text).await?;
            self.store.delete(&self.trigger.queue, &message.id, &message.pop_receipt).await
        };
        self.note(moved.await);
    }

    fn note<T>(&self, result: Result<T, QueueError>) {
        if let Err(error) = result {
            self.log(Level::Warning, &format!("queue {}: {error}", self.trigger.queue));
        }
    }

    fn log(&self, level: Level, text: &str) {
        self.invoker.logs.write(level, &format!("Function.{}", self.function.name), text);
    }
}

/// The body of an invocation with a message.
pub fn encode(
    binding: &str,
    data_type: DataType,
    content: &[u8],
    message: &ReceivedMessage,
    system: &System<'_>,
    retry: Option<RetryContext>,
) -> Vec<u8> {
    let mut metadata = Dictionary::default();
    metadata.set("QueueTrigger", encode::text(&String::from_utf8_lossy(content)));
    metadata.set("DequeueCount", encode::scalar(&message.dequeue_count));
    metadata.set("ExpirationTime", encode::instant(message.expires));
    metadata.set("Id", encode::text(&message.id));
    metadata.set("InsertionTime", encode::instant(message.inserted));
    metadata.set("NextVisibleTime", encode::instant(message.next_visible));
    metadata.set("PopReceipt", encode::text(&message.pop_receipt));
    metadata.set("sys", system.json());
    if let Some(retry) = retry {
        metadata.set("RetryContext", retry.json());
    }
    body(binding, value(data_type, content, &mut metadata), metadata)
}

/// Text is merged into the metadata if it is a JSON object; bytes are not looked at.
fn value(data_type: DataType, content: &[u8], metadata: &mut Dictionary) -> Json {
    match data_type {
        DataType::Binary => encode::bytes(content),
        DataType::Text => {
            let text = String::from_utf8_lossy(content);
            merge_payload(metadata, &text);
            encode::text(&text)
        }
    }
}
