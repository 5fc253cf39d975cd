//! Tickets: who may send which file until when, signed, so that nothing has to be kept of them.
//!
//! A ticket names an upload and authorises nothing by itself: who completes it has to be signed in to its session. What lets its bytes in
//! without a token is a second signature over it, which stands in the query of the upload's address, because paths are logged.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, crypto};
use uuid::Uuid;

use crate::domain::{
    FileKey, SessionId, Timestamp, UploadId,
    names::{check_entry_name, sanitize_component},
};

/// What a signature is for. No JWT is signed over such a text, so an access token is never a ticket, and a ticket never a token.
const OF_TICKET: &[u8] = b"ret upload ticket\n";
const OF_CONTENT: &[u8] = b"ret upload content\n";

/// The end of the name of the folder that takes a ticket's bytes.
const SENT: &str = ".sent";

/// A file that may come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ticket {
    pub(super) upload: UploadId,
    /// The session it is for, and with it the account.
    pub(super) session: SessionId,
    /// Name of the file, as people will see it.
    pub(super) name: String,
    /// Its size.
    pub(super) bytes: u64,
    /// When the ticket stops to hold; whole seconds.
    pub(super) expires_at: Timestamp,
}

impl Ticket {
    /// Where the bytes go, until the ticket is completed.
    pub(super) fn sent_key(&self) -> FileKey {
        sent_key(self.session, self.upload, &self.name)
    }

    /// Short, for it becomes a part of a path, of which some servers take no more than 260 characters.
    fn to_bytes(&self) -> Vec<u8> {
        let numbers = [self.bytes.to_be_bytes(), self.expires_at.as_seconds().to_be_bytes()].concat();
        [self.upload.0.as_bytes(), self.session.0.as_bytes(), &numbers[..], self.name.as_bytes()].concat()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (upload, rest) = bytes.split_first_chunk::<16>()?;
        let (session, rest) = rest.split_first_chunk::<16>()?;
        let (size, rest) = rest.split_first_chunk::<8>()?;
        let (expires_at, name) = rest.split_first_chunk::<8>()?;
        Some(Self {
            upload: UploadId(Uuid::from_bytes(*upload)),
            session: SessionId(Uuid::from_bytes(*session)),
            name: std::str::from_utf8(name).ok()?.to_owned(),
            bytes: u64::from_be_bytes(*size),
            expires_at: Timestamp::from_millis(i64::from_be_bytes(*expires_at).checked_mul(1000)?),
        })
    }
}

/// Where the bytes of a ticket's upload are before it is completed.
pub(super) fn sent_key(session: SessionId, upload: UploadId, name: &str) -> FileKey {
    let file_name = check_entry_name(name).map(|entry| sanitize_component(entry.file_name()));
    FileKey::new(session, format!("input/{}/{}", sent_folder(upload), file_name.unwrap_or_default()))
}

/// The folder of a ticket's bytes, below `input/`.
pub(super) fn sent_folder(upload: UploadId) -> String {
    format!("{upload}{SENT}")
}

/// Until when a folder below `input/` is kept for a ticket that was made with it; `None` if it is no such folder.
pub(in crate::services) fn awaited_until(folder: &str, lifetime: std::time::Duration) -> Option<Timestamp> {
    let upload: UploadId = folder.strip_suffix(SENT)?.parse().ok()?;
    Some(upload.made_at()?.plus(lifetime))
}

/// Makes and checks tickets.
pub(super) struct Tickets {
    signing: EncodingKey,
    checking: DecodingKey,
}

impl Tickets {
    pub(super) fn new(key: &[u8]) -> Self {
        Self { signing: EncodingKey::from_secret(key), checking: DecodingKey::from_secret(key) }
    }

    /// The ticket as text: letters, digits, `-`, `_` and one dot.
    pub(super) fn issue(&self, ticket: &Ticket) -> String {
        let claims = URL_SAFE_NO_PAD.encode(ticket.to_bytes());
        let signature = self.sign(OF_TICKET, &claims);
        format!("{claims}.{signature}")
    }

    /// What the text says, if it is a ticket of ours; whether it still holds is another question.
    pub(super) fn read(&self, text: &str) -> Option<Ticket> {
        let (claims, signature) = text.split_once('.')?;
        if !self.verifies(OF_TICKET, claims, signature) {
            return None;
        }
        Ticket::from_bytes(&URL_SAFE_NO_PAD.decode(claims).ok()?)
    }

