//! The documents as tables of SQLite, and the tools over them.

use std::{cell::RefCell, path::PathBuf};

use roxmltree::{Document, Node};
use rusqlite::{Connection, types::ValueRef};
use serde_json::{Value, json};

use super::Spoken;

struct Spec {
    name: &'static str,
    element: &'static str,
    parent: Option<&'static str>,
    documents: &'static [&'static str],
    /// Name, type and path.
    columns: &'static [(&'static str, &'static str, &'static str)],
}

const ORDERS: &[&str] = &["orders/orders-2022.xml", "orders/orders-2023.xml", "orders/orders-2024.xml"];
const SPECS: [Spec; 14] = [
    Spec {
        name: "author",
        element: "author",
        parent: Some("book"),
        documents: &["library/books.xml"],
        columns: &[("_id", "integer", ""), ("_parent", "integer", ""), ("author", "text", ".")],
    },
    Spec {
        name: "book",
        element: "book",
        parent: None,
        documents: &["library/books.xml"],
        columns: &[
            ("_id", "integer", ""),
            ("isbn", "text", "@isbn"),
            ("title", "text", "title"),
            ("genre", "text", "genre"),
            ("publicationYear", "integer", "publicationYear"),
            ("pages", "integer", "pages"),
            ("summary", "text", "summary"),
        ],
    },
    Spec {
        name: "line",
        element: "line",
        parent: Some("order"),
        documents: ORDERS,
        columns: &[
            ("_id", "integer", ""),
            ("_parent", "integer", ""),
            ("product", "text", "product"),
            ("category", "text", "category"),
            ("quantity", "integer", "quantity"),
            ("unitPrice", "decimal", "unitPrice"),
            ("amount", "decimal", "amount"),
        ],
    },
    Spec {
        name: "order",
        element: "order",
        parent: None,
        documents: ORDERS,
        columns: &[
            ("_id", "integer", ""),
            ("number", "text", "@number"),
            ("status", "text", "@status"),
            ("orderDate", "date", "orderDate"),
            ("name", "text", "customer/name"),
            ("city", "text", "customer/city"),
            ("country", "text", "customer/country"),
            ("shippingCost", "decimal", "shippingCost"),
            ("express", "boolean", "express"),
            ("note", "text", "note"),
        ],
    },
    Spec {
        name: "employee",
        element: "employee",
        parent: None,
        documents: &["staff/employees.xml"],
        columns: &[
            ("id", "text", "id"),
            ("fullName", "text", "fullName"),
            ("department", "text", "department"),
            ("monthlySalary", "decimal", "monthlySalary"),
            ("hiredOn", "date", "hiredOn"),
            ("office", "text", "office"),
            ("vacationDays", "integer", "vacationDays"),
        ],
    },
    Spec {
        name: "visit",
        element: "visit",
        parent: None,
        documents: &["visits/visits.xml"],
        columns: &[
            ("id", "integer", "id"),
            ("guest", "text", "guest"),
            ("venue", "text", "venue"),
            ("charge", "text", "charge"),
        ],
    },
    Spec {
        name: "team",
        element: "team",
        parent: None,
        documents: &["odd/teams.xml"],
        columns: &[("club", "text", "club"), ("matches", "integer", "matches"), ("points", "integer", "points")],
    },
    Spec {
        name: "tally",
        element: "tally",
        parent: None,
        documents: &["odd/tallies.xml"],
        columns: &[
            ("label", "text", "label"),
            ("count", "integer", "count"),
            ("sum", "integer", "sum"),
            ("total", "integer", "total"),
            ("min", "integer", "min"),
            ("rows", "integer", "rows"),
        ],
    },
    Spec {
        name: "parcel",
        element: "parcel",
        parent: None,
        documents: &["odd/parcels.xml"],
        columns: &[
            ("tag", "text", "tag"),
            ("weight", "text", "weight"),
            ("grade", "text", "grade"),
            ("state", "text", "state"),
        ],
    },
    Spec {
        name: "sensor",
        element: "sensor",
        parent: Some("zone"),
        documents: &["odd/zones.xml"],
        columns: &[
            ("_id", "integer", ""),
            ("_parent", "integer", ""),
            ("code", "text", "code"),
            ("drift", "decimal", "drift"),
        ],
    },
    Spec {
        name: "zone",
        element: "zone",
        parent: None,
        documents: &["odd/zones.xml"],
        columns: &[("_id", "integer", ""), ("code", "text", "code")],
    },
    Spec {
        name: "holding",
        element: "holding",
        parent: None,
        documents: &["odd/holdings.xml"],
        columns: &[
            ("owner", "text", "owner"),
            ("balance", "integer", "balance"),
            ("bonus", "integer", "bonus"),
            ("stake", "integer", "stake"),
        ],
    },
    Spec {
        name: "beacon",
        element: "beacon",
        parent: None,
        documents: &["odd/beacon.xml"],
        columns: &[("beaconName", "text", "beaconName"), ("altitude", "integer", "altitude"), ("lit", "date", "lit")],
    },
    Spec {
        name: "passage",
        element: "passage",
        parent: None,
        documents: &["odd/passages.xml"],
        columns: &[("vessel", "text", "vessel"), ("seen", "date_time", "seen")],
    },
];

