//! The tables described as a Frictionless Data Package, to lie beside them as `datapackage.json`.

use std::collections::HashSet;

use serde::Serialize;

use super::csv::{CsvOptions, LineEnd};
use super::plan::{Column, Table};
use super::shape::ColumnType;

/// A table as it was written.
#[derive(Clone, Copy, Debug)]
pub struct Written<'a> {
    /// The table.
    pub table: &'a Table,
    /// The file, relative to `datapackage.json`, parts separated by `/`.
    pub path: &'a str,
    /// Bytes of the file.
    pub bytes: u64,
}

/// A description of tables written as CSV; serialise it as JSON.
#[derive(Clone, Debug, Serialize)]
pub struct DataPackage {
    name: String,
    profile: &'static str,
    resources: Vec<Resource>,
}

#[derive(Clone, Debug, Serialize)]
struct Resource {
    name: String,
    path: String,
    profile: &'static str,
    format: &'static str,
    mediatype: &'static str,
    encoding: &'static str,
    bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    dialect: Option<Dialect>,
    schema: Schema,
    source_path: String,
    /// Where rows stand besides, because an element holds its own kind.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    recursion_paths: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Dialect {
    delimiter: char,
    line_terminator: &'static str,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Schema {
    fields: Vec<Field>,
    #[serde(skip_serializing_if = "Option::is_none")]
    primary_key: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    foreign_keys: Vec<ForeignKey>,
    #[serde(rename = "formulas_guarded_by", skip_serializing_if = "Option::is_none")]
    formulas_guarded_by: Option<char>,
}

#[derive(Clone, Debug, Serialize)]
struct Field {
    name: String,
    #[serde(rename = "type")]
    field_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    constraints: Option<Constraints>,
    /// Stands between the values of a cell that may hold several.
    #[serde(skip_serializing_if = "Option::is_none")]
    joined_by: Option<char>,
    /// Cells hold markup.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    markup: bool,
    #[serde(skip_serializing_if = "String::is_empty")]
    source_path: String,
}

#[derive(Clone, Debug, Serialize)]
struct Constraints {
    required: bool,
}

#[derive(Clone, Debug, Serialize)]
struct ForeignKey {
    fields: String,
    reference: Reference,
}

#[derive(Clone, Debug, Serialize)]
struct Reference {
    /// Empty for the resource itself.
    resource: String,
    fields: String,
}

/// Describes tables that were written with `csv`. A link to a table that is not among them is left out.
#[must_use]
pub fn data_package(name: &str, written: &[Written<'_>], csv: &CsvOptions) -> DataPackage {
    let names = resource_names(written);
    let resources = written.iter().zip(&names).map(|(file, name)| resource(file, name, written, &names, csv)).collect();
    DataPackage { name: slug(name), profile: "tabular-data-package", resources }
}

fn resource(file: &Written<'_>, name: &str, written: &[Written<'_>], names: &[String], csv: &CsvOptions) -> Resource {
    let plain = csv.delimiter == ',' && csv.line_end == LineEnd::Lf;
    let line_terminator = if csv.line_end == LineEnd::Lf { "\n" } else { "\r\n" };
    let guards = csv.guard_formulas;
    let foreign_key = file.table.parent.as_ref().and_then(|parent| {
        let place = written.iter().position(|other| other.table.name == parent.table)?;
        let resource = if names[place] == name { String::new() } else { names[place].clone() };
        let reference = Reference { resource, fields: parent.column.clone() };
        Some(ForeignKey { fields: "_parent".to_owned(), reference })
    });
    Resource {
        name: name.to_owned(),
        path: file.path.to_owned(),
        profile: "tabular-data-resource",
        format: "csv",
        mediatype: "text/csv",
        encoding: "utf-8",
        bytes: file.bytes,
        dialect: (!plain).then_some(Dialect { delimiter: csv.delimiter, line_terminator }),
        schema: Schema {
            fields: fields(file.table),
            primary_key: file.table.primary_key.clone(),
            foreign_keys: foreign_key.into_iter().collect(),
            formulas_guarded_by: guards.then_some('\''),
        },
        source_path: file.table.source_path.clone(),
        recursion_paths: file.table.recursion_paths.clone(),
    }
}

fn fields(table: &Table) -> Vec<Field> {
    let field = |column: &Column| Field {
        name: column.name.clone(),
        field_type: field_type(column.column_type),
        constraints: (!column.nullable).then_some(Constraints { required: true }),
        joined_by: column.joined.then_some('|'),
        markup: column.markup,
        source_path: column.source_path.clone(),
    };
    table.columns.iter().map(field).collect()
}

