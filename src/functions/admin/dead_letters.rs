//! What the database refused.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    domain::{ConversationId, Timestamp, UserId},
    http::{AdminUser, AppState, Problem},
    services::conversations::DeadLetter,
};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_dead_letters))
}

/// A change of a conversation that the database refused. What it says is its owner's business and not shown.
#[derive(Serialize, ToSchema)]
struct DeadLetterBody {
    conversation_id: ConversationId,
    /// Whose conversation it is.
    owner_id: UserId,
    /// What was changed: `t` the title, `l` the model, `m:{id}` a message, `f:{id}` feedback, `x` the deletion.
    register: String,
    written_at: Timestamp,
    bytes: usize,
    /// What the database said.
    why: String,
}

impl From<DeadLetter> for DeadLetterBody {
    fn from(letter: DeadLetter) -> Self {
        let change = letter.change;
        Self {
            conversation_id: change.conversation,
            owner_id: change.owner,
            register: change.register.to_string(),
            written_at: change.entry.at,
            bytes: change.entry.value.len(),
            why: letter.why,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct DeadLettersBody {
    items: Vec<DeadLetterBody>,
}

/// Changes of conversations that the database refused: set aside in Redis, and not tried again.
#[utoipa::path(get, path = "/api/admin/dead-letters", tag = "admin", security(("bearer" = [])),
    responses((status = 200, body = DeadLettersBody), (status = 403, description = "`admin_only`")))]
async fn list_dead_letters(State(state): State<AppState>, _admin: AdminUser) -> Result<Json<DeadLettersBody>, Problem> {
    let letters = state.services.conversations.dead_letters().await?;
    Ok(Json(DeadLettersBody { items: letters.into_iter().map(DeadLetterBody::from).collect() }))
}
