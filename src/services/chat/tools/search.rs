//! `search_rows`: rows in which words stand, or that mean the like.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{CELL_CHARACTERS, Caller, ToolBox, ToolFault, fit::that_fit, read};
use crate::{
    domain::chat::visible,
    ports::language_model::ToolSpecification,
    services::tables::{ByMeaning, Hit, SearchedFor},
};

const HITS: usize = 10;
const HITS_AT_MOST: usize = 30;

/// Bytes of what stands around the rows.
const NOTES_BYTES: usize = 300;

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
    pub(super) async fn search(&mut self, arguments: &str, room: usize) -> Result<Value, ToolFault> {
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
        let found = self.tables.search(self.asker, &asked).await?;
        let hits: Vec<Value> = found.hits.iter().map(shown_hit).collect();
        let note = note(found.meaning);
        let room = room.saturating_sub(NOTES_BYTES);
        let fitting = that_fit(&hits, room);
        for hit in &hits[..fitting] {
            let [table, row, excerpt] = ["table", "row", "excerpt"].map(|name| hit[name].as_str().unwrap_or_default());
            let table_of_hit = known.iter().find(|known| visible(&known.name, usize::MAX) == table);
            let columns: Vec<String> = table_of_hit
                .iter()
                .flat_map(|table| &table.columns)
                .map(|column| visible(&column.name, usize::MAX).into_owned())
                .collect();
            self.evidence.add_row(table, row, excerpt, &columns);
        }
        let missing = (fitting < hits.len()).then(|| {
            format!(
                "{fitting} of {} rows are shown, for all are too much; ask for fewer with `limit`, or in one table",
                hits.len()
            )
        });
        let mut result = json!({ "hits": &hits[..fitting] });
        let notes: Vec<String> = missing.into_iter().chain(note).collect();
        if !notes.is_empty() {
            result["note"] = notes.join("; ").into();
        }
        Ok(result)
    }
}

fn shown_hit(hit: &Hit) -> Value {
    let ways = [("words", hit.by_words), ("meaning", hit.by_meaning)];
    let found_by: Vec<&str> = ways.into_iter().filter(|(_, found)| *found).map(|(way, _)| way).collect();
    json!({
        "table": visible(&hit.table, usize::MAX), "row": visible(&hit.row, usize::MAX),
        "excerpt": visible(&hit.excerpt, CELL_CHARACTERS), "found_by": found_by,
    })
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