fn field_type(column_type: ColumnType) -> &'static str {
    match column_type {
        ColumnType::Integer => "integer",
        ColumnType::Decimal => "number",
        ColumnType::Boolean => "boolean",
        ColumnType::Date => "date",
        ColumnType::DateTime => "datetime",
        ColumnType::Time => "time",
        ColumnType::Text => "string",
    }
}

/// Names of resources: lower case ASCII, each once.
fn resource_names(written: &[Written<'_>]) -> Vec<String> {
    let mut taken = HashSet::new();
    let free = |file: &Written<'_>| {
        let wanted = slug(&file.table.name);
        let mut numbered =
            (1_u64..).map(|number| if number == 1 { wanted.clone() } else { format!("{wanted}-{number}") });
        numbered.find(|name| taken.insert(name.clone())).unwrap_or(wanted.clone())
    };
    written.iter().map(free).collect()
}

fn slug(name: &str) -> String {
    let kept =
        |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c.to_ascii_lowercase() } else { '-' };
    let slug: String = name.chars().map(kept).collect();
    if slug.is_empty() { "tables".to_owned() } else { slug }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversion::limits::Limits;
    use crate::conversion::options::{Layout, Options, Repeated};
    use crate::conversion::plan::Plan;
    use crate::conversion::shape::tests::shape_of;

    fn described(document: &str, options: &Options, csv: &CsvOptions) -> serde_json::Value {
        let plan = Plan::new("G", &shape_of(document), options, &Limits::default()).unwrap();
        let paths: Vec<String> = plan.tables().iter().map(|table| format!("{}.csv", table.name)).collect();
        let files = plan.tables().iter().zip(&paths);
        let written: Vec<_> = files.map(|(table, path)| Written { table, path, bytes: 7 }).collect();
        serde_json::to_value(data_package("My Group", &written, csv)).unwrap()
    }

    #[test]
    fn keys_types_and_links() {
        let options = Options { layout: Layout::Relational, ..Options::default() };
        let package = described("<R v='1'><i d='2024-01-01'/><i/></R>", &options, &CsvOptions::default());
        assert_eq!(package["name"], "my-group");
        let [root, item] = [&package["resources"][0], &package["resources"][1]];
        assert_eq!((root["name"].as_str(), root["path"].as_str()), (Some("r"), Some("R.csv")));
        assert_eq!(root["schema"]["primaryKey"], "_id");
        assert!(root.get("dialect").is_none());
        let key = &item["schema"]["foreignKeys"][0];
        assert_eq!(key["fields"], "_parent");
        assert_eq!(key["reference"], serde_json::json!({"resource": "r", "fields": "_id"}));
        let date = &item["schema"]["fields"][3];
        let expected = serde_json::json!({"name": "d", "type": "date", "source_path": "/R/i/@d"});
        assert_eq!(*date, expected);
        assert_eq!(root["schema"]["fields"][1]["constraints"]["required"], true);
    }

    #[test]
    fn a_table_that_refers_to_itself() {
        let options = Options { layout: Layout::Relational, ..Options::default() };
        let package = described("<f n='1'><f n='2'/></f>", &options, &CsvOptions::default());
        assert_eq!(package["resources"][0]["schema"]["foreignKeys"][0]["reference"]["resource"], "");
    }

    #[test]
    fn what_differs_from_plain_csv_is_said() {
        let options = Options { layout: Layout::Flat, repeated: Repeated::Join, ..Options::default() };
        let csv = CsvOptions { delimiter: ';', guard_formulas: true, line_end: LineEnd::Crlf, ..CsvOptions::default() };
        let package = described("<r><i><a>1</a><a>2</a></i><i><a>3</a></i></r>", &options, &csv);
        let resource = &package["resources"][0];
        assert_eq!(resource["dialect"], serde_json::json!({"delimiter": ";", "lineTerminator": "\r\n"}));
        assert_eq!(resource["schema"]["formulas_guarded_by"], "'");
        assert_eq!(resource["schema"]["fields"][0]["joined_by"], "|");
    }

    #[test]
    fn names_of_resources_are_lower_case_and_differ() {
        assert_eq!(slug("Größe Übersicht"), "gr--e--bersicht");
        assert_eq!(slug(""), "tables");
    }
}
