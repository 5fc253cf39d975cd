//! Documents as tables: at one go, in chunks, and in parts.

use crate::Chunks;
use crate::conversion::{
    CsvEncoder, CsvOptions, Emitter, Error, ErrorCode, Limits, Options, Outline, Part, Plan, Row, RowPart, RowSink,
    Scan, Scanner, Seam, Shape,
};

/// The rows of each table twice: as CSV and as cells.
pub struct Tables {
    csv: CsvEncoder,
    /// CSV, one file for each table.
    pub files: Vec<Vec<u8>>,
    /// Cells, by table and row.
    pub rows: Vec<Vec<Vec<Option<String>>>>,
}

impl Tables {
    fn new(plan: &Plan, csv: &CsvOptions) -> Result<Self, Error> {
        let count = plan.tables().len();
        let csv = CsvEncoder::new(csv.clone())?;
        let mut tables = Self { csv, files: vec![Vec::new(); count], rows: vec![Vec::new(); count] };
        for (table, file) in plan.tables().iter().zip(&mut tables.files) {
            tables.csv.header(table, file);
        }
        Ok(tables)
    }
}

impl RowSink for Tables {
    fn row(&mut self, table: usize, row: Row<'_>) -> Result<(), Error> {
        self.csv.row(row, &mut self.files[table]);
        self.rows[table].push(row.cells().map(|cell| cell.map(str::to_owned)).collect());
        Ok(())
    }
}

/// Scans one document.
pub fn scan(document: &[u8], chunks: Option<Chunks>, limits: &Limits) -> Result<Shape, Error> {
    let mut scanner = Scanner::new(limits);
    match chunks {
        Some(chunks) => chunks.cut(document, |chunk| scanner.feed(chunk))?,
        None => scanner.feed(document)?,
    }
    scanner.finish()
}

/// Converts documents as one group.
pub fn convert(
    documents: &[&[u8]],
    chunks: Option<Chunks>,
    options: &Options,
    csv: &CsvOptions,
    limits: &Limits,
) -> Result<(Plan, Tables), Error> {
    let mut shape: Option<Shape> = None;
    for document in documents {
        let scanned = scan(document, chunks, limits)?;
        let stored = serde_json::to_string(&scanned).expect("a shape can be stored");
        let scanned: Shape = serde_json::from_str(&stored).expect("a stored shape can be read");
        match &mut shape {
            Some(shape) => shape.merge(&scanned, limits)?,
            None => shape = Some(scanned),
        }
    }
    let Some(shape) = shape else { return Err(Error::new(ErrorCode::XmlEmpty, "no documents")) };
    let plan = Plan::new("GROUP", &shape, options, limits)?;
    let mut emitter = Emitter::new(&plan, Tables::new(&plan, csv)?);
    for (number, document) in documents.iter().enumerate() {
        emitter.begin_document(&format!("{number}.xml"))?;
        match chunks {
            Some(chunks) => chunks.cut(document, |chunk| emitter.feed(chunk))?,
            None => emitter.feed(document)?,
        }
        emitter.end_document()?;
    }
    let tables = emitter.finish()?;
    Ok((plan, tables))
}

/// What one part of a document makes: rows, and the rest of rows that began in an earlier part.
struct PartTables<'a> {
    tables: &'a mut Tables,
    seam: &'a mut Seam,
}

impl RowSink for PartTables<'_> {
    fn row(&mut self, table: usize, row: Row<'_>) -> Result<(), Error> {
        self.tables.row(table, row)
    }

    fn rest_of_row(&mut self, rest: RowPart) -> Result<(), Error> {
        self.seam.row_ended(&rest, &mut *self.tables)
    }
}

/// The tables of documents that are converted in parts, each by an emitter of its own. `None` if one document has to wait for another.
pub fn convert_in_parts(
    documents: &[&[u8]],
    chunks: Chunks,
    options: &Options,
    csv: &CsvOptions,
    limits: &Limits,
) -> Result<Option<Tables>, Error> {
    let mut scans = Vec::new();
    for document in documents {
        let mut scanner = Scanner::new(limits).with_checkpoints(chunks.spacing());
        chunks.cut(document, |chunk| scanner.feed(chunk))?;
        scans.push(scanner.finish_scan()?);
    }
    let Some((first, others)) = scans.split_first() else { return Ok(None) };
    let (mut shape, outline) = Scan::clone(first).into_shape();
    let mut outlines: Vec<Outline> = vec![outline];
    for scan in others {
        outlines.push(shape.add(scan, limits)?);
    }
    let plan = Plan::new("GROUP", &shape, options, limits)?;
    if documents.len() > 1 && outlines.iter().any(|outline| plan.row_counts(outline).is_none()) {
        return Ok(None);
    }
    let mut tables = Tables::new(&plan, csv)?;
    let mut before = plan.no_rows();
    for (number, (document, outline)) in documents.iter().zip(&outlines).enumerate() {
        let parts = plan.parts(outline, &before);
        let mut seam = Seam::new();
        for (place, part) in parts.iter().enumerate() {
            let next = parts.get(place + 1);
            let end = next.map_or(document.len(), |next: &Part| next.offset() as usize);
            let mut emitter = Emitter::new(&plan, PartTables { tables: &mut tables, seam: &mut seam });
            emitter.begin_part(&format!("{number}.xml"), part)?;
            chunks.cut(&document[part.offset() as usize..end], |chunk| emitter.feed(chunk))?;
            let open = match next {
                Some(next) => emitter.end_part(next)?,
                None => emitter.end_document().map(|()| Vec::new())?,
            };
            drop(emitter);
            seam.part_ended(open)?;
        }
        if let Some(rows) = plan.row_counts(outline) {
            before.add(&rows);
        }
    }
    Ok(Some(tables))
}
