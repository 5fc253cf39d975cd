//! `compare`: what differs between two tables, or between two uploads.

use std::time::Instant;

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    http::{AppJson, AppState, Problem, ProblemCode, SignedInUser},
    services::tables::{ComparisonRequest, MAX_DIFFERENCES, MatchedBy, SideKind, TableDifferences},
};

/// Rows told of each pair of tables if nothing else is asked for.
const DEFAULT_ROWS: usize = 100;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(compare))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CompareBody {
    /// What was: a table of the last conversion, or an upload by its id or name, a document by its id or path, or a group.
    left: String,
    /// What is: a table too, or an upload, document or group too.
    right: String,
    /// What both sides are. If it is not given, a name means a table before an upload or a document, and these before a group.
    kind: Option<KindBody>,
    /// The column that tells rows apart, or several that do together. If not given, one is looked for.
    key: Option<Key>,
    /// Only these tables of two uploads.
    #[serde(default)]
    tables: Vec<String>,
    /// Rows told of each pair of tables, 0 to 1000; 100 if not given. All are counted.
    limit: Option<usize>,
}

#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = KindOfSides)]
enum KindBody {
    Table,
    Upload,
    Document,
    Group,
}

impl From<KindBody> for SideKind {
    fn from(kind: KindBody) -> Self {
        match kind {
            KindBody::Table => Self::Table,
            KindBody::Upload => Self::Upload,
            KindBody::Document => Self::Document,
            KindBody::Group => Self::Group,
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
enum Key {
    One(String),
    Several(Vec<String>),
}

#[derive(Serialize, ToSchema)]
struct ComparisonBody {
    /// One entry for each pair of tables that has rows.
    tables: Vec<TableDifferencesBody>,
    elapsed_ms: u64,
}

/// What differs between two tables.
#[derive(Serialize, ToSchema)]
struct TableDifferencesBody {
    /// The table on the left side; null if that side has none.
    left: Option<String>,
    /// The table on the right side; null if that side has none.
    right: Option<String>,
    matched_by: MatchedByBody,
    /// The columns that tell rows apart; `parent.column` is one of the parent row.
    key: Vec<String>,
    /// Rows on the left side only.
    removed: u64,
    /// Rows on the right side only.
    added: u64,
    /// Rows of both sides with a cell that is not the same.
    changed: u64,
    /// Rows that are the same on both sides.
    unchanged: u64,
    /// Columns that only the left table has; they are not compared.
    columns_only_left: Vec<String>,
    /// Columns that only the right table has; they are not compared.
    columns_only_right: Vec<String>,
    /// The first rows that differ, in order of the key.
    rows: Vec<RowBody>,
    /// Whether there are more.
    truncated: bool,
}

/// How it was decided which rows belong together.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum MatchedByBody {
    /// By the key that was asked for.
    Given,
    /// By columns that were found to tell rows apart on both sides.
    Found,
    /// By all that a row holds: no column tells rows apart, so that a row with another cell counts as one removed and one added.
    Content,
}

#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Change {
    Removed,
    Added,
    Changed,
}

#[derive(Serialize, ToSchema)]
struct RowBody {
    change: Change,
    /// The key's columns and their values.
    #[schema(value_type = Object)]
    key: Map<String, Value>,
    /// The row's number in the left table; null if it was added.
    left_row: Option<i64>,
    /// The row's number in the right table; null if it was removed.
    right_row: Option<i64>,
    /// The cells that differ; of a row that was added or removed, all that are not empty.
    cells: Vec<CellBody>,
}

#[derive(Serialize, ToSchema)]
struct CellBody {
    column: String,
    /// The value on the left side; null if there is none.
    #[schema(value_type = Value, nullable)]
    left: Value,
    /// The value on the right side; null if there is none.
    #[schema(value_type = Value, nullable)]
    right: Value,
}

/// Compare two tables of the last conversion, or all tables of two uploads, row by row and cell by cell.
#[utoipa::path(post, path = "/api/compare", tag = "compare", security(("bearer" = [])), request_body = CompareBody,
    responses((status = 200, body = ComparisonBody),
    (status = 400, description = "`invalid_parameter`: a column that is not there, or a key that does not tell rows apart"),
    (status = 404, description = "`not_found`: there is no such table, upload, document or group"),
    (status = 408, description = "`sql_timeout`"), (status = 409, description = "`nothing_converted`")))]
async fn compare(
    State(state): State<AppState>,
    SignedInUser(who): SignedInUser,
    AppJson(body): AppJson<CompareBody>,
) -> Result<Json<ComparisonBody>, Problem> {
    let started = Instant::now();
    let limit = body.limit.unwrap_or(DEFAULT_ROWS);
    if limit > MAX_DIFFERENCES {
        let reason = format!("limit takes a number from 0 to {MAX_DIFFERENCES}");
        return Err(Problem::new(ProblemCode::InvalidParameter, reason));
    }
    let key = match body.key {
        None => Vec::new(),
        Some(Key::One(column)) => vec![column],
        Some(Key::Several(columns)) => columns,
    };
    let kind = body.kind.map(SideKind::from);
    let asked = ComparisonRequest { left: body.left, right: body.right, kind, key, tables: body.tables, limit };
    let compared = state.services.tables.compare(who.asker(), asked).await?;
    Ok(Json(ComparisonBody {
        tables: compared.into_iter().map(TableDifferencesBody::from).collect(),
        elapsed_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
    }))
}

impl From<TableDifferences> for TableDifferencesBody {
    fn from(found: TableDifferences) -> Self {
        let TableDifferences { left, right, matched_by, key, columns, only_left, only_right, differences } = found;
        let rows = differences.rows.into_iter().map(|row| RowBody {
            change: match (row.left, row.right) {
                (Some(_), None) => Change::Removed,
                (None, Some(_)) => Change::Added,
                _ => Change::Changed,
            },
            key: key.iter().cloned().zip(row.key).collect(),
            left_row: row.left,
            right_row: row.right,
            cells: row
                .cells
                .into_iter()
                .map(|cell| CellBody { column: columns[cell.column].clone(), left: cell.left, right: cell.right })
                .collect(),
        });
        let counts = differences.counts;
        Self {
            rows: rows.collect(),
            left,
            right,
            matched_by: match matched_by {
                MatchedBy::Given => MatchedByBody::Given,
                MatchedBy::Found => MatchedByBody::Found,
                MatchedBy::Content => MatchedByBody::Content,
            },
            key,
            removed: counts.removed,
            added: counts.added,
            changed: counts.changed,
            unchanged: counts.unchanged,
            columns_only_left: only_left,
            columns_only_right: only_right,
            truncated: differences.truncated,
        }
    }
}
