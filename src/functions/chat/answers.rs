//! Questions and answers: as JSON, or as server-sent events that a client may come back to.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response, sse::Event},
};
use futures::{Stream, StreamExt};
use http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::bodies::{MessageBody, given};
use crate::{
    domain::{ConversationId, MessageId, conversation::Message},
    http::{AppJson, AppPath, AppState, Problem, ProblemCode, SignedInUser, event_stream::event_stream},
    services::{
        chat::{AnswerDetails, Asked, ChatEvent, Place, Question},
        conversations::Follows,
    },
};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(ask)).routes(routes!(follow)).routes(routes!(stop))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct QuestionBody {
    /// What you ask.
    message: String,
    /// Any UUID, best of version 7: with it the question may be sent again, to the same conversation (or again to none). It is kept once, and the
    /// answer that is there is given, or followed if it is still being written; an answer that failed or broke off is written again.
    id: Option<MessageId>,
    /// An answer to the question of this `id` of which another is wanted, beside it: sent again, the same other one is given.
    instead_of: Option<MessageId>,
    /// The conversation; a new one if this is left out.
    conversation_id: Option<ConversationId>,
    /// The message that the question follows: the last one if this is left out, none if it is null. Another with the same parent is a branch.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<MessageId>)]
    parent_id: Option<Option<MessageId>>,
    /// Answer from these tables only.
    #[serde(default)]
    tables: Vec<String>,
    /// Answer with server-sent events, as `Accept: text/event-stream` asks for too.
    #[serde(default)]
    stream: bool,
}

impl From<QuestionBody> for Question {
    fn from(body: QuestionBody) -> Self {
        Self {
            text: body.message,
            id: body.id,
            instead_of: body.instead_of,
            conversation: body.conversation_id,
            follows: body.parent_id.map_or(Follows::TheLast, Follows::This),
            tables: body.tables,
        }
    }
}

/// An answer.
#[derive(Serialize, ToSchema)]
struct AnswerBody {
    conversation_id: ConversationId,
    message: AnswerMessageBody,
}

/// An answer, as a message of the conversation with what it rests on.
#[derive(Serialize, ToSchema)]
struct AnswerMessageBody {
    #[serde(flatten)]
    message: MessageBody,
    #[serde(flatten)]
    details: AnswerDetails,
    /// The last statement that was run.
    #[serde(skip_serializing_if = "Option::is_none")]
    sql: Option<String>,
    /// The last chart, as a Vega-Lite specification with its data.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    chart: Option<Value>,
}

impl From<Message> for AnswerMessageBody {
    fn from(mut message: Message) -> Self {
        let details = AnswerDetails::of(&message);
        message.content.details = None;
        Self {
            sql: details.queries.last().map(|query| query.sql.clone()),
            chart: details.charts.last().cloned(),
            message: MessageBody::of(message, None),
            details,
        }
    }
}

/// Ask about the session's tables. Without `stream` the answer comes when it is whole; with it as server-sent events `start`, `tool`, `delta`,
/// `citation`, `chart`, `done` (the whole message) or `error`.
#[utoipa::path(post, path = "/api/chat", tag = "chat", security(("bearer" = [])), request_body = QuestionBody, responses(
    (status = 200, body = AnswerBody), (status = 404, description = "`not_found`: no such conversation"),
    (status = 409, description = "`message_exists`, `temporary_full`"), (status = 413, description = "`message_too_large`"),
    (status = 429, description = "`too_many_answers`"), (status = 503, description = "`model_unavailable` or `unavailable`")))]
