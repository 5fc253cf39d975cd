//! Whether an answer is right: by what it cites, not by its words.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Spoken, data::Data};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verdict {
    Right,
    /// It says that it cannot answer what could be answered.
    Refused,
    /// It is not right, and says that it is unsure.
    Unsure,
    Wrong,
}

pub(super) fn judge(data: &Data, entry: &Value, spoken: &Spoken) -> Verdict {
    let refuses = ["cannot answer", "nicht beantworten"].iter().any(|words| spoken.text.contains(words));
    let cited = cited(data, spoken);
    // That a column is text is shown by a cell of it.
    let has_example = refuses && ["for instance", "zum Beispiel"].iter().any(|words| spoken.text.contains(words));
    let has_figures = !has_example && cited.iter().any(|(place, _)| place.starts_with('q'));
    let expected = &entry["expected"];
    let is_right = if expected["unanswerable"] == true {
        refuses && !has_figures
    } else {
        let (columns, rows) = data.query(expected["sql"].as_str().unwrap()).unwrap();
        match entry["kind"].as_str().unwrap() {
            "what" => rows.iter().flatten().all(|name| spoken.text.contains(name.as_str().unwrap())),
            "search" => rows
                .iter()
                .flatten()
                .all(|value| cited.iter().any(|(_, cells)| cells.iter().any(|cell| is_same(cell, value)))),
            _ if columns.len() == 1 && rows.len() == 1 => {
                cited.first().is_some_and(|(_, cells)| cells.iter().any(|cell| is_same(cell, &rows[0][0])))
                // The row of the greatest may be told with what is greatest of it.
                || cited.len() <= 3 && cited.iter().any(|(_, cells)| is_same(&cells[0], &rows[0][0])) && entry["kind"] == "top"
            }
            _ => {
                let places: BTreeSet<&str> = cited.iter().map(|(place, _)| place.as_str()).collect();
                let holds =
                    |value: &Value| cited.iter().any(|(_, cells)| cells.iter().any(|cell| is_same(cell, value)));
                places.len() == rows.len() && rows.iter().flatten().all(holds)
            }
        }
    };
    let is_unsure = ["not sure", "nicht sicher"].iter().any(|words| spoken.text.contains(words));
    match (is_right, refuses && !has_figures, is_unsure) {
        (true, ..) => Verdict::Right,
        (_, true, _) => Verdict::Refused,
        (_, _, true) => Verdict::Unsure,
        _ => Verdict::Wrong,
    }
}

/// Places that the text cites, and what stands there. A citation of nothing, or of what is not said before it, fails the test.
fn cited(data: &Data, spoken: &Spoken) -> Vec<(String, Vec<Value>)> {
    let mut parts = spoken.text.split("[[");
    let mut before = parts.next().unwrap_or_default();
    let mut cited = Vec::new();
    for part in parts {
        let (marker, after) = part.split_once("]]").unwrap();
        if let Some((table, row)) = marker.split_once('#') {
            assert!(spoken.hits.contains(&(table.to_owned(), row.to_owned())), "{marker}");
            let (_, rows) = data.query(&format!("SELECT * FROM \"{table}\" WHERE rowid = {row}")).unwrap();
            cited.push((marker.to_owned(), rows.concat()));
        } else {
            let mut fields = marker.splitn(3, ':');
            let (query, row, column) = (fields.next().unwrap(), fields.next().unwrap(), fields.next().unwrap());
            let result = spoken.results.iter().find(|result| result["query"] == query).unwrap();
            let at = result["columns"].as_array().unwrap().iter().position(|name| name == column).unwrap();
            let value = &result["rows"][row.parse::<usize>().unwrap() - 1][at];
            assert!(is_said(before, value), "{marker}: {value} in {}", spoken.text);
            if column != "rows in all" {
                cited.push((format!("{query}:{row}"), vec![value.clone()]));
            }
        }
        before = after;
    }
    cited
}

fn is_said(before: &str, value: &Value) -> bool {
    let said = before.trim_end();
    match value {
        Value::Null => said.ends_with("empty") || said.ends_with("leer"),
        Value::String(text) => said.ends_with(text),
        number => {
            let figure = said.rsplit(char::is_whitespace).next().unwrap();
            let readings = [figure.replace(',', ""), figure.replace('.', "").replace(',', ".")];
            let is_meant = |said: f64| (said - number.as_f64().unwrap()).abs() <= 0.005_001;
            readings.iter().any(|reading| reading.parse().is_ok_and(is_meant))
        }
    }
}

fn is_same(one: &Value, other: &Value) -> bool {
    match (one.as_f64(), other.as_f64()) {
        (Some(one), Some(other)) => (one - other).abs() < 0.005,
        _ => one == other,
    }
}
