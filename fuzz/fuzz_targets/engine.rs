//! The whole engine: scan, plan, emit. Nothing panics, chunks and parts change nothing, and every value stands in exactly one cell.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ret_fuzz::conversion::{
    ColumnRole, CsvOptions, ErrorCode, Layout, Limits, LineEnd, MixedContent, NamespaceMode, Options, Plan, Repeated,
    Structure, TextMode,
};
use ret_fuzz::{Input, Tables, Values, add, comparable, convert, convert_in_parts, scan, single, values_of};
use roxmltree::Document;

fuzz_target!(|data: &[u8]| {
    let Some(input) = Input::new(data) else { return };
    let limits = Limits { paths: 200, columns: 300, tables: 100, entity_bytes: 64 << 10, ..Limits::default() };
    let [layout, repeated, mode, rest] = [0, 2, 4, 6].map(|place| input.choose(place, [0, 1, 2, 3]));
    let (layout, structure) = [
        (Layout::Auto, Structure::Values),
        (Layout::Flat, Structure::Values),
        (Layout::Relational, Structure::Values),
        (Layout::Relational, Structure::Complete),
    ][layout];
    let options = Options {
        layout,
        structure,
        repeated: [Repeated::Index, Repeated::Join, Repeated::Explode, Repeated::Index][repeated],
        namespaces: [NamespaceMode::Strip, NamespaceMode::Prefix, NamespaceMode::Uri, NamespaceMode::Strip][mode],
        text: if rest & 1 == 0 { TextMode::Trim } else { TextMode::Keep },
        mixed: if rest & 2 == 0 { MixedContent::Text } else { MixedContent::Xml },
        ..Options::default()
    };
    let csv = CsvOptions {
        delimiter: if repeated == 3 { ';' } else { ',' },
        line_end: if mode == 3 { LineEnd::Crlf } else { LineEnd::Lf },
        // Only tables with keys, of which no line can be empty.
        quote_empty: structure == Structure::Complete,
        ..CsvOptions::default()
    };
    // A document at fault must not keep the others from being looked at; each is tried by itself first.
    let readable = |document: &&[u8]| scan(document, None, &limits).is_ok();
    let documents: Vec<&[u8]> = input.documents.iter().copied().filter(readable).collect();

    let whole = convert(&documents, None, &options, &csv, &limits);
    let cut = convert(&documents, Some(input.chunks), &options, &csv, &limits);
    match (&whole, &cut) {
        (Ok((_, whole)), Ok((_, cut))) => assert_eq!((&whole.files, &whole.rows), (&cut.files, &cut.rows)),
        (Err(whole), Err(cut)) => assert_eq!(whole, cut),
        _ => panic!("chunks decide: {:?} and {:?}", whole.err(), cut.err()),
    }
    if let [document] = documents[..] {
        let files = whole.as_ref().ok().map(|(_, tables)| &tables.files);
        check_single_pass(document, files, &input, &options, &csv, &limits);
    }
    match whole {
        Ok((plan, tables)) => {
            let parts = convert_in_parts(&documents, input.chunks, &options, &csv, &limits);
            if let Some(parts) = parts.expect("what converts as a whole converts in parts") {
                assert_eq!((parts.files, parts.rows), (tables.files.clone(), tables.rows.clone()));
            }
            check_csv(&plan, &tables, csv.delimiter as u8);
            if options.mixed == MixedContent::Text {
                check_values(&documents, &plan, &tables, options.repeated);
            }
        }
        // What was scanned can be converted, unless that needs more than the limits allow.
        Err(error) => assert!(
            matches!(
                error.code,
                ErrorCode::TooManyPaths
                    | ErrorCode::TooManyColumns
                    | ErrorCode::TooManyTables
                    | ErrorCode::XmlTokenTooLong
                    | ErrorCode::XmlEmpty
                    | ErrorCode::InvalidOption
            ),
            "{error}"
        ),
    }
});

/// Sees that a single pass finds what a scan finds, and writes the same files or says that it cannot.
fn check_single_pass(
    document: &[u8],
    files: Option<&Vec<Vec<u8>>>,
    input: &Input<'_>,
    options: &Options,
    csv: &CsvOptions,
    limits: &Limits,
) {
    let scanned = single::scanned(document, limits).expect("the document was scanned");
    for head in [document.len() / 4, document.len() * 3 / 4] {
        let task = single::Task { document, head, chunks: input.chunks, options, csv, limits };
        let once = single::in_one_go(task).expect("as it was scanned");
        let stretches = single::in_stretches(task);
        for (shape, made) in [once, stretches].into_iter().flatten() {
            assert_eq!(shape, scanned);
            if let Some(made) = made {
                assert_eq!(Some(&made), files);
            }
        }
    }
}

/// Sees that a reader of CSV finds the cells again.
fn check_csv(plan: &Plan, tables: &Tables, delimiter: u8) {
    for ((table, file), rows) in plan.tables().iter().zip(&tables.files).zip(&tables.rows) {
        let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(file.as_slice());
        let header: Vec<String> = reader.headers().expect("a header").iter().map(str::to_owned).collect();
        let names: Vec<String> = table.columns.iter().map(|column| column.name.clone()).collect();
        assert_eq!(header, names);
        let read: Vec<Vec<String>> =
            reader.records().map(|row| row.expect("a row").iter().map(str::to_owned).collect()).collect();
        let cells = |row: &Vec<Option<String>>| row.iter().map(|cell| cell.clone().unwrap_or_default()).collect();
        let written: Vec<Vec<String>> = rows.iter().map(cells).collect();
        assert_eq!(read, written, "table {}", table.name);
    }
}

/// Sees that the values in the documents, by another reader, are those in the cells.
fn check_values(documents: &[&[u8]], plan: &Plan, tables: &Tables, repeated: Repeated) {
    let texts: Option<Vec<&str>> = documents.iter().map(|document| comparable(document)).collect();
    let Some(texts) = texts else { return };
    let parsed: Vec<Document<'_>> =
        texts.iter().map(|text| Document::parse(text).expect("another reader accepts the document")).collect();
    let (wanted, mut found) = (values_of(&parsed), Values::new());
    for (table, rows) in plan.tables().iter().zip(&tables.rows) {
        for row in rows {
            for (column, cell) in table.columns.iter().zip(row) {
                let Some(cell) = cell else { continue };
                match column.role {
                    ColumnRole::Key(_) => {}
                    _ if column.joined => split_joined(cell).iter().for_each(|part| add(part, &mut found)),
                    _ => add(cell, &mut found),
                }
            }
        }
    }
    if plan.layout() == Layout::Flat && repeated == Repeated::Explode {
        // Values around the repetition are stated again with each.
        assert_eq!(found.keys().collect::<Vec<_>>(), wanted.keys().collect::<Vec<_>>());
        assert!(wanted.iter().all(|(value, count)| found[value] >= *count));
    } else {
        assert_eq!(found, wanted);
    }
}

fn split_joined(cell: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut characters = cell.chars();
    while let Some(character) = characters.next() {
        match (character, parts.last_mut()) {
            ('|', _) => parts.push(String::new()),
            ('\\', Some(part)) => part.extend(characters.next()),
            (other, Some(part)) => part.push(other),
            (_, None) => {}
        }
    }
    parts
}
