//! `chat`: conversations, and what is said in them.

mod answers;
mod bodies;

use std::str::FromStr;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use self::bodies::{ConversationBody, MessageBody, NewConversationBody, NewMessageBody, RenameBody, SummaryBody};
use crate::{
    domain::{AuditAction, ConversationId, MessageId, Timestamp, conversation::Speaker, names::content_disposition},
    http::{
        AnyJson, AppJson, AppPath, AppQuery, AppState, Problem, ProblemCode, SignedInUser,
        paging::{ItemPage, PageQuery},
    },
    services::{
        Page,
        conversations::{Durability, ExportFormat, Flushed, Freshness, ListPosition, Said, Summary},
    },
};

/// Says whether what was written is in the database (`durable`), or in two other places until the database is back (`journaled`), or kept
/// nowhere for good (`temporary`).
static DURABILITY: HeaderName = HeaderName::from_static("x-durability");

/// A title is cut after so many characters.
const TITLE_CHARACTERS: usize = 200;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(read, rename, remove))
        .routes(routes!(append))
        .routes(routes!(give_feedback))
        .routes(routes!(export))
        .routes(routes!(flush))
        .merge(answers::router())
}

#[derive(Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Items of a page, 1 to 1000; 100 if not given.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Words: conversations with a title or a message in which each is the beginning of a word. Capitals and accents do not count. Signs
    /// without a word are found nowhere.
    q: Option<String>,
}

#[derive(Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ReadQuery {
    /// The last message that the reader has seen: it is in the answer, if it is in the conversation.
    seen: Option<MessageId>,
}

#[derive(Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ExportQuery {
    /// `md`: the last branch, to be read; `json`: everything.
    format: Option<String>,
}

/// Your conversations, the last used first, without their messages.
#[utoipa::path(get, path = "/api/conversations", tag = "chat", security(("bearer" = [])), params(ListQuery),
    responses((status = 200, body = ItemPage<SummaryBody>)))]
async fn list(
    State(state): State<AppState>,
    SignedInUser(user): SignedInUser,
    AppQuery(query): AppQuery<ListQuery>,
) -> Result<Json<ItemPage<SummaryBody>>, Problem> {
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    let after = page.cursor(|text| Position::from_str(text).ok())?.map(|position| position.0);
    let limit = page.limit()?;
    let found = state.services.conversations.list(user.user.id, query.q.as_deref(), after, limit + 1).await?;
    Ok(Json(ItemPage::from_page(Page::of(found, limit, position), SummaryBody::from)))
}

/// Begin a conversation.
#[utoipa::path(post, path = "/api/conversations", tag = "chat", security(("bearer" = [])),
    request_body = NewConversationBody, responses((status = 201, body = ConversationBody,
    headers(("x-durability" = String, description = "`durable`, `journaled` (in two other places until the database is back) or `temporary`"))),
    (status = 409, description = "`temporary_full`"), (status = 503, description = "`unavailable`")))]
async fn create(
    State(state): State<AppState>,
    SignedInUser(user): SignedInUser,
    AppJson(body): AppJson<NewConversationBody>,
) -> Result<Response, Problem> {
    let answering = state.services.chat.model();
    if body.model.as_deref().is_some_and(|model| model != answering) {
        return Err(Problem::new(ProblemCode::InvalidBody, format!("model: takes '{answering}', which answers here")));
    }
    let title = body.title.as_deref().map(title);
    let (conversations, owner) = (&state.services.conversations, user.user.id);
    let (title, model) = (title.as_deref(), body.model.as_deref());
    let (conversation, durability) = match body.temporary {
        true => conversations.create_temporary(owner, user.session.id, title, model).await?,
        false => conversations.create(owner, title, model).await?,
    };
    let location = format!("/api/conversations/{}", conversation.id);
    let answer = (StatusCode::CREATED, [(header::LOCATION, location)], Json(ConversationBody::from(&conversation)));
    Ok(with_durability(answer, durability))
}

