//! What agents may do with a session's tables: the tools of the chat's models, and the tables to read.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{
    Policy,
    chat::{Caller, ToolBox, shown_cell},
    conversions::TableReport,
    tables::{Asker, RowsRequest, TableError, TablePage, TableService},
};
pub use crate::ports::language_model::ToolSpecification;

/// Rows that one reading of a table gives.
pub const ROWS_READ: u32 = 100;

/// Rows that one reading gives at most if more are asked for.
pub const MAX_ROWS_READ: u32 = 1_000;

/// Bytes of a tool's result: an agent's model reads it as well.
const RESULT_BYTES: usize = 64 << 10;

/// Makes the tools of agents. Cheap to clone.
#[derive(Clone)]
pub struct AgentService {
    tables: TableService,
    policy: Arc<Policy>,
}

impl AgentService {
    pub(super) fn new(tables: TableService, policy: Arc<Policy>) -> Self {
        Self { tables, policy }
    }

    /// The tools over one session. Nothing that an agent says names another.
    #[must_use]
    pub fn tools(&self, asker: Asker) -> AgentTools {
        AgentTools { tables: self.tables.clone(), policy: Arc::clone(&self.policy), asker }
    }
}

/// The tools over one session. Calls know nothing of each other.
#[derive(Clone)]
pub struct AgentTools {
    tables: TableService,
    policy: Arc<Policy>,
    asker: Asker,
}

/// What a call of a tool came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Called {
    /// Its result, an object.
    Gave(Value),
    /// What is wrong with the call, and what mends it.
    Refused(String),
}

/// Some rows of a table, as an agent sees them.
#[derive(Clone, Debug, PartialEq)]
pub struct RowsRead {
    /// The table.
    pub table: TableReport,
    /// A value for each column.
    pub rows: Vec<Vec<Value>>,
    /// Where the rows go on; `None` after the last one.
    pub next: Option<u64>,
}

impl AgentTools {
    /// What there is to call. Every tool only reads.
    #[must_use]
    pub fn specifications() -> Vec<ToolSpecification> {
        ToolBox::specifications(Caller::Agent)
    }

    /// Calls a tool. An error is the service's, and nothing that the agent could mend.
    pub async fn call(&self, name: &str, arguments: Map<String, Value>) -> Result<Called, TableError> {
        let mut tools = ToolBox::new(self.tables.clone(), Arc::clone(&self.policy), self.asker, Vec::new());
        if name == "make_chart" {
            return chart(&mut tools, arguments).await;
        }
        Ok(match called(&mut tools, name, arguments).await? {
            Called::Gave(mut result) => {
                // A name to cite by; no later call knows it.
                if name == "run_sql" {
                    result.as_object_mut().and_then(|result| result.remove("query"));
                }
                Called::Gave(result)
            }
            refused @ Called::Refused(_) => refused,
        })
    }

    /// The tables of the last conversion; none before the first.
    pub async fn tables(&self) -> Result<Vec<TableReport>, TableError> {
        self.tables.list(self.asker.session).await
    }

    /// Rows of a table, at most [`MAX_ROWS_READ`] and fewer if they are large.
    pub async fn read(&self, table: &str, offset: u64, limit: u32) -> Result<RowsRead, TableError> {
        let limit = limit.min(MAX_ROWS_READ);
        let request = RowsRequest { offset, limit, ..RowsRequest::default() };
        let TablePage { table, rows: page, .. } = self.tables.rows(self.asker, table, request).await?;
        let has_more = page.rows.len() > limit as usize || page.truncated;
        let shown = |row: &Vec<Value>| row.iter().map(shown_cell).collect();
        let rows: Vec<Vec<Value>> = page.rows.iter().take(limit as usize).map(shown).collect();
        let next = has_more.then(|| offset.saturating_add(rows.len() as u64));
        Ok(RowsRead { table, rows, next })
    }
}

/// A statement and its chart in one call, for calls know nothing of each other.
async fn chart(tools: &mut ToolBox, mut arguments: Map<String, Value>) -> Result<Called, TableError> {
    let Some(sql) = arguments.remove("sql") else {
        return Ok(Called::Refused("the arguments do not fit: missing field `sql`".to_owned()));
    };
    // The rows are not told, only what of them the chart has.
    let query = match called_within(usize::MAX, tools, "run_sql", Map::from_iter([("sql".to_owned(), sql)])).await? {
        Called::Gave(query) => query,
        refused @ Called::Refused(_) => return Ok(refused),
    };
    if arguments.insert("query".to_owned(), query["query"].clone()).is_some() {
        return Ok(Called::Refused("the arguments do not fit: unknown field `query`; give `sql`".to_owned()));
    }
    if let refused @ Called::Refused(_) = called(tools, "make_chart", arguments).await? {
        return Ok(refused);
    }
    let specification = tools.evidence().charts().last().cloned();
    Ok(Called::Gave(json!({ "specification": specification, "truncated": query["truncated"] })))
}

async fn called(tools: &mut ToolBox, name: &str, arguments: Map<String, Value>) -> Result<Called, TableError> {
    called_within(RESULT_BYTES, tools, name, arguments).await
}

async fn called_within(
    room: usize,
    tools: &mut ToolBox,
    name: &str,
    arguments: Map<String, Value>,
) -> Result<Called, TableError> {
    let result = tools.call(name, &Value::Object(arguments).to_string(), room).await?;
    Ok(match result.get("error").and_then(Value::as_str) {
        Some(what) => Called::Refused(what.to_owned()),
        None => Called::Gave(result),
    })
}
