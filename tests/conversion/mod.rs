//! The conversion engine from bytes to CSV, checked by readers that share nothing with it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests may fail like tests")]

mod awkward;
mod chunks;
mod documentation;
mod documents;
mod example;
mod fuzzing;
mod generate;
mod groups;
mod layouts;
mod limits;
mod lossless;
mod mismatch;
mod parser_options;
mod parts;
mod problems;
mod promises;
mod rebuild;
mod reference;
mod round_trip;
mod single;
mod structure;
mod threads;
mod tree;

use proptest::prelude::ProptestConfig;

use ret::conversion::{
    CsvEncoder, CsvOptions, Emitter, Error, Limits, Options, Plan, Row, RowSink, Scanner, Shape, Table,
};

/// The document of the documentation.
const LIBRARY: &str = r#"<library>
  <book id="1"><title>Emma</title><author>Jane Austen</author></book>
  <book id="2"><title>Good Omens</title><author>Terry Pratchett</author><author>Neil Gaiman</author></book>
</library>
"#;

/// What documents became.
pub(crate) struct Converted {
    pub(crate) plan: Plan,
    /// One file for each table of the plan.
    pub(crate) files: Vec<Vec<u8>>,
}

/// A table read back by another reader.
pub(crate) struct ReadTable {
    pub(crate) table: Table,
    pub(crate) rows: Vec<Vec<String>>,
}

struct Files {
    csv: CsvEncoder,
    files: Vec<Vec<u8>>,
}

impl RowSink for Files {
    fn row(&mut self, table: usize, row: Row<'_>) -> Result<(), Error> {
        assert_eq!(row.cells().len(), row.len());
        self.csv.row(row, &mut self.files[table]);
        Ok(())
    }
}

/// How many documents a property is tried on: `usual`, or what `PROPTEST_CASES` asks for.
pub(crate) fn cases(usual: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|number| number.parse().ok());
    ProptestConfig { cases: asked.unwrap_or(usual), failure_persistence: None, ..ProptestConfig::default() }
}

pub(crate) fn scan(document: &str, chunk: usize, limits: &Limits) -> Result<Shape, Error> {
    let mut scanner = Scanner::new(limits);
    for piece in document.as_bytes().chunks(chunk) {
        scanner.feed(piece)?;
    }
    scanner.finish()
}

/// Converts documents as one group, fed in pieces of `chunk` bytes.
pub(crate) fn convert_in(
    documents: &[String],
    options: &Options,
    limits: &Limits,
    chunk: usize,
) -> Result<Converted, Error> {
    convert_written(documents, options, &CsvOptions::default(), limits, chunk)
}

/// The same with files written so.
pub(crate) fn convert_written(
    documents: &[String],
    options: &Options,
    csv: &CsvOptions,
    limits: &Limits,
    chunk: usize,
) -> Result<Converted, Error> {
    let mut shapes = documents.iter().map(|document| scan(document, chunk, limits));
    let mut shape = shapes.next().expect("a group has a document")?;
    for other in shapes {
        shape.merge(&other?, limits)?;
    }
    let plan = Plan::new("GROUP", &shape, options, limits)?;
    let csv = CsvEncoder::new(csv.clone())?;
    let mut files = Files { csv, files: vec![Vec::new(); plan.tables().len()] };
    for (table, file) in plan.tables().iter().zip(&mut files.files) {
        files.csv.header(table, file);
    }
    let mut emitter = Emitter::new(&plan, files);
    for (number, document) in documents.iter().enumerate() {
        emitter.begin_document(&format!("{number}.xml"))?;
        for piece in document.as_bytes().chunks(chunk) {
            emitter.feed(piece)?;
        }
        emitter.end_document()?;
    }
    let files = emitter.finish()?.files;
    Ok(Converted { plan, files })
}

pub(crate) fn convert(documents: &[&str], options: &Options) -> Converted {
    let documents: Vec<String> = documents.iter().map(|document| (*document).to_owned()).collect();
    convert_in(&documents, options, &Limits::default(), usize::MAX).expect("the documents convert")
}

impl Converted {
    /// All tables, read by the crate `csv`.
    pub(crate) fn read(&self) -> Vec<ReadTable> {
        let read = |(table, file): (&Table, &Vec<u8>)| {
            let mut reader = csv::Reader::from_reader(file.as_slice());
            let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
            let names: Vec<String> = table.columns.iter().map(|column| column.name.clone()).collect();
            assert_eq!(header, names);
            let rows = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
            ReadTable { table: table.clone(), rows }
        };
        self.plan.tables().iter().zip(&self.files).map(read).collect()
    }

    /// One table as text.
    pub(crate) fn csv(&self, name: &str) -> &str {
        let place = self.plan.tables().iter().position(|table| table.name == name);
        let place = place.unwrap_or_else(|| panic!("no table {name} among {:?}", self.table_names()));
        std::str::from_utf8(&self.files[place]).unwrap()
    }

    pub(crate) fn table_names(&self) -> Vec<&str> {
        self.plan.tables().iter().map(|table| table.name.as_str()).collect()
    }
}

/// A folder for tables, in which others may stay.
fn output_folder(path: &std::path::Path) -> ret::services::conversions::local::OutputFolder<'_> {
    use ret::services::conversions::local::{OnEarlier, OutputFolder};
    OutputFolder { path, on_earlier: OnEarlier::Keep }
}
