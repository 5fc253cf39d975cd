//! What a model may do: look at the tables of one session, and nothing else. Each tool takes JSON and gives JSON.
//!
//! The session is fixed when the tools are made; no argument names one. What they gave is kept for the check of the answer.

mod chart;
mod describe;
mod evidence;
mod fit;
mod search;
mod sql;

use std::sync::Arc;

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use self::fit::{fault, seen, size};
pub(super) use self::{
    evidence::{Evidence, ShownQuery},
    fit::LEAST_ROOM,
};
use crate::{
    domain::{JobId, chat::visible},
    ports::language_model::ToolSpecification,
    services::{
        Policy,
        conversions::TableReport,
        tables::{Asker, Standing, TableError, TableService},
    },
};

/// Characters of a cell that a model sees.
const CELL_CHARACTERS: usize = 2_000;

/// What is said where there are no tables.
const NOTHING_CONVERTED: &str =
    "nothing has been converted yet, so there are no tables; upload XML documents and convert them first";

/// Who calls the tools.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caller {
    /// A model of the chat, which cites what the calls of its turn gave.
    Chat,
    /// An agent, whose calls know nothing of each other.
    Agent,
}

/// The tools, for one turn of one session.
pub(crate) struct ToolBox {
    tables: TableService,
    asker: Asker,
    /// Only these tables, if any are named.
    scope: Vec<String>,
    policy: Arc<Policy>,
    evidence: Evidence,
    /// The conversion that the evidence is of, once something was called.
    conversion: Option<Option<JobId>>,
}

/// What a model is told when the tables became others between or during its calls.
const CONVERTED_ANEW: &str =
    "the tables were converted anew meanwhile, so nothing that was found before holds; begin again with list_tables";

/// Why a tool gave nothing: told to the model, which may do better.
#[derive(Debug)]
pub(super) enum ToolFault {
    /// What is wrong with the call.
    Wrong(String),
    /// What the service lacks.
    Table(TableError),
}