pub(super) struct Data {
    connection: RefCell<Connection>,
}

fn cell(node: Node<'_, '_>, path: &str) -> Option<String> {
    if let Some(attribute) = path.strip_prefix('@') {
        return node.attribute(attribute).map(str::to_owned);
    }
    let step = |node: Option<Node<'_, '_>>, name: &str| -> Option<roxmltree::NodeId> {
        node?.children().find(|child| child.has_tag_name(name)).map(|child| child.id())
    };
    let mut found = Some(node);
    for name in path.split('/').filter(|name| *name != ".") {
        found = step(found, name).and_then(|id| node.document().get_node(id));
    }
    // An empty element is an empty text.
    found.map(|node| node.text().unwrap_or_default().to_owned())
}

impl Data {
    pub(super) fn new() -> Self {
        let connection = Connection::open_in_memory().unwrap();
        for spec in &SPECS {
            let columns: Vec<String> = spec
                .columns
                .iter()
                .map(|(name, kind, _)| {
                    format!("\"{name}\" {}", if matches!(*kind, "integer" | "decimal") { "NUMERIC" } else { "TEXT" })
                })
                .collect();
            connection.execute_batch(&format!("CREATE TABLE \"{}\" ({})", spec.name, columns.join(", "))).unwrap();
            let (mut id, mut parent_id) = (0_i64, 0_i64);
            for document in spec.documents {
                let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/chat/documents").join(document);
                let text = std::fs::read_to_string(path).unwrap();
                let parsed = Document::parse(&text).unwrap();
                for node in parsed.descendants() {
                    parent_id += i64::from(spec.parent.is_some_and(|parent| node.has_tag_name(parent)));
                    if !node.has_tag_name(spec.element) {
                        continue;
                    }
                    id += 1;
                    let cells = spec.columns.iter().map(|(name, _, path)| match *name {
                        "_id" => Some(id.to_string()),
                        "_parent" => Some(parent_id.to_string()),
                        _ => cell(node, path),
                    });
                    let marks = vec!["?"; spec.columns.len()].join(",");
                    connection
                        .execute(
                            &format!("INSERT INTO \"{}\" VALUES ({marks})", spec.name),
                            rusqlite::params_from_iter(cells),
                        )
                        .unwrap();
                }
            }
        }
        Self { connection: RefCell::new(connection) }
    }

