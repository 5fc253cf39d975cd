//! `search_rows`: rows in which words stand, or that mean the like.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{CELL_CHARACTERS, Caller, ToolBox, ToolFault, read};
use crate::{
    domain::chat::visible,
    ports::language_model::ToolSpecification,
    services::tables::{ByMeaning, SearchedFor},
};

const HITS: usize = 10;
const HITS_AT_MOST: usize = 30;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SearchArguments {
    words: String,
    table: Option<String>,
    group: Option<String>,
    limit: Option<usize>,
}

pub(super) fn specification(caller: Caller) -> ToolSpecification {
    let citing = match caller {
        Caller::Chat => " Cite a row as [[TABLE#ROW]].",
        Caller::Agent => "",
    };
    let description = "Finds rows in which words stand, or that mean the like, the best first. Use it for names and texts whose \
         column is not known. found_by says whether a row has the words or only means the like.";
    ToolSpecification {
        name: "search_rows".into(),
        description: format!("{description}{citing}"),
        parameters: json!({
            "type": "object", "required": ["words"], "additionalProperties": false,
            "properties": {
                "words": { "type": "string" }, "table": { "type": "string" }, "group": { "type": "string" },
                "limit": { "type": "integer", "minimum": 1, "maximum": HITS_AT_MOST },
            },
        }),
    }
}

impl ToolBox {
    pub(super) async fn search(&mut self, arguments: &str) -> Result<Value, ToolFault> {
        let SearchArguments { words, table, group, limit } = read(arguments)?;
        let known = match table {
            Some(table) => vec![self.table(&table).await?],
            None => self.in_scope().await?,
        };
        if known.is_empty() && !self.scope.is_empty() {
            return Err(ToolFault::Wrong(format!("there is no table called {}", self.scope.join(" or "))));
        }
        let limit = limit.unwrap_or(HITS).clamp(1, HITS_AT_MOST);
        let tables = known.iter().map(|table| table.name.clone()).collect();
        let asked = SearchedFor { words, tables, group, limit };
        let found = self.tables.search(self.session, &asked).await?;
        let mut hits = Vec::new();
        for hit in found.hits {
            let excerpt = visible(&hit.excerpt, CELL_CHARACTERS).into_owned();
            let columns: Vec<String> = known
                .iter()
                .filter(|table| table.name == hit.table)
                .flat_map(|table| table.columns.iter().map(|column| column.name.clone()))
                .collect();
            self.evidence.add_row(&hit.table, &hit.row, &excerpt, &columns);
            let ways = [("words", hit.by_words), ("meaning", hit.by_meaning)];
            let found_by: Vec<&str> = ways.into_iter().filter(|(_, found)| *found).map(|(way, _)| way).collect();
            hits.push(json!({ "table": hit.table, "row": hit.row, "excerpt": excerpt, "found_by": found_by }));
        }
        let mut result = json!({ "hits": hits });
        if let Some(note) = note(found.meaning) {
            result["note"] = note.into();
        }
        Ok(result)
    }
}

/// What a model has to know of how far the search went.
fn note(meaning: ByMeaning) -> Option<String> {
    match meaning {
        ByMeaning::Used { rows, rows_in_all } if rows < rows_in_all => {
            Some(format!("{rows} of {rows_in_all} rows were searched by meaning, all by words"))
        }
        ByMeaning::Used { .. } => None,
        ByMeaning::Off | ByMeaning::Building | ByMeaning::Missing | ByMeaning::Unanswered => {
            Some("searched by words only; try other words for the same thing".to_owned())
        }
    }
}
