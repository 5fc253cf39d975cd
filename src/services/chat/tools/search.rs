//! `search_rows`: rows in which words stand.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{CELL_CHARACTERS, Caller, ToolBox, ToolFault, read};
use crate::{domain::chat::visible, ports::language_model::ToolSpecification};

const HITS: usize = 10;
const HITS_AT_MOST: usize = 30;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SearchArguments {
    words: String,
    table: Option<String>,
    limit: Option<usize>,
}

pub(super) fn specification(caller: Caller) -> ToolSpecification {
    let citing = match caller {
        Caller::Chat => " Cite a row as [[TABLE#ROW]].",
        Caller::Agent => "",
    };
    let description =
        "Finds rows in which words stand, the best first. Use it for names and texts whose column is not known.";
    ToolSpecification {
        name: "search_rows".into(),
        description: format!("{description}{citing}"),
        parameters: json!({
            "type": "object", "required": ["words"], "additionalProperties": false,
            "properties": {
                "words": { "type": "string" }, "table": { "type": "string" },
                "limit": { "type": "integer", "minimum": 1, "maximum": HITS_AT_MOST },
            },
        }),
    }
}

impl ToolBox {
    pub(super) async fn search(&mut self, arguments: &str) -> Result<Value, ToolFault> {
        let SearchArguments { words, table, limit } = read(arguments)?;
        let tables = match table {
            Some(table) => vec![self.table(&table).await?.name],
            None => self.in_scope().await?.into_iter().map(|table| table.name).collect(),
        };
        let limit = limit.unwrap_or(HITS).clamp(1, HITS_AT_MOST);
        let found = self.tables.search(self.session, &words, &tables, limit).await?;
        let mut hits = Vec::new();
        for hit in found.hits {
            let excerpt = visible(&hit.excerpt, CELL_CHARACTERS).into_owned();
            self.evidence.add_row(&hit.table, &hit.row, &excerpt);
            hits.push(json!({ "table": hit.table, "row": hit.row, "excerpt": excerpt }));
        }
        Ok(json!({ "hits": hits }))
    }
}
