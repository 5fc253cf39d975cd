//! The bytes of a ticket that the service takes itself: as one body, or in pieces, each behind what has arrived.

use std::time::Duration;

use bytes::Bytes;

use super::{
    Presence, TicketError, UploadService,
    ticket::{Ticket, sent_folder},
    turns::Turn,
    watch::Watch as _,
};
use crate::{
    domain::{JobId, SessionId},
    ports::session_files::PartialFile,
};

/// What a request is going to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sending {
    /// How many bytes are to have arrived before; without it the request begins anew.
    pub offset: Option<u64>,
    /// How many it brings, if it says so.
    pub length: Option<u64>,
}

/// How much of a ticket's bytes is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// Bytes that have arrived.
    pub bytes: u64,
    /// Bytes that the ticket is for.
    pub of: u64,
    /// Whether the ticket can be completed with them.
    pub is_whole: bool,
    /// How long the ticket still holds.
    pub holds_for: Duration,
}

/// The bytes of a ticket that are coming in.
pub struct IncomingContent {
    ticket: Ticket,
    /// `None` if all bytes are there already.
    partial: Option<Box<dyn PartialFile>>,
    /// How many bytes were there before.
    began_at: u64,
    presence: Presence,
    /// The next one may come when all of the above is given up.
    turn: Turn,
}

impl IncomingContent {
    /// The session that they are for.
    #[must_use]
    pub fn session(&self) -> SessionId {
        self.ticket.session
    }

    /// Ready once another request has come for the ticket; then this one has to end.
    pub fn superseded(&self) -> impl Future<Output = ()> + use<> {
        self.turn.superseded()
    }

    /// Takes the next bytes. Should there be more than the ticket is for, all that came with this request is taken back.
    pub async fn write(&mut self, chunk: Bytes) -> Result<(), TicketError> {
        if chunk.is_empty() {
            return Ok(());
        }
        self.presence.check()?;
        let expected = self.ticket.bytes;
        let Some(partial) = &mut self.partial else { return Err(TicketError::WrongSize { expected }) };
        if partial.bytes() + chunk.len() as u64 > expected {
            partial.cut(self.began_at).await?;
            return Err(TicketError::WrongSize { expected });
        }
        Ok(partial.write(chunk).await?)
    }
}

impl UploadService {
    /// Starts to take bytes of a ticket, if the signature lets them in, and ends whoever sends bytes for it just now.
    pub async fn begin_content(
        &self,
        ticket: &str,
        signature: &str,
        sending: Sending,
    ) -> Result<IncomingContent, TicketError> {
        let ticket = self.ticket_of_content(ticket, signature).await?;
        self.refuse_completed(&ticket).await?;
        if sending.offset.is_none() {
            sending.check_length(&ticket)?;
        }
        let turn = self.turns.take(ticket.upload).await.ok_or(TicketError::InUse)?;
        let before = self.arrived_of(&ticket).await?;
        sending.check_offset(before.bytes)?;
        sending.check_length(&ticket)?;
        let is_there = before.is_whole && sending.offset.is_some();
        let partial = if is_there { None } else { Some(self.partial_of(&ticket, sending).await?) };
        let presence = Presence::of(&self.stores, ticket.session);
        Ok(IncomingContent { ticket, partial, began_at: sending.offset.unwrap_or(0), presence, turn })
    }

    /// Keeps the bytes of a ticket once all are there, in the place of those that were sent for it before; until then they wait for more. Should
    /// it be completed just now, the job has bytes of its own, and nobody meets these.
    pub async fn finish_content(&self, incoming: IncomingContent) -> Result<Arrived, TicketError> {
        let IncomingContent { ticket, partial, turn: _turn, .. } = incoming;
        let Some(partial) = partial else { return self.arrived_of(&ticket).await };
        let (bytes, of) = (partial.bytes(), ticket.bytes);
        let is_whole = bytes == of;
        if is_whole {
            self.refuse_completed(&ticket).await?;
            partial.publish().await?;
        }
        Ok(Arrived { bytes, of, is_whole, holds_for: self.holds_for(&ticket) })
    }

