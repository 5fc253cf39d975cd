//! `make_chart`: a Vega-Lite specification over a result, put together here, so that nothing of a model's own is in it but names.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Caller, ToolBox, ToolFault, fit::size, read};
use crate::{domain::chat::visible, ports::language_model::ToolSpecification};

const MARKS: [&str; 4] = ["bar", "line", "point", "area"];
const TITLE_CHARACTERS: usize = 200;

/// Bytes of a chart's data: it is kept with the answer.
const MOST_BYTES: usize = 64 << 10;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChartArguments {
    query: String,
    mark: String,
    x: String,
    y: String,
    color: Option<String>,
    title: Option<String>,
}

pub(super) fn specification(caller: Caller) -> ToolSpecification {
    let (description, source, meaning) = match caller {
        Caller::Chat => (
            "Shows a result of run_sql as a chart to the person. `x`, `y` and `color` are columns of that result.",
            "query",
            "the result's name: q1, q2, …",
        ),
        Caller::Agent => (
            "Makes a chart of what a statement returns: a Vega-Lite specification with its data. `x`, `y` and `color` are columns of that \
             result, of which the first 50 rows are shown.",
            "sql",
            "one read-only SQLite SELECT, as for run_sql",
        ),
    };
    ToolSpecification {
        name: "make_chart".into(),
        description: description.into(),
        parameters: json!({
            "type": "object", "required": [source, "mark", "x", "y"], "additionalProperties": false,
            "properties": {
                source: { "type": "string", "description": meaning },
                "mark": { "type": "string", "enum": MARKS },
                "x": { "type": "string" }, "y": { "type": "string" }, "color": { "type": "string" },
                "title": { "type": "string" },
            },
        }),
    }
}

impl ToolBox {
    pub(super) fn make_chart(&mut self, arguments: &str) -> Result<Value, ToolFault> {
        let chart: ChartArguments = read(arguments)?;
        let unknown = || ToolFault::Wrong(format!("there is no result '{}'; call run_sql first", chart.query));
        let query = self.evidence.query(&chart.query).ok_or_else(unknown)?;
        if !MARKS.contains(&chart.mark.as_str()) {
            return Err(ToolFault::Wrong(format!("'{}' is no mark; use one of {}", chart.mark, MARKS.join(", "))));
        }
        let mut used = Vec::new();
        let mut encoding = |name: &str| -> Result<Value, ToolFault> {
            let names = || query.columns.join(", ");
            let column =
                query.columns.iter().position(|column| column == name).ok_or_else(|| {
                    ToolFault::Wrong(format!("the result has no column '{name}'; it has {}", names()))
                })?;
            let is_number = query.rows.iter().all(|row| row[column].is_number() || row[column].is_null());
            used.push(column);
            let kind = if is_number { "quantitative" } else { "nominal" };
            // A dot or a bracket in the name of a field would mean a member.
            Ok(json!({ "field": format!("c{column}"), "type": kind, "title": visible(name, TITLE_CHARACTERS) }))
        };
        let mut encodings = json!({ "x": encoding(&chart.x)?, "y": encoding(&chart.y)? });
        if let Some(color) = &chart.color {
            encodings["color"] = encoding(color)?;
        }
        let shown = |row: &Vec<Value>| used.iter().map(|at| (format!("c{at}"), row[*at].clone())).collect();
        let values: Value = query.rows.iter().map(shown).map(Value::Object).collect();
        if size(&values) > MOST_BYTES {
            return Err(ToolFault::Wrong(format!(
                "the values of this chart take more than {MOST_BYTES} bytes; run a statement with shorter texts, as by substr(x, 1, 40), or \
                 with fewer rows, and chart that"
            )));
        }
        let specification = json!({
            "title": chart.title.as_deref().map(|title| visible(title, TITLE_CHARACTERS)),
            "mark": chart.mark, "encoding": encodings, "data": { "values": values },
        });
        let name = self.evidence.add_chart(specification);
        Ok(json!({ "chart": name }))
    }
}