    pub(super) fn call(&self, name: &str, arguments: &Value, spoken: &mut Spoken) -> Value {
        match name {
            "list_tables" => json!({ "tables": SPECS.iter().map(|spec| json!({
                "name": spec.name, "rows": 1, "parent": spec.parent,
                "columns": spec.columns.iter().map(|(name, _, _)| name).collect::<Vec<_>>(),
            })).collect::<Vec<_>>() }),
            "describe_table" => {
                let spec = SPECS.iter().find(|spec| arguments["table"] == spec.name).unwrap();
                json!({
                    "table": spec.name, "rows": 1, "primary_key": "_id",
                    "parent": spec.parent.map(|parent| json!({ "table": parent, "column": "_id" })),
                    "columns": spec.columns.iter().map(|(name, kind, _)| json!({
                        "name": name, "type": kind, "nullable": true, "samples": self.samples(spec.name, name),
                    })).collect::<Vec<_>>(),
                })
            }
            "run_sql" => {
                let result = self.query(arguments["sql"].as_str().unwrap());
                let (columns, mut rows) = match result {
                    Ok(result) => result,
                    Err(error) => {
                        spoken.results.push(json!({ "error": error.to_string() }));
                        return json!({ "error": error.to_string() });
                    }
                };
                let is_cut = rows.len() > 50;
                rows.truncate(50);
                let result = json!({ "query": format!("q{}", spoken.results.len() + 1), "columns": columns, "rows": rows, "truncated": is_cut });
                spoken.results.push(result.clone());
                result
            }
            "search_rows" => self.search(arguments, spoken),
            other => panic!("{other}"),
        }
    }

    pub(super) fn query(&self, sql: &str) -> rusqlite::Result<(Vec<String>, Vec<Vec<Value>>)> {
        let connection = self.connection.borrow();
        let mut statement = connection.prepare(sql)?;
        let columns: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
        let width = columns.len();
        let rows = statement.query_map([], |row| {
            (0..width)
                .map(|at| {
                    Ok(match row.get_ref(at)? {
                        ValueRef::Null => Value::Null,
                        ValueRef::Integer(number) => number.into(),
                        ValueRef::Real(number) => number.into(),
                        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned().into(),
                        ValueRef::Blob(_) => panic!("a blob"),
                    })
                })
                .collect::<rusqlite::Result<Vec<Value>>>()
        })?;
        Ok((columns, rows.collect::<rusqlite::Result<_>>()?))
    }

    fn samples(&self, table: &str, column: &str) -> Vec<Value> {
        let (_, rows) = self.query(&format!("SELECT \"{column}\" FROM \"{table}\" LIMIT 5")).unwrap();
        rows.concat()
    }

    /// Rows that hold all words, or else any of them.
    fn search(&self, arguments: &Value, spoken: &mut Spoken) -> Value {
        let words: Vec<String> =
            arguments["words"].as_str().unwrap().split_whitespace().map(str::to_lowercase).collect();
        let mut found: Vec<(String, String, String, bool)> = Vec::new();
        for spec in SPECS.iter().filter(|spec| arguments["table"].is_null() || arguments["table"] == spec.name) {
            let (_, rows) = self.query(&format!("SELECT rowid, * FROM \"{}\"", spec.name)).unwrap();
            for row in rows {
                let text: Vec<&str> = row[1..].iter().filter_map(Value::as_str).collect();
                let text = text.join(" ");
                let holds = |word: &String| text.to_lowercase().contains(word.as_str());
                if words.iter().any(holds) {
                    found.push((spec.name.to_owned(), row[0].to_string(), text.clone(), words.iter().all(holds)));
                }
            }
        }
        let any_all = found.iter().any(|(.., all)| *all);
        let hits: Vec<Value> = found
            .into_iter()
            .filter(|(.., all)| *all || !any_all)
            .take(5)
            .map(|(table, row, excerpt, _)| {
                spoken.hits.push((table.clone(), row.clone()));
                json!({ "table": table, "row": row, "excerpt": excerpt })
            })
            .collect();
        json!({ "hits": hits })
    }
}
