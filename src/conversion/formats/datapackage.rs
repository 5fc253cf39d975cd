//! The tables described as a Frictionless Data Package, to lie beside them as `datapackage.json`.

use std::collections::HashSet;

use serde::Serialize;

use super::{FileOptions, Format, LineEnd, csv::is_formula};
use crate::conversion::plan::{Column, ColumnRole, Key, Table};
use crate::conversion::shape::ColumnType;

/// A table as it was written.
#[derive(Clone, Copy, Debug)]
pub struct Written<'a> {
    /// The table.
    pub table: &'a Table,
    /// The file, relative to `datapackage.json`, parts separated by `/`.
    pub path: &'a str,
    /// Bytes of the file.
    pub bytes: u64,
    /// Over how many sheets of the file the table goes; 1 for files without sheets.
    pub sheets: usize,
}

/// A description of tables and their files; serialise it as JSON.
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
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dialect: Option<Dialect>,
    schema: Schema,
    source_path: String,
    /// Where rows stand besides, because an element holds its own kind.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    recursion_paths: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
enum Dialect {
    Csv { delimiter: char, line_terminator: &'static str },
    Sheet { excel: Sheet },
}

#[derive(Clone, Copy, Debug, Serialize)]
struct Sheet {
    /// Counted from 1.
    sheet: usize,
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
    /// An empty value is quoted, an absent one is not.
    #[serde(rename = "empty_values_quoted", skip_serializing_if = "std::ops::Not::not")]
    empty_values_quoted: bool,
}

#[derive(Clone, Debug, Serialize)]
struct Field {
    name: String,
    #[serde(rename = "type")]
    field_type: &'static str,
    /// What the column says, if its name and its path do not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'static str>,
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

/// Describes tables that were written with `options`: one resource for each file, and for each sheet of a table that goes over several. A
/// link to a table that is not among them is left out, and one to a table of several sheets.
#[must_use]
pub fn data_package(name: &str, written: &[Written<'_>], options: &FileOptions) -> DataPackage {
    let sheets = written.iter().flat_map(|file| (1..=file.sheets).map(move |sheet| (file, sheet)));
    let sheets: Vec<_> = sheets.collect();
    let names = resource_names(sheets.iter().map(|(file, _)| file.table.name.as_str()));
    let package = Package { written, options, sheets: &sheets, names: &names };
    let resources = sheets.iter().zip(&names).map(|((file, sheet), name)| package.resource(file, *sheet, name));
    DataPackage { name: slug(name), profile: "tabular-data-package", resources: resources.collect() }
}

/// What a resource is described from.
struct Package<'a> {
    written: &'a [Written<'a>],
    options: &'a FileOptions,
    /// Files with the number of a sheet.
    sheets: &'a [(&'a Written<'a>, usize)],
    /// The names of their resources.
    names: &'a [String],
}

impl Package<'_> {
    fn resource(&self, file: &Written<'_>, sheet: usize, name: &str) -> Resource {
        let format = self.options.format;
        let guards = format == Format::Csv && self.options.csv.guard_formulas;
        Resource {
            name: name.to_owned(),
            path: file.path.to_owned(),
            profile: "tabular-data-resource",
            format: format.as_str(),
            mediatype: format.media_type(),
            encoding: "utf-8",
            // The validator of Frictionless does not count the bytes of Parquet files, and takes that for a difference.
            bytes: (format != Format::Parquet).then_some(file.bytes),
            dialect: self.dialect(sheet),
            schema: Schema {
                fields: fields(file.table, guards),
                primary_key: file.table.primary_key.clone(),
                foreign_keys: self.foreign_key(file.table, name).into_iter().collect(),
                formulas_guarded_by: guards.then_some('\''),
                empty_values_quoted: format == Format::Csv && self.options.csv.quote_empty,
            },
            source_path: file.table.source_path.clone(),
            recursion_paths: file.table.recursion_paths.clone(),
        }
    }

    fn dialect(&self, sheet: usize) -> Option<Dialect> {
        let csv = &self.options.csv;
        let plain = csv.delimiter == ',' && csv.line_end == LineEnd::Lf;
        let line_terminator = if csv.line_end == LineEnd::Lf { "\n" } else { "\r\n" };
        match self.options.format {
            Format::Csv if plain => None,
            Format::Csv => Some(Dialect::Csv { delimiter: csv.delimiter, line_terminator }),
            Format::Xlsx => Some(Dialect::Sheet { excel: Sheet { sheet } }),
            Format::Jsonl | Format::Parquet => None,
        }
    }

    fn foreign_key(&self, table: &Table, name: &str) -> Option<ForeignKey> {
        let parent = table.parent.as_ref()?;
        let target = self.written.iter().find(|other| other.table.name == parent.table && other.sheets == 1)?;
        let place = self.sheets.iter().position(|(file, _)| file.path == target.path)?;
        let resource = if self.names[place] == name { String::new() } else { self.names[place].clone() };
        let reference = Reference { resource, fields: parent.column.clone() };
        Some(ForeignKey { fields: "_parent".to_owned(), reference })
    }
}

/// The columns, named as the file's first line names them.
fn fields(table: &Table, guards: bool) -> Vec<Field> {
    let field = |column: &Column| Field {
        name: if guards && is_formula(&column.name) { format!("'{}", column.name) } else { column.name.clone() },
        field_type: field_type(column.column_type),
        description: description(column.role),
        constraints: (!column.nullable).then_some(Constraints { required: true }),
        joined_by: column.joined.then_some('|'),
        markup: column.markup,
        source_path: column.source_path.clone(),
    };
    table.columns.iter().map(field).collect()
}