async fn ask(
    State(state): State<AppState>,
    SignedInUser(user): SignedInUser,
    headers: HeaderMap,
    AppJson(body): AppJson<QuestionBody>,
) -> Result<Response, Problem> {
    if body.message.trim().is_empty() {
        return Err(Problem::new(ProblemCode::InvalidBody, "message: write a question"));
    }
    if body.instead_of.is_some() && body.id.is_none() {
        return Err(Problem::new(ProblemCode::InvalidBody, "instead_of: goes with the id of the question"));
    }
    let accepts = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let streams = body.stream || accepts.into_iter().any(|accept| accept.contains("text/event-stream"));
    let Asked { conversation, mut events } =
        state.services.chat.ask(user.user.id, user.session.id, body.into()).await?;
    if streams {
        return Ok(sse(events));
    }
    let mut last = None;
    while let Some((_, event)) = events.next().await {
        last = Some(event);
    }
    match last {
        Some(ChatEvent::Done(message)) => {
            Ok(Json(AnswerBody { conversation_id: conversation, message: message.into() }).into_response())
        }
        Some(ChatEvent::Failed { why }) => Err(Problem::new(ProblemCode::ModelUnavailable, why)),
        _ => Err(Problem::of(ProblemCode::Internal)),
    }
}

/// Go on with an answer where you were: `Last-Event-ID` is the id of the last event that you have. Ids mean the same in every process; one that
/// does not write the answer tells of no tools, and of the words in other pieces.
#[utoipa::path(get, path = "/api/conversations/{id}/messages/{message}/events", tag = "chat", security(("bearer" = [])),
    params(("id" = ConversationId, Path, description = "the conversation"), ("message" = MessageId, Path, description = "the answer"),
    ("last-event-id" = Option<String>, Header, description = "the last event that was received")),
    responses((status = 200, content_type = "text/event-stream", body = String),
    (status = 400, description = "`invalid_parameter`: `Last-Event-ID` is the id of no event"), (status = 404, description = "`not_found`")))]
async fn follow(
    State(state): State<AppState>,
    SignedInUser(user): SignedInUser,
    AppPath((id, message)): AppPath<(ConversationId, MessageId)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let refused =
        || Problem::new(ProblemCode::InvalidParameter, "last-event-id: takes the id of an event of this answer");
    let last = headers.get("last-event-id").map(|value| value.to_str().map_err(|_| refused())).transpose()?;
    let had: Place = last.map(|last| last.parse().map_err(|_| refused())).transpose()?.unwrap_or_default();
    Ok(sse(state.services.chat.follow(user.user.id, id, message, had).await?))
}

/// End an answer where it is; what was said is kept.
#[utoipa::path(post, path = "/api/conversations/{id}/messages/{message}/stop", tag = "chat", security(("bearer" = [])),
    params(("id" = ConversationId, Path, description = "the conversation"), ("message" = MessageId, Path, description = "the answer")),
    responses((status = 202, description = "it ends within a second or two, if it has not ended"),
    (status = 404, description = "`not_found`")))]
async fn stop(
    State(state): State<AppState>,
    SignedInUser(user): SignedInUser,
    AppPath((id, message)): AppPath<(ConversationId, MessageId)>,
) -> Result<StatusCode, Problem> {
    state.services.chat.stop(user.user.id, id, message).await?;
    Ok(StatusCode::ACCEPTED)
}

fn sse(events: impl Stream<Item = (Place, ChatEvent)> + Send + 'static) -> Response {
    event_stream(events.map(|(place, event)| {
        let (name, data) = shown(event);
        Event::default().event(name).id(place.to_string()).json_data(data).unwrap_or_default()
    }))
}

fn shown(event: ChatEvent) -> (&'static str, Value) {
    match event {
        ChatEvent::Start { conversation, question, message, model } => (
            "start",
            json!({ "conversation_id": conversation, "question_id": question, "message_id": message, "model": model }),
        ),
        ChatEvent::Tool { name, arguments, error } => {
            let arguments: Value = serde_json::from_str(&arguments).unwrap_or(Value::String(arguments));
            ("tool", json!({ "name": name, "arguments": arguments, "error": error }))
        }
        ChatEvent::Delta(text) => ("delta", json!({ "text": text })),
        ChatEvent::Citation(citation) => ("citation", json!(citation)),
        ChatEvent::Chart(specification) => ("chart", specification),
        ChatEvent::Done(message) => ("done", json!(AnswerMessageBody::from(message))),
        ChatEvent::Failed { why } => ("error", json!({ "detail": why })),
    }
}
