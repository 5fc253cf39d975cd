//! From the bytes of an answer to its events, in time.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::{
    StreamExt as _, TryStreamExt as _, future,
    stream::{self, BoxStream},
};
use reqwest::{Response, header::CONTENT_TYPE};
use sse_stream::SseStream;
use tokio::time::Instant;

use super::{failure::Failure, reply::Reply};
use crate::ports::language_model::{Answer, ModelErrorKind, ModelEvent, ModelLimits};

/// Bytes of one answer on the wire. What is wrapped around each word is many times its length.
const MOST_BYTES: usize = 32 << 20;

/// What ends an answer in this format.
const DONE: &[u8] = b"[DONE]";

/// How long the bytes that come after it are waited for. Mostly they are there already.
const LAST_BYTES: Duration = Duration::from_millis(20);

/// Bytes as they come, or what kept them from coming.
pub(super) type Pieces = BoxStream<'static, Result<Bytes, Failure>>;

/// The bytes of an answer's body, `most` of them: the first until `first`, each further one after the pause that is allowed.
pub(super) fn pieces(response: Response, first: Instant, idle: Duration, most: usize) -> Pieces {
    let next = move |(mut response, first, taken): (Response, Option<Instant>, usize)| async move {
        let late = |_| match first {
            Some(_) => Failure::lasting(ModelErrorKind::Unavailable, "did not begin to answer in time"),
            None => Failure::slow("sent nothing more", idle),
        };
        // From when it is waited for: how long a piece was worked on is not the server's matter.
        let until = first.unwrap_or_else(|| Instant::now() + idle);
        let piece = tokio::time::timeout_at(until, response.chunk()).await.map_err(late)?;
        let Some(piece) = piece.map_err(|error| Failure::connection(&error))? else { return Ok(None) };
        let taken = taken + piece.len();
        if taken > most {
            return Err(Failure::bad_reply(format!("sent more than {most} bytes")));
        }
        Ok(Some((piece, (response, None, taken))))
    };
    stream::try_unfold((response, Some(first), 0), next).boxed()
}

/// All bytes together.
pub(super) async fn whole(pieces: Pieces) -> Result<Bytes, Failure> {
    let add = |mut all: BytesMut, piece: Bytes| {
        all.extend_from_slice(&piece);
        future::ok(all)
    };
    pieces.try_fold(BytesMut::new(), add).await.map(BytesMut::freeze)
}

/// The events of an answer that is coming in.
pub(super) struct Events {
    /// JSON texts, and what ends them.
    data: Pieces,
    reply: Reply,
    has_ended: bool,
    /// When all of it is to be there.
    until: Instant,
    limit: Duration,
}

impl Events {
    /// Of a response whose first byte is to be there by `first`, and whose last by `until`.
    pub(super) fn new(response: Response, limits: ModelLimits, first: Instant, until: Instant) -> Self {
        let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let is_whole = kind.starts_with("application/json");
        Self::over(pieces(response, first, limits.idle, MOST_BYTES), is_whole, limits, until)
    }

    fn over(pieces: Pieces, is_whole: bool, limits: ModelLimits, until: Instant) -> Self {
        let data = if is_whole { stream::once(whole(pieces)).boxed() } else { data_of_events(pieces) };
        Self { data, reply: Reply::new(limits), has_ended: false, until, limit: limits.whole }
    }

    /// The next event; `None` after the last.
    pub(super) async fn next(&mut self) -> Result<Option<ModelEvent>, Failure> {
        loop {
            if let Some(event) = self.reply.events.pop_front() {
                return Ok(Some(event));
            }
            if self.has_ended {
                return Ok(None);
            }
            let late = |_| Failure::slow("did not end its answer", self.limit);
            match tokio::time::timeout_at(self.until, self.data.next()).await.map_err(late)? {
                Some(data) => match data?.trim_ascii() {
                    DONE => {
                        self.has_ended = true;
                        self.reply.end()?;
                        // A connection whose last answer was not read to its end cannot be used again.
                        let _ = tokio::time::timeout(LAST_BYTES, self.data.next()).await;
                    }
                    data => self.reply.take(data)?,
                },
                None => {
                    self.has_ended = true;
                    self.reply.closed()?;
                }
            }
        }
    }