impl<E: Into<TableError>> From<E> for ToolFault {
    fn from(error: E) -> Self {
        Self::Table(error.into())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListArguments {
    containing: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableArguments {
    table: String,
    containing: Option<String>,
}

impl ToolBox {
    /// The tools over the tables of a session; over some of them, if some are named.
    #[must_use]
    pub(crate) fn new(tables: TableService, policy: Arc<Policy>, asker: Asker, scope: Vec<String>) -> Self {
        Self { tables, asker, scope, policy, evidence: Evidence::default(), conversion: None }
    }

    /// What there is to call.
    #[must_use]
    pub(crate) fn specifications(caller: Caller) -> Vec<ToolSpecification> {
        vec![
            ToolSpecification {
                name: "list_tables".into(),
                description: "The tables of the data, with their columns and numbers of rows. Call it first.".into(),
                parameters: json!({
                    "type": "object", "additionalProperties": false,
                    "properties": { "containing": { "type": "string", "description": "only tables whose names have this text in them" } },
                }),
            },
            ToolSpecification {
                name: "describe_table".into(),
                description:
                    "A table's columns with their types and some of their values, its key and its parent table.".into(),
                parameters: json!({
                    "type": "object", "required": ["table"], "additionalProperties": false,
                    "properties": {
                        "table": { "type": "string" },
                        "containing": { "type": "string", "description": "only columns whose names have this text in them" },
                    },
                }),
            },
            search::specification(caller),
            sql::specification(caller),
            chart::specification(caller),
        ]
    }

    /// Calls a tool with arguments as a model wrote them. The result has at most so many bytes as JSON, or [`LEAST_ROOM`]; what does not fit is
    /// left out, and a `note` says how to ask for it. A call that cannot be made gives `{"error": …}`.
    pub(crate) async fn call(&mut self, name: &str, arguments: &str, room: usize) -> Result<Value, TableError> {
        let before = match self.conversion {
            Some(before) => before,
            None => self.tables.conversion(self.asker.session).await?,
        };
        let result = self.called(name, arguments, room).await?;
        let now = self.tables.conversion(self.asker.session).await?;
        self.conversion = Some(now);
        if now == before {
            return Ok(result);
        }
        self.evidence.forget();
        Ok(fault(CONVERTED_ANEW, CELL_CHARACTERS, room))
    }

    async fn called(&mut self, name: &str, arguments: &str, room: usize) -> Result<Value, TableError> {
        let called = match name {
            "list_tables" => self.list(arguments, room).await,
            "describe_table" => self.describe(arguments, room).await,
            "search_rows" => self.search(arguments, room).await,
            "run_sql" => self.run_sql(arguments, room).await,
            "make_chart" => self.make_chart(arguments),
            other => {
                let names: Vec<String> = Self::specifications(Caller::Chat).into_iter().map(|tool| tool.name).collect();
                Err(ToolFault::Wrong(format!("there is no tool '{other}'; call one of {}", names.join(", "))))
            }
        };
        let what = match called.map(seen) {
            Ok(result) if size(&result) <= room => return Ok(result),
            Ok(_) => "the result is more than fits; ask for less".to_owned(),
            Err(ToolFault::Wrong(what)) => what,
            Err(ToolFault::Table(error)) => Self::told(error)?,
        };
        Ok(fault(&what, CELL_CHARACTERS, room))
    }

    /// What the tools gave.
    #[must_use]
    pub(crate) fn evidence(&self) -> &Evidence {
        &self.evidence
    }

    /// What is the model's to mend is told to it; what is not ends the turn.
    fn told(error: TableError) -> Result<String, TableError> {
        use crate::ports::tables::QueryError;
        Ok(match error {
            TableError::Query(QueryError::Store(_)) => return Err(error),
            TableError::Query(QueryError::Rejected(reason)) => {
                format!("{reason}; write one read-only SELECT over the tables")
            }
            TableError::NothingConverted => NOTHING_CONVERTED.to_owned(),
            other => other.to_string(),
        })
    }

    async fn list(&mut self, arguments: &str, room: usize) -> Result<Value, ToolFault> {
        let ListArguments { containing } = read(arguments)?;
        let Standing { mut tables, outdated } = self.tables.standing(self.asker.session).await?;
        if tables.is_empty() {
            return Ok(json!({ "tables": [], "note": NOTHING_CONVERTED }));
        }
        self.keep_scope(&mut tables);
        Ok(describe::list(&tables, &outdated, containing.as_deref(), room))
    }

    async fn describe(&mut self, arguments: &str, room: usize) -> Result<Value, ToolFault> {
        let TableArguments { table, containing } = read(arguments)?;
        let table = self.table(&table).await?;
        describe::table(&self.tables, self.asker, &table, containing.as_deref(), room).await
    }

    async fn in_scope(&mut self) -> Result<Vec<TableReport>, TableError> {
        let mut tables = self.tables.list(self.asker.session).await?;
        self.keep_scope(&mut tables);
        Ok(tables)
    }

    fn keep_scope(&mut self, tables: &mut Vec<TableReport>) {
        tables.retain(|table| {
            self.scope.is_empty() || self.scope.iter().any(|name| name.eq_ignore_ascii_case(&table.name))
        });
        self.evidence.add_names(
            tables
                .iter()
                .flat_map(|table| table.columns.iter().map(|column| column.name.as_str()).chain([table.name.as_str()])),
        );
    }

    async fn table(&mut self, name: &str) -> Result<TableReport, ToolFault> {
        let tables = self.in_scope().await?;
        let names: Vec<String> = tables.iter().map(|table| table.name.clone()).collect();
        let found = tables.into_iter().find(|table| visible(&table.name, usize::MAX).eq_ignore_ascii_case(name));
        found.ok_or_else(|| {
            let there =
                if names.is_empty() { NOTHING_CONVERTED.to_owned() } else { format!("there are {}", names.join(", ")) };
            ToolFault::Wrong(format!("there is no table '{name}'; {there}"))
        })
    }
}

fn read<T: DeserializeOwned>(arguments: &str) -> Result<T, ToolFault> {
    let arguments = if arguments.trim().is_empty() { "{}" } else { arguments };
    serde_json::from_str(arguments).map_err(|error| ToolFault::Wrong(format!("the arguments do not fit: {error}")))
}

/// A cell as a model sees it.
pub(crate) fn shown(value: &Value) -> Value {
    cut(value, CELL_CHARACTERS)
}

/// A cell of which a model sees so many characters.
fn cut(value: &Value, characters: usize) -> Value {
    match value {
        Value::String(text) => Value::from(visible(text, characters)),
        other => other.clone(),
    }
}
