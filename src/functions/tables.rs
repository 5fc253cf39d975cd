//! `tables`: the converted tables, their rows, and read-only SQL over them.

use axum::{
    Json,
    extract::{FromRequestParts as _, Request, State},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, header};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    http::{AppJson, AppPath, AppQuery, AppState, Problem, ProblemCode, SignedInUser, paging::PageQuery},
    services::{
        conversions::TableReport,
        tables::{
            ByMeaning, Comparison, Counted, Direction, Filter, Hit, MAX_HITS, QueryRows, RowsRequest, SearchedFor,
            Standing, TablePage,
        },
    },
};

/// Rows that a search shows if not told otherwise.
const DEFAULT_HITS: usize = 20;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(search)).routes(routes!(rows)).routes(routes!(query))
}

#[derive(Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct RowsQuery {
    /// Rows of a page, 1 to 1000; 100 if not given.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// `next_cursor` of the page before. It is the number of rows before the page, of whatever order and conditions are asked for with it.
    cursor: Option<String>,
    /// A column's name; with `-` in front the greatest come first.
    sort: Option<String>,
    /// Conditions that all hold, separated by `;`: a column, one of `=`, `!=`, `<`, `<=`, `>`, `>=` or `~` (contains), and a value.
    /// It is percent-encoded as any parameter is: `price>=10;name~ink` is sent as `price%3E%3D10%3Bname~ink`. A value has no `;` in it, for that
    /// begins the next condition.
    filter: Option<String>,
    /// `true` tells how many rows fit the conditions.
    count: Option<bool>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct SearchQuery {
    /// Words; case and accents do not count, and the last word may be a beginning.
    q: String,
    /// Only this table.
    table: Option<String>,
    /// Only tables of this group.
    group: Option<String>,
    /// Rows at most, 1 to 100; 20 if not given.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<usize>,
}

/// Rows that were found.
#[derive(Serialize, ToSchema)]
struct FoundBody {
    /// Best first: rows with all words, or else rows with some, and those that mean the like.
    items: Vec<HitBody>,
    /// Whether all rows were searched. Until the index of a conversion is built, only the first ones are.
    indexed: bool,
    /// Whether rows were looked for that mean the like, without having the words.
    meaning: MeaningBody,
}

/// Whether a search went by meaning too.
#[derive(Serialize, ToSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
enum MeaningBody {
    /// It did.
    Used {
        /// Rows that have a vector; further ones are found by words only.
        rows: u64,
        /// Rows of all tables.
        rows_in_all: u64,
    },
    /// No model that turns texts into vectors is set.
    Off,
    /// The vectors of the rows are being made; until then words count alone.
    Building,
    /// There are none: their job has failed or was cancelled, or another model made them. Converting again makes them.
    Missing,
    /// The model did not answer in time; words counted alone.
    Unanswered,
}

impl From<ByMeaning> for MeaningBody {
    fn from(meaning: ByMeaning) -> Self {
        match meaning {
            ByMeaning::Used { rows, rows_in_all } => Self::Used { rows, rows_in_all },
            ByMeaning::Off => Self::Off,
            ByMeaning::Building => Self::Building,
            ByMeaning::Missing => Self::Missing,
            ByMeaning::Unanswered => Self::Unanswered,
        }
    }
}

/// By what a row was found.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum FoundBy {
    /// It has words of the question.
    Words,
    /// It means the like.
    Meaning,
}

#[derive(Serialize, ToSchema)]
struct HitBody {
    table: String,
    /// The row's `_id`, or its number from 1 in a table without one.
    row: String,
    /// `column: value` pairs around the first word that was found.
    excerpt: String,
    /// Greater is better; only rows of one answer compare.
    score: f64,
    /// `words`, `meaning`, or both.
    found_by: Vec<FoundBy>,
}

impl From<Hit> for HitBody {
    fn from(hit: Hit) -> Self {
        let Hit { table, row, excerpt, score, by_words, by_meaning } = hit;
        let words = by_words.then_some(FoundBy::Words);
        let found_by = words.into_iter().chain(by_meaning.then_some(FoundBy::Meaning)).collect();
        Self { table, row, excerpt, score, found_by }
    }
}

/// The tables of the last conversion.
#[derive(Serialize, ToSchema)]
struct TablesBody {
    items: Vec<TableReport>,
    /// Always null: all tables are in one answer.
    next_cursor: Option<String>,
    /// Uploads that were removed, or have other bytes, since they were converted: the tables still have their rows as they were. Convert again.
    outdated: Vec<String>,
}