/// A conversation with all its messages, each after the one it answers. `Cache-Control: max-stale` takes a copy that cannot be verified while
/// the database is away.
#[utoipa::path(get, path = "/api/conversations/{id}", tag = "chat", security(("bearer" = [])),
    params(("id" = ConversationId, Path, description = "the conversation"), ReadQuery),
    responses((status = 200, body = ConversationBody), (status = 404, description = "`not_found`"),
    (status = 503, description = "`unavailable`")))]
async fn read(
    State(state): State<AppState>,
    SignedInUser(user): SignedInUser,
    AppPath(id): AppPath<ConversationId>,
    AppQuery(query): AppQuery<ReadQuery>,
    headers: HeaderMap,
) -> Result<Json<ConversationBody>, Problem> {
    let freshness = if takes_stale(&headers) { Freshness::AsCached } else { Freshness::Verified };
    let conversation = state.services.conversations.get(user.user.id, id, query.seen, freshness).await?;
    Ok(Json(ConversationBody::from(&conversation)))
}

/// Name a conversation.
#[utoipa::path(patch, path = "/api/conversations/{id}", tag = "chat", security(("bearer" = [])), request_body = RenameBody,
    params(("id" = ConversationId, Path, description = "the conversation")),
    responses((status = 204, description = "named",
    headers(("x-durability" = String, description = "`durable`, `journaled` (in two other places until the database is back) or `temporary`"))), (status = 404, description = "`not_found`"),
    (status = 409, description = "`temporary_full`")))]
async fn rename(
    State(state): State<AppState>,
    SignedInUser(user): SignedInUser,
    AppPath(id): AppPath<ConversationId>,
    AppJson(body): AppJson<RenameBody>,
) -> Result<Response, Problem> {
    let durability = state.services.conversations.rename(user.user.id, id, &title(&body.title)).await?;
    Ok(with_durability(StatusCode::NO_CONTENT, durability))
}

/// Delete a conversation, for good.
#[utoipa::path(delete, path = "/api/conversations/{id}", tag = "chat", security(("bearer" = [])),
    params(("id" = ConversationId, Path, description = "the conversation")),
    responses((status = 204, description = "deleted",
    headers(("x-durability" = String, description = "`durable`, `journaled` (in two other places until the database is back) or `temporary`"))), (status = 404, description = "`not_found`")))]
async fn remove(
    State(state): State<AppState>,
    SignedInUser(user): SignedInUser,
    AppPath(id): AppPath<ConversationId>,
) -> Result<Response, Problem> {
    let durability = state.services.chat.delete(user.user.id, id).await?;
    if !id.is_temporary() {
        let audit = &state.services.audit;
        audit.record(audit.entry(&user.actor(), AuditAction::ConversationDeleted).about(id)).await;
    }
    Ok(with_durability(StatusCode::NO_CONTENT, durability))
}

/// Append a message. With an `id` it may be sent again: it is kept once. Without `parent_id` it follows the last message; another with the same
/// parent is a branch.
#[utoipa::path(post, path = "/api/conversations/{id}/messages", tag = "chat", security(("bearer" = [])),
    request_body = NewMessageBody, params(("id" = ConversationId, Path, description = "the conversation")),
    responses((status = 201, body = MessageBody,
    headers(("x-durability" = String, description = "`durable`, `journaled` (in two other places until the database is back) or `temporary`"))), (status = 404, description = "`not_found`"),
    (status = 409, description = "`message_exists`, `temporary_full`"), (status = 413, description = "`message_too_large`"),
    (status = 422, description = "`unknown_parent`"), (status = 503, description = "`unavailable`")))]
async fn append(
    State(state): State<AppState>,
    SignedInUser(user): SignedInUser,
    AppPath(id): AppPath<ConversationId>,
    AppJson(body): AppJson<NewMessageBody>,
) -> Result<Response, Problem> {
    let said = Said::from(body);
    // What models and tools said may be nothing, and is kept as it was.
    if said.role == Speaker::User && said.content.trim().is_empty() {
        return Err(Problem::new(ProblemCode::InvalidBody, "content: write a message"));
    }
    let (message, durability) = state.services.conversations.say(user.user.id, id, said).await?;
    Ok(with_durability((StatusCode::CREATED, Json(MessageBody::of(message, None))), durability))
}

