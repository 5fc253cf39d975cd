//! The engine as a library: `cargo run --example convert -- DOCUMENT.xml FOLDER` writes the tables of a document as CSV, with
//! a `datapackage.json` that describes them, and prints what it wrote.

#![expect(clippy::print_stdout, reason = "an example is a program of its own")]

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::path::Path;

use ret::conversion::{
    self, CsvEncoder, CsvOptions, Emitter, ErrorCode, FileOptions, Limits, Options, Plan, Row, RowSink,
};
use ret::conversion::{Scanner, Written, data_package};

/// Takes the rows of all tables: one file of CSV for each, and how many rows it has.
struct Tables {
    csv: CsvEncoder,
    line: Vec<u8>,
    files: Vec<(BufWriter<File>, u64)>,
}

impl RowSink for Tables {
    fn row(&mut self, table: usize, row: Row<'_>) -> Result<(), conversion::Error> {
        self.line.clear();
        self.csv.row(row, &mut self.line);
        let (file, rows) = &mut self.files[table];
        *rows += 1;
        file.write_all(&self.line).map_err(|error| conversion::Error::new(ErrorCode::Interrupted, error.to_string()))
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [document, folder] = arguments.as_slice() else { return Err("usage: convert DOCUMENT.xml FOLDER".into()) };
    convert(Path::new(document), Path::new(folder))
}

pub(crate) fn convert(document: &Path, folder: &Path) -> Result<(), Box<dyn Error>> {
    let limits = Limits::default();
    let mut scanner = Scanner::new(&limits);
    feed(document, |piece| scanner.feed(piece))?;
    let plan = Plan::new("TABLES", &scanner.finish()?, &Options::default(), &limits)?;

    fs::create_dir_all(folder)?;
    let mut tables = Tables { csv: CsvEncoder::new(CsvOptions::default())?, line: Vec::new(), files: Vec::new() };
    let paths: Vec<String> = plan.tables().iter().map(|table| format!("{}.csv", table.name)).collect();
    for (table, path) in plan.tables().iter().zip(&paths) {
        let (mut file, mut header) = (BufWriter::new(File::create(folder.join(path))?), Vec::new());
        tables.csv.header(table, &mut header);
        file.write_all(&header)?;
        tables.files.push((file, 0));
    }
    let mut emitter = Emitter::new(&plan, tables);
    emitter.begin_document(&document.to_string_lossy())?;
    feed(document, |piece| emitter.feed(piece))?;
    emitter.end_document()?;

    let mut written = Vec::new();
    for ((table, path), (mut file, rows)) in plan.tables().iter().zip(&paths).zip(emitter.finish()?.files) {
        file.flush()?;
        println!("{rows:>9} rows  {path}  from {}", table.source_path);
        written.push(Written { table, path, bytes: file.get_ref().metadata()?.len(), sheets: 1 });
    }
    let description = serde_json::to_vec_pretty(&data_package("tables", &written, &FileOptions::default()))?;
    Ok(fs::write(folder.join("datapackage.json"), description)?)
}

/// Hands a file over in pieces.
fn feed(document: &Path, mut take: impl FnMut(&[u8]) -> Result<(), conversion::Error>) -> Result<(), Box<dyn Error>> {
    let (mut file, mut piece) = (File::open(document)?, vec![0; 256 << 10]);
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(()),
            length => take(&piece[..length])?,
        }
    }
}