/// A table with one page of its rows.
#[derive(Serialize, ToSchema)]
struct TableBody {
    #[serde(flatten)]
    table: TableReport,
    /// Rows of this page, a value for each column.
    #[schema(value_type = Vec<Vec<Value>>)]
    items: Vec<Vec<serde_json::Value>>,
    next_cursor: Option<String>,
    /// How many rows fit the conditions, if it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    matching: Option<MatchingBody>,
}

/// How many rows fit the conditions.
#[derive(Serialize, ToSchema)]
struct MatchingBody {
    rows: u64,
    /// Whether these are all. Counting ends after half a second; then there are at least so many.
    complete: bool,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct QueryBody {
    /// One SELECT over the session's tables.
    sql: String,
    /// Rows at most.
    #[schema(minimum = 1)]
    limit: Option<usize>,
    #[serde(default)]
    format: ResultFormat,
}

#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ResultFormat {
    #[default]
    Json,
    Csv,
}

#[derive(Serialize, ToSchema)]
struct ResultBody {
    columns: Vec<String>,
    /// A value for each column.
    #[schema(value_type = Vec<Vec<Value>>)]
    rows: Vec<Vec<serde_json::Value>>,
    /// Whether a limit cut the result.
    truncated: bool,
    elapsed_ms: u64,
}

/// The tables of the last conversion.
#[utoipa::path(get, path = "/api/tables", tag = "tables", security(("bearer" = [])),
    responses((status = 200, body = TablesBody)))]
async fn list(State(state): State<AppState>, SignedInUser(who): SignedInUser) -> Result<Json<TablesBody>, Problem> {
    let Standing { tables, outdated } = state.services.tables.standing(who.session.id).await?;
    Ok(Json(TablesBody { items: tables, next_cursor: None, outdated }))
}

/// Search the rows of all tables for words, and for what they mean. Without `q` this is the table of the name `search`.
#[utoipa::path(get, path = "/api/tables/search", tag = "tables", security(("bearer" = [])), params(SearchQuery),
    responses((status = 200, body = FoundBody), (status = 404, description = "`not_found`: there is no such table or group"),
    (status = 409, description = "`nothing_converted`"), (status = 429, description = "`rate_limited`: other statements of yours are running"),
    (status = 503, description = "`unavailable`: so are too many of others")))]
async fn search(State(state): State<AppState>, who: SignedInUser, request: Request) -> Result<Response, Problem> {
    let (mut parts, _) = request.into_parts();
    let asked = parts.uri.query().unwrap_or_default();
    if !url::form_urlencoded::parse(asked.as_bytes()).any(|(name, _)| name == "q") {
        let query = AppQuery::from_request_parts(&mut parts, &state).await?;
        let page = Box::pin(rows(State(state), who, AppPath("search".to_owned()), query)).await?;
        return Ok(page.into_response());
    }
    let AppQuery(SearchQuery { q, table, group, limit }) = AppQuery::from_request_parts(&mut parts, &state).await?;
    let limit = limit.unwrap_or(DEFAULT_HITS);
    if !(1..=MAX_HITS).contains(&limit) {
        return Err(Problem::new(ProblemCode::InvalidParameter, format!("limit takes a number from 1 to {MAX_HITS}")));
    }
    let asked = SearchedFor { words: q, tables: table.into_iter().collect(), group, limit };
    let found = state.services.tables.search(who.0.asker(), &asked).await?;
    let items = found.hits.into_iter().map(HitBody::from).collect();
    Ok(Json(FoundBody { items, indexed: found.indexed, meaning: found.meaning.into() }).into_response())
}

/// One table with a page of its rows.
#[utoipa::path(get, path = "/api/tables/{table}", tag = "tables", security(("bearer" = [])),
    params(("table" = String, Path, description = "the table's name"), RowsQuery),
    responses((status = 200, body = TableBody), (status = 404, description = "`not_found`"),
    (status = 429, description = "`rate_limited`: other statements of yours are running"),
    (status = 503, description = "`unavailable`: so are too many of others")))]
async fn rows(
    State(state): State<AppState>,
    SignedInUser(who): SignedInUser,
    AppPath(table): AppPath<String>,
    AppQuery(query): AppQuery<RowsQuery>,
) -> Result<Json<TableBody>, Problem> {
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    let limit = page.limit()?;
    let offset = page.cursor(|text| text.parse::<u64>().ok())?.unwrap_or(0);
    let request = RowsRequest {
        sort: query.sort.as_deref().map(parse_sort),
        filters: parse_filters(query.filter.as_deref().unwrap_or_default())?,
        offset,
        limit,
        counted: query.count.unwrap_or(false),
    };
    let TablePage { table, rows: mut found, matching } =
        state.services.tables.rows(who.asker(), &table, request).await?;
    // A page cut by its bytes goes on where it was cut.
    let more = found.rows.len() > limit as usize || found.truncated;
    found.rows.truncate(limit as usize);
    let next_cursor = more.then(|| (offset + found.rows.len() as u64).to_string());
    let matching = matching.map(|Counted { rows, complete }| MatchingBody { rows, complete });
    Ok(Json(TableBody { table, items: found.rows, next_cursor, matching }))
}