/// Say what you think of a message: any JSON; `null` takes it back.
#[utoipa::path(put, path = "/api/conversations/{id}/messages/{message}/feedback", tag = "chat", security(("bearer" = [])),
    request_body = Value,
    params(("id" = ConversationId, Path, description = "the conversation"), ("message" = MessageId, Path, description = "the message")),
    responses((status = 204, description = "kept",
    headers(("x-durability" = String, description = "`durable`, `journaled` (in two other places until the database is back) or `temporary`"))), (status = 404, description = "`not_found`"),
    (status = 409, description = "`temporary_full`"),
    (status = 413, description = "`message_too_large`")))]
async fn give_feedback(
    State(state): State<AppState>,
    SignedInUser(user): SignedInUser,
    AppPath((id, message)): AppPath<(ConversationId, MessageId)>,
    AnyJson(feedback): AnyJson<serde_json::Value>,
) -> Result<Response, Problem> {
    let durability = state.services.conversations.give_feedback(user.user.id, id, message, &feedback).await?;
    Ok(with_durability(StatusCode::NO_CONTENT, durability))
}

/// A conversation as a file.
#[utoipa::path(get, path = "/api/conversations/{id}/export", tag = "chat", security(("bearer" = [])),
    params(("id" = ConversationId, Path, description = "the conversation"), ExportQuery),
    responses((status = 200, description = "the file"), (status = 404, description = "`not_found`")))]
async fn export(
    State(state): State<AppState>,
    SignedInUser(user): SignedInUser,
    AppPath(id): AppPath<ConversationId>,
    AppQuery(query): AppQuery<ExportQuery>,
) -> Result<Response, Problem> {
    let refused = |problem| Problem::new(ProblemCode::InvalidParameter, format!("format: {problem}"));
    let format: ExportFormat = query.format.as_deref().unwrap_or("md").parse().map_err(refused)?;
    let conversation = state.services.conversations.get(user.user.id, id, None, Freshness::Verified).await?;
    let (extension, media_type) = match format {
        ExportFormat::Markdown => ("md", "text/markdown; charset=utf-8"),
        ExportFormat::Json => ("json", "application/json"),
    };
    let name = format!("{}.{extension}", conversation.title().unwrap_or_else(|| "conversation".into()));
    let disposition =
        HeaderValue::from_str(&content_disposition(&name)).unwrap_or_else(|_| HeaderValue::from_static("attachment"));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (header::CONTENT_DISPOSITION, disposition),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    Ok((headers, conversation.export(format)).into_response())
}

/// Write what waits of your conversations to the database now.
#[utoipa::path(post, path = "/api/conversations/flush", tag = "chat", security(("bearer" = [])),
    responses((status = 200, body = Flushed)))]
async fn flush(State(state): State<AppState>, SignedInUser(user): SignedInUser) -> Result<Json<Flushed>, Problem> {
    Ok(Json(state.services.conversations.flush(Some(user.user.id)).await?))
}

fn with_durability(answer: impl IntoResponse, durability: Durability) -> Response {
    let mut answer = answer.into_response();
    let value = match durability {
        Durability::Durable => "durable",
        Durability::Journaled => "journaled",
        Durability::Temporary => "temporary",
    };
    answer.headers_mut().insert(DURABILITY.clone(), HeaderValue::from_static(value));
    answer
}

fn takes_stale(headers: &HeaderMap) -> bool {
    let directives = headers.get_all(header::CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    directives
        .flat_map(|value| value.split(','))
        .any(|directive| directive.trim().split('=').next().is_some_and(|name| name.eq_ignore_ascii_case("max-stale")))
}

fn title(text: &str) -> String {
    text.trim().chars().take(TITLE_CHARACTERS).collect()
}

/// A place in a list, as a cursor: `{milliseconds}_{id}`.
struct Position(ListPosition);

fn position(last: &Summary) -> String {
    format!("{}_{}", last.updated_at.as_millis(), last.id)
}

impl FromStr for Position {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (millis, id) = text.split_once('_').ok_or(())?;
        let updated_at = Timestamp::from_millis(millis.parse().map_err(|_| ())?);
        Ok(Self(ListPosition { updated_at, id: id.parse().map_err(|_| ())? }))
    }
}
