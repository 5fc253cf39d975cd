//! Uploads by ticket: the bytes come by an address of their own, past everything that cannot pass large bodies, and a job takes them in.

use serde_json::json;

use super::{UploadError, UploadService, check_file_name, ticket::Ticket, work::UploadRequest};
use crate::{
    domain::{Job, JobId, JobKind, Progress, SessionId, Timestamp, UploadId},
    ports::{StoreError, error::StoreErrorKind, session_files::UploadAddress},
    services::jobs::add_and_ring,
};

/// Why a ticket is not given, or cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TicketError {
    /// No ticket of ours, or one of another session.
    #[error("there is no such ticket")]
    NotFound,
    /// Its time is over, or its session has ended.
    #[error("the ticket does not hold any more")]
    Expired,
    /// It was completed before: its content cannot change any more.
    #[error("the ticket was completed")]
    Completed,
    /// Not all of it was sent yet.
    #[error("{arrived} of {expected} bytes were sent")]
    ContentMissing {
        /// Bytes that have arrived.
        arrived: u64,
        /// Bytes that the ticket is for.
        expected: u64,
    },
    /// Bytes were sent for another place than behind those that have arrived.
    #[error("{arrived} bytes have arrived, not {given}")]
    OtherOffset {
        /// Bytes that have arrived.
        arrived: u64,
        /// Where the sent ones were to go.
        given: u64,
    },
    /// Another request sends the bytes.
    #[error("another request sends the content")]
    InUse,
    /// What was sent is not as long as the ticket says.
    #[error("the ticket is for {expected} bytes")]
    WrongSize {
        /// Bytes that the ticket is for.
        expected: u64,
    },
    /// No file of that name and size can be uploaded, or the session has ended.
    #[error(transparent)]
    Upload(#[from] UploadError),
}

impl From<StoreError> for TicketError {
    fn from(error: StoreError) -> Self {
        if error.kind == StoreErrorKind::Gone { Self::Expired } else { Self::Upload(UploadError::Store(error)) }
    }
}

/// Where the bytes of a ticket are to be put.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// At an address of the store.
    Store(UploadAddress),
    /// At the service, with this signature.
    Service {
        /// Lets the bytes in.
        signature: String,
    },
}

/// A ticket that was given.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The ticket.
    pub ticket: String,
    /// Where to put the bytes.
    pub destination: Destination,
    /// Until when they may be put there, and the ticket be completed.
    pub expires_at: Timestamp,
}

impl UploadService {
    /// Gives a ticket for a file that could be uploaded as well.
    pub async fn offer(&self, session: SessionId, name: &str, bytes: u64) -> Result<Offer, TicketError> {
        let name = check_file_name(name)?.as_str().to_owned();
        let limit = self.policy.upload_bytes;
        if bytes > limit {
            return Err(UploadError::TooLarge { limit }.into());
        }
        if bytes == 0 {
            return Err(UploadError::Empty { name }.into());
        }
        let until = self.stores.clock.now().plus(self.policy.upload_ticket_lifetime);
        let expires_at = Timestamp::from_millis(until.as_seconds() * 1000);
        let ticket = Ticket { upload: UploadId(self.stores.ids.next()), session, name, bytes, expires_at };
        let text = self.tickets.issue(&ticket);
        let destination = match self.stores.session_files.upload_address(&ticket.sent_key(), expires_at).await? {
            Some(address) => Destination::Store(address),
            None => Destination::Service { signature: self.tickets.sign_content(&text) },
        };
        Ok(Offer { ticket: text, destination, expires_at })
    }

    /// The job that takes in what was sent for a ticket: made here, once for each ticket, whatever becomes of it.
    pub async fn complete(&self, session: SessionId, ticket: &str) -> Result<Job, TicketError> {
        let ticket =
            self.tickets.read(ticket).filter(|ticket| ticket.session == session).ok_or(TicketError::NotFound)?;
        let id = JobId(ticket.upload.0);
        if let Some(job) = self.stores.jobs.get(session, id).await? {
            return Ok(job);
        }
        self.refuse_expired(&ticket)?;
        match self.stores.session_files.bytes_of(&ticket.sent_key()).await? {
            None => {
                let arrived = self.stores.session_files.unpublished_bytes(&ticket.sent_key()).await?.unwrap_or(0);
                return Err(TicketError::ContentMissing { arrived, expected: ticket.bytes });
            }
            Some(bytes) if bytes != ticket.bytes => return Err(TicketError::WrongSize { expected: ticket.bytes }),
            Some(_) => {}
        }
        let progress = Progress { bytes_total: ticket.bytes, ..Progress::default() };
        let request = json!(UploadRequest { name: ticket.name, bytes: ticket.bytes });
        let job = Job::queued(id, session, JobKind::Upload, request, progress, self.stores.clock.now());
        if !add_and_ring(&self.stores, &job).await? {
            return Err(UploadError::SessionEnded.into());
        }
        Ok(job)
    }

    pub(super) fn refuse_expired(&self, ticket: &Ticket) -> Result<(), TicketError> {
        if self.stores.clock.now() < ticket.expires_at { Ok(()) } else { Err(TicketError::Expired) }
    }
}