    /// How much of a ticket's bytes is there, for whoever may send them. Where a file is sent anew, the new one counts.
    pub async fn arrived(&self, ticket: &str, signature: &str) -> Result<(SessionId, Arrived), TicketError> {
        let ticket = self.ticket_of_content(ticket, signature).await?;
        let arrived = match self.refuse_completed(&ticket).await {
            Ok(()) => self.arrived_of(&ticket).await?,
            // The job may have removed what it was made for.
            Err(TicketError::Completed) => {
                Arrived { bytes: ticket.bytes, of: ticket.bytes, is_whole: true, holds_for: self.holds_for(&ticket) }
            }
            Err(error) => return Err(error),
        };
        Ok((ticket.session, arrived))
    }

    /// Removes what has arrived of a ticket's bytes, whole or not, and ends whoever sends them just now. The ticket may be used again.
    pub async fn discard_content(&self, ticket: &str, signature: &str) -> Result<SessionId, TicketError> {
        let ticket = self.ticket_of_content(ticket, signature).await?;
        self.refuse_completed(&ticket).await?;
        let _turn = self.turns.take(ticket.upload).await.ok_or(TicketError::InUse)?;
        let folder = format!("input/{}", sent_folder(ticket.upload));
        self.stores.session_files.remove_folder(ticket.session, &folder).await?;
        Ok(ticket.session)
    }

    async fn ticket_of_content(&self, ticket: &str, signature: &str) -> Result<Ticket, TicketError> {
        if !self.tickets.lets_content_in(ticket, signature) {
            return Err(TicketError::NotFound);
        }
        let ticket = self.tickets.read(ticket).ok_or(TicketError::NotFound)?;
        self.refuse_expired(&ticket)?;
        match self.stores.sessions.authenticate(ticket.session).await? {
            Some(_) => Ok(ticket),
            None => Err(TicketError::Expired),
        }
    }

    async fn arrived_of(&self, ticket: &Ticket) -> Result<Arrived, TicketError> {
        let (files, key) = (&self.stores.session_files, ticket.sent_key());
        let (bytes, is_whole) = match files.unpublished_bytes(&key).await? {
            Some(bytes) => (bytes, false),
            None => {
                files.bytes_of(&key).await?.filter(|bytes| *bytes == ticket.bytes).map_or((0, false), |all| (all, true))
            }
        };
        Ok(Arrived { bytes, of: ticket.bytes, is_whole, holds_for: self.holds_for(ticket) })
    }

    /// What is written to: behind what has arrived, or with nothing in it.
    async fn partial_of(&self, ticket: &Ticket, sending: Sending) -> Result<Box<dyn PartialFile>, TicketError> {
        let partial = self.stores.session_files.go_on(&ticket.sent_key()).await?;
        // Of another process: within this one there are turns.
        let mut partial = partial.ok_or(TicketError::InUse)?;
        // Looked at again, for another process may have written meanwhile.
        sending.check_offset(partial.bytes())?;
        if sending.offset.is_none() {
            partial.cut(0).await?;
        }
        Ok(partial)
    }

    fn holds_for(&self, ticket: &Ticket) -> Duration {
        ticket.expires_at.since(self.stores.clock.now())
    }

    async fn refuse_completed(&self, ticket: &Ticket) -> Result<(), TicketError> {
        let job = self.stores.jobs.get(ticket.session, JobId(ticket.upload.0)).await?;
        if job.is_none() { Ok(()) } else { Err(TicketError::Completed) }
    }
}

impl Sending {
    /// Refuses a body that says itself that it does not fit: one that begins anew has to bring all bytes, one that goes on no more than are
    /// missing.
    fn check_length(self, ticket: &Ticket) -> Result<(), TicketError> {
        let expected = ticket.bytes;
        let fits = match (self.offset, self.length) {
            (_, None) => true,
            (None, Some(length)) => length == expected,
            (Some(offset), Some(length)) => offset.saturating_add(length) <= expected,
        };
        if fits { Ok(()) } else { Err(TicketError::WrongSize { expected }) }
    }

    fn check_offset(self, arrived: u64) -> Result<(), TicketError> {
        match self.offset {
            Some(given) if given != arrived => Err(TicketError::OtherOffset { arrived, given }),
            _ => Ok(()),
        }
    }
}