    /// What is given to the one who asked: the event that has been taken already, and the others.
    pub(super) fn into_answer(self, first: ModelEvent) -> Answer {
        let next = |mut events: Self| async move {
            let event = events.next().await.map_err(|failure| failure.error)?;
            Ok(event.map(|event| (event, events)))
        };
        stream::once(future::ok(first)).chain(stream::try_unfold(self, next)).boxed()
    }
}

/// The data of server-sent events; what else they have is of no use here.
fn data_of_events(pieces: Pieces) -> Pieces {
    let data = |event: Result<sse_stream::Sse, sse_stream::Error>| {
        future::ready(match event {
            Ok(event) => event.data.map(|data| Ok(Bytes::from(data))),
            Err(sse_stream::Error::Body(error)) => Some(Err(match error.downcast::<Failure>() {
                Ok(failure) => *failure,
                Err(_) => Failure::passing("broke off"),
            })),
            Err(_) => Some(Err(Failure::bad_reply("sent what is no stream of events"))),
        })
    };
    SseStream::from_bytes_stream(pieces).filter_map(data).boxed()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::language_model::EndReason;

    const STREAM: &str = concat!(
        ": a comment\r\n\r\n",
        "data: {\"choices\":[{\"delta\":{\"content\":\"Grüße \"}}]}\n\n",
        "event: message\ndata: {\"choices\":[{\"delta\":{\"content\":\"👋\"}}]}\n\n",
        "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\r\n\r\n",
        "data: [DONE]\n\n",
    );

    async fn events_in(pieces: Vec<Result<Bytes, Failure>>) -> Result<Vec<ModelEvent>, Failure> {
        let limits = ModelLimits::default();
        let mut events = Events::over(stream::iter(pieces).boxed(), false, limits, Instant::now() + limits.whole);
        let mut all = Vec::new();
        while let Some(event) = events.next().await? {
            all.push(event);
        }
        Ok(all)
    }

    #[tokio::test]
    async fn an_answer_is_the_same_wherever_its_bytes_are_cut() {
        let text = |text: &str| ModelEvent::Text(text.into());
        let expected = [text("Grüße "), text("👋"), ModelEvent::End { reason: EndReason::Complete, usage: None }];
        let bytes = Bytes::from_static(STREAM.as_bytes());
        for at in 0..=bytes.len() {
            let pieces = vec![Ok(bytes.slice(..at)), Ok(bytes.slice(at..))];
            assert_eq!(events_in(pieces).await.unwrap(), expected, "cut at {at}");
        }
        let single = bytes.iter().map(|byte| Ok(Bytes::copy_from_slice(&[*byte]))).collect();
        assert_eq!(events_in(single).await.unwrap(), expected);
    }

    #[tokio::test]
    async fn a_stream_that_stops_before_its_end_is_an_error() {
        let finish = STREAM.find("data: {\"choices\":[{\"delta\":{},").unwrap();
        for at in (0..finish).chain([finish + 20]) {
            let failure = events_in(vec![Ok(Bytes::copy_from_slice(&STREAM.as_bytes()[..at]))]).await.unwrap_err();
            assert!(failure.may_pass, "cut at {at}: {failure}");
        }
    }

    #[tokio::test]
    async fn what_keeps_the_bytes_from_coming_is_told() {
        let failure = Failure::slow("sent nothing more", Duration::from_secs(1));
        let told = failure.error.clone();
        let pieces = vec![Ok(Bytes::from_static(b"data: {}\n\n")), Err(failure)];
        assert_eq!(events_in(pieces).await.unwrap_err().error, told);
        let html = vec![Ok(Bytes::from_static(b"<html>\n</html>\n"))];
        assert!(!events_in(html).await.unwrap_err().may_pass);
    }
}