    /// What lets the bytes of a ticket in.
    pub(super) fn sign_content(&self, ticket: &str) -> String {
        self.sign(OF_CONTENT, ticket)
    }

    /// Whether a signature lets the bytes of this ticket in.
    pub(super) fn lets_content_in(&self, ticket: &str, signature: &str) -> bool {
        self.verifies(OF_CONTENT, ticket, signature)
    }

    fn sign(&self, purpose: &[u8], text: &str) -> String {
        // HMAC-SHA256 cannot fail; an empty signature would simply not verify.
        crypto::sign(&[purpose, text.as_bytes()].concat(), &self.signing, Algorithm::HS256).unwrap_or_default()
    }

    fn verifies(&self, purpose: &[u8], text: &str, signature: &str) -> bool {
        crypto::verify(signature, &[purpose, text.as_bytes()].concat(), &self.checking, Algorithm::HS256)
            .unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{domain::UserId, services::auth::tokens::AccessTokens};

    const KEY: &[u8] = b"an honest secret of thirty-two by";
    const NOW: Timestamp = Timestamp::from_millis(1_772_359_200_000);

    fn ticket() -> Ticket {
        Ticket {
            upload: UploadId(Uuid::from_u128(1)),
            session: SessionId(Uuid::from_u128(2)),
            name: "2024/größe.xml".into(),
            bytes: 1_000_000_000,
            expires_at: NOW,
        }
    }

    #[test]
    fn a_ticket_is_read_back_and_fits_into_a_path() {
        let tickets = Tickets::new(KEY);
        let text = tickets.issue(&ticket());
        assert_eq!(tickets.read(&text), Some(ticket()));
        let long = Ticket { name: "n".repeat(110), ..ticket() };
        assert!(tickets.issue(&long).len() <= 260, "{}", tickets.issue(&long).len());
    }

    #[test]
    fn anything_else_is_refused() {
        let tickets = Tickets::new(KEY);
        let text = tickets.issue(&ticket());
        let (claims, signature) = text.split_once('.').unwrap();
        let larger = URL_SAFE_NO_PAD.encode(Ticket { bytes: 2_000_000_000, ..ticket() }.to_bytes());
        let content = tickets.sign_content(&text);
        for bad in [
            "",
            ".",
            claims,
            &text[..text.len() - 2],
            &format!("{text}.{signature}"),
            &format!("{larger}.{signature}"),
            &format!("{claims}.{content}"),
        ] {
            assert_eq!(tickets.read(bad), None, "{bad}");
        }
        assert_eq!(Tickets::new(b"another key").read(&text), None);
    }

    #[test]
    fn each_signature_is_for_one_purpose() {
        let tickets = Tickets::new(KEY);
        let text = tickets.issue(&ticket());
        assert!(tickets.lets_content_in(&text, &tickets.sign_content(&text)));
        let other = tickets.issue(&Ticket { bytes: 5, ..ticket() });
        assert!(!tickets.lets_content_in(&other, &tickets.sign_content(&text)));
        assert!(!tickets.lets_content_in(&text, text.split_once('.').unwrap().1), "the ticket alone lets nothing in");
        let access = AccessTokens::new(KEY, Duration::from_secs(60));
        let token = access.issue(UserId(Uuid::from_u128(3)), ticket().session, NOW);
        assert_eq!(tickets.read(&token), None);
        let (head, claims_and_signature) = token.split_once('.').unwrap();
        assert_eq!(tickets.read(claims_and_signature), None);
        assert!(!head.is_empty() && access.verify(&text, NOW).is_none());
    }

    #[test]
    fn the_folder_tells_until_when_it_is_awaited() {
        let upload: UploadId = "019cc3a5-6d20-7000-8000-000000000000".parse().unwrap();
        let made = upload.made_at().unwrap();
        assert_eq!(made.as_millis(), 0x019c_c3a5_6d20);
        let hour = Duration::from_secs(3600);
        assert_eq!(awaited_until(&sent_folder(upload), hour), Some(made.plus(hour)));
        for other in [upload.to_string(), format!("{upload}.1"), "0193-orphan.sent".into(), ".sent".into()] {
            assert_eq!(awaited_until(&other, hour), None, "{other}");
        }
    }
}