/// Run one read-only SQL statement over the session's tables.
#[utoipa::path(post, path = "/api/tables/query", tag = "tables", security(("bearer" = [])), request_body = QueryBody,
    responses((status = 200, body = ResultBody), (status = 408, description = "`sql_timeout`"),
    (status = 409, description = "`nothing_converted`"), (status = 422, description = "`sql_rejected` or `sql_failed`"),
    (status = 429, description = "`rate_limited`: other statements of yours are running"),
    (status = 503, description = "`unavailable`: so are too many of others")))]
async fn query(
    State(state): State<AppState>,
    SignedInUser(who): SignedInUser,
    AppJson(body): AppJson<QueryBody>,
) -> Result<Response, Problem> {
    if body.limit == Some(0) {
        return Err(Problem::new(ProblemCode::InvalidParameter, "limit takes a number from 1"));
    }
    let found = state.services.tables.query(who.asker(), body.sql, body.limit).await?;
    match body.format {
        ResultFormat::Json => Ok(Json(ResultBody {
            columns: found.columns,
            rows: found.rows,
            truncated: found.truncated,
            elapsed_ms: u64::try_from(found.elapsed.as_millis()).unwrap_or(u64::MAX),
        })
        .into_response()),
        ResultFormat::Csv => csv_answer(&found),
    }
}

fn csv_answer(found: &QueryRows) -> Result<Response, Problem> {
    let internal = |_| Problem::of(ProblemCode::Internal);
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&found.columns).map_err(internal)?;
    for row in &found.rows {
        let cells = row.iter().map(|value| match value {
            serde_json::Value::Null => String::new(),
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        writer.write_record(cells).map_err(internal)?;
    }
    let text = writer.into_inner().map_err(|_| Problem::of(ProblemCode::Internal))?;
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    headers.insert("x-truncated", HeaderValue::from_static(if found.truncated { "true" } else { "false" }));
    Ok(response)
}

fn parse_sort(text: &str) -> (String, Direction) {
    match text.strip_prefix('-') {
        Some(column) => (column.to_owned(), Direction::Descending),
        None => (text.to_owned(), Direction::Ascending),
    }
}

fn parse_filters(text: &str) -> Result<Vec<Filter>, Problem> {
    text.split(';').filter(|condition| !condition.trim().is_empty()).map(parse_filter).collect()
}

fn parse_filter(condition: &str) -> Result<Filter, Problem> {
    const OPERATORS: [(&str, Comparison); 7] = [
        ("!=", Comparison::NotEqual),
        ("<=", Comparison::LessOrEqual),
        (">=", Comparison::GreaterOrEqual),
        ("=", Comparison::Equal),
        ("<", Comparison::Less),
        (">", Comparison::Greater),
        ("~", Comparison::Contains),
    ];
    // The operator that comes first counts, and of two at one place the longer.
    let found = OPERATORS
        .into_iter()
        .filter_map(|(text, comparison)| condition.find(text).map(|at| (at, text, comparison)))
        .min_by_key(|(at, text, _)| (*at, usize::MAX - text.len()));
    match found {
        Some((at, text, comparison)) if at > 0 => Ok(Filter {
            column: condition[..at].trim().to_owned(),
            comparison,
            value: condition[at + text.len()..].to_owned(),
        }),
        _ => Err(Problem::new(
            ProblemCode::InvalidParameter,
            format!("'{condition}' is not a condition; write a column, one of = != < <= > >= ~ and a value"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_read() {
        let filters = parse_filters("qty>=5;name~a=b; note = x y").unwrap();
        let read: Vec<_> =
            filters.iter().map(|filter| (filter.column.as_str(), filter.comparison, filter.value.as_str())).collect();
        assert_eq!(
            read,
            [
                ("qty", Comparison::GreaterOrEqual, "5"),
                ("name", Comparison::Contains, "a=b"),
                ("note", Comparison::Equal, " x y")
            ]
        );
        assert!(parse_filters("=5").is_err());
        assert!(parse_filters("qty").is_err());
        assert!(parse_filters("").unwrap().is_empty());
    }
}