fn description(role: ColumnRole) -> Option<&'static str> {
    match role {
        ColumnRole::Key(Key::Pos) => {
            Some("position of the row's element among all elements inside the element around it, from 1")
        }
        ColumnRole::Key(Key::Content) => Some(
            "the elements inside the row's element that have no rows, in document order, each as name@position, with those \
             inside it in parentheses behind",
        ),
        ColumnRole::Key(Key::Id | Key::Parent | Key::Ord | Key::Document | Key::Element) | ColumnRole::Value => None,
    }
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
fn resource_names<'a>(tables: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut taken = HashSet::new();
    let free = |table: &str| {
        let wanted = slug(table);
        let mut numbered =
            (1_u64..).map(|number| if number == 1 { wanted.clone() } else { format!("{wanted}-{number}") });
        numbered.find(|name| taken.insert(name.clone())).unwrap_or(wanted.clone())
    };
    tables.map(free).collect()
}

fn slug(name: &str) -> String {
    let kept =
        |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c.to_ascii_lowercase() } else { '-' };
    let slug: String = name.chars().map(kept).collect();
    if slug.is_empty() { "tables".to_owned() } else { slug }
}

#[cfg(test)]
mod tests {
    use super::super::CsvOptions;
    use super::*;
    use crate::conversion::limits::Limits;
    use crate::conversion::options::{Layout, Options, Repeated, Structure};
    use crate::conversion::plan::Plan;
    use crate::conversion::shape::tests::shape_of;

    fn described(document: &str, options: &Options, written: &FileOptions, sheets: usize) -> serde_json::Value {
        let plan = Plan::new("G", &shape_of(document), options, &Limits::default()).unwrap();
        let paths: Vec<String> = plan.tables().iter().map(|table| format!("{}.csv", table.name)).collect();
        let files = plan.tables().iter().zip(&paths);
        let files: Vec<_> = files.map(|(table, path)| Written { table, path, bytes: 7, sheets }).collect();
        serde_json::to_value(data_package("My Group", &files, written)).unwrap()
    }

    #[test]
    fn keys_types_and_links() {
        let options = Options { layout: Layout::Relational, ..Options::default() };
        let package = described("<R v='1'><i d='2024-01-01'/><i/></R>", &options, &FileOptions::default(), 1);
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
    fn columns_of_the_structure_say_what_they_are() {
        let options = Options { structure: Structure::Complete, ..Options::default() };
        let csv = CsvOptions { quote_empty: true, ..CsvOptions::default() };
        let written = FileOptions { csv, ..FileOptions::default() };
        let package = described("<r><i><a>1</a></i><i/></r>", &options, &written, 1);
        let item = &package["resources"][1]["schema"];
        assert_eq!(item["empty_values_quoted"], true);
        let field = |name: &str| item["fields"].as_array().unwrap().iter().find(|field| field["name"] == name).unwrap();
        let position = "position of the row's element among all elements inside the element around it, from 1";
        let required = serde_json::json!({"required": true});
        let expected = serde_json::json!(
            {"name": "_pos", "type": "integer", "description": position, "constraints": required}
        );
        assert_eq!(*field("_pos"), expected);
        assert_eq!(field("_content")["type"], "string");
        assert!(field("_content")["description"].as_str().unwrap().contains("name@position"));
        assert!(field("_content").get("constraints").is_none(), "nothing may be inside");
        assert!(field("_id").get("description").is_none());
    }

    #[test]
    fn a_table_that_refers_to_itself() {
        let options = Options { layout: Layout::Relational, ..Options::default() };
        let package = described("<f n='1'><f n='2'/></f>", &options, &FileOptions::default(), 1);
        assert_eq!(package["resources"][0]["schema"]["foreignKeys"][0]["reference"]["resource"], "");
    }

    #[test]
    fn what_differs_from_plain_csv_is_said() {
        let options = Options { layout: Layout::Flat, repeated: Repeated::Join, ..Options::default() };
        let csv = CsvOptions { delimiter: ';', guard_formulas: true, line_end: LineEnd::Crlf, ..CsvOptions::default() };
        let written = FileOptions { csv, ..FileOptions::default() };
        let package = described("<r><i><a>1</a><a>2</a></i><i><a>3</a></i></r>", &options, &written, 1);
        let resource = &package["resources"][0];
        assert_eq!(resource["dialect"], serde_json::json!({"delimiter": ";", "lineTerminator": "\r\n"}));
        assert_eq!(resource["schema"]["formulas_guarded_by"], "'");
        assert_eq!(resource["schema"]["fields"][0]["joined_by"], "|");
        let package = described("<r><i k='1'/><i k='2'/></r>", &options, &written, 1);
        assert_eq!(package["resources"][0]["schema"]["fields"][0]["name"], "'@k", "as in the first line of the file");
    }

    #[test]
    fn every_sheet_of_a_workbook_is_a_resource() {
        let options = Options { layout: Layout::Relational, ..Options::default() };
        let written = FileOptions { format: Format::Xlsx, ..FileOptions::default() };
        let package = described("<R v='1'><i/><i/></R>", &options, &written, 2);
        let resources = package["resources"].as_array().unwrap();
        let names: Vec<_> = resources.iter().map(|resource| resource["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["r", "r-2", "i", "i-2"]);
        assert_eq!(resources[1]["dialect"], serde_json::json!({"excel": {"sheet": 2}}));
        assert_eq!((&resources[1]["format"], &resources[1]["path"]), (&"xlsx".into(), &resources[0]["path"]));
        assert!(resources[3]["schema"].get("foreignKeys").is_none(), "a row around may be in either sheet");
    }

    #[test]
    fn names_of_resources_are_lower_case_and_differ() {
        assert_eq!(slug("Größe Übersicht"), "gr--e--bersicht");
        assert_eq!(slug(""), "tables");
    }
}
