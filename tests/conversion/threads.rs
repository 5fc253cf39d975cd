//! Any number of threads writes the same bytes.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::Write as _,
    num::NonZero,
    path::{Path, PathBuf},
};

use super::output_folder;
use ret::{
    conversion::{Format, Layout, Repeated, Structure},
    services::{
        Policy,
        conversions::{
            ConvertRequest, TableReport,
            local::{ConvertedFiles, LocalError, Stage, convert_files},
        },
    },
};

/// Every file below a folder with its bytes.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(contents(&path));
        } else {
            found.insert(path.clone(), std::fs::read(&path).unwrap());
        }
    }
    found.into_iter().map(|(path, bytes)| (path.strip_prefix(folder).unwrap_or(&path).to_owned(), bytes)).collect()
}

/// A document of some megabytes with rows that stay open over all of it.
fn large(records: usize) -> String {
    let mut document =
        String::from("<orders xmlns:x='urn:x' year='2024'><head><by>me</by></head><region name='north'>");
    for record in 0..records {
        if record == records / 3 {
            document.push_str("<total>12</total></region><region name='south'><note>late</note>");
        }
        let _ = write!(document, "<order id='{record}'><customer x:vip='true'>Name, {record}</customer>");
        for line in 0..record % 4 {
            let _ = write!(document, "<line n='{line}'><sku>{record}-{line}</sku><text>\"some\" text</text></line>");
        }
        document.push_str("</order>\n");
    }
    document + "</region><tail>end</tail></orders>"
}

/// A document of some megabytes with nothing new behind its first records.
fn alike(records: usize) -> String {
    let mut document = String::from("<orders xmlns:x='urn:x' year='2024'><head><by>me</by></head>");
    for record in 0..records {
        let _ = write!(document, "<order id='{record}'><customer x:vip='true'>Name, {record}</customer>");
        for line in 0..record % 4 {
            let _ = write!(document, "<line n='{line}'><sku>{record}-{line}</sku><text>\"some\" text</text></line>");
        }
        document.push_str("</order>\n");
    }
    document + "</orders>"
}

fn archive(path: &Path) {
    let mut zip = zip::ZipWriter::new(std::fs::File::create(path).unwrap());
    for number in 0..120 {
        let group = number % 3;
        zip.start_file(format!("group{group}/{number:03}.xml"), zip::write::SimpleFileOptions::default()).unwrap();
        let document = large(1 + number * 7 % 50).replace("orders", if number % 5 == 0 { "orders" } else { "bills" });
        zip.write_all(document.as_bytes()).unwrap();
    }
    zip.start_file("group0/last.xml", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(large(30_000).as_bytes()).unwrap();
    zip.finish().unwrap();
}

fn convert(input: &Path, request: &ConvertRequest, threads: usize) -> BTreeMap<PathBuf, Vec<u8>> {
    let output = tempfile::tempdir().unwrap();
    let policy = Policy { conversion_threads: NonZero::new(threads).unwrap(), ..Policy::default() };
    let converted =
        convert_files(&[input.to_owned()], output_folder(output.path()), request, &policy, &mut |_| true).unwrap();
    let report = converted.report;
    assert!(report.errors.is_empty(), "{:?}", report.errors);
    contents(output.path())
}

#[test]
fn the_tables_are_the_same_for_one_two_and_eight_threads() {
    let folder = tempfile::tempdir().unwrap();
    let (zip, xml) = (folder.path().join("documents.zip"), folder.path().join("large.xml"));
    archive(&zip);
    std::fs::write(&xml, large(40_000)).unwrap();
    let requests = [
        ConvertRequest::default(),
        ConvertRequest { layout: Layout::Relational, format: Format::Jsonl, ..ConvertRequest::default() },
        ConvertRequest { layout: Layout::Flat, repeated: Repeated::Explode, ..ConvertRequest::default() },
        ConvertRequest { structure: Structure::Complete, ..ConvertRequest::default() },
    ];
    for request in &requests {
        for input in [&zip, &xml] {
            let one = convert(input, request, 1);
            assert!(one.len() > 1);
            for threads in [2, 8] {
                let several = convert(input, request, threads);
                assert!(one == several, "{request:?} on {threads} threads differs for {}", input.display());
            }
        }
    }
}

/// The report of a conversion, with the path of the group and the size of the description left out, and the tables by name.
type Result = (Vec<String>, BTreeMap<String, Vec<u8>>);

fn tables_of(input: &Path, request: &ConvertRequest, threads: usize) -> std::result::Result<(Result, Passes), String> {
    let output = tempfile::tempdir().unwrap();
    let policy = Policy { conversion_threads: NonZero::new(threads).unwrap(), ..Policy::default() };
    let (mut passes, mut reached) = (Passes::One, 0);
    let mut watch = |stage: Stage| {
        match stage {
            Stage::Converting(progress) if progress.bytes_done >= reached => reached = progress.bytes_done,
            Stage::Converting(_) | Stage::Scanning(_) => passes = Passes::Two,
        }
        true
    };
    let ConvertedFiles { report, .. } =
        match convert_files(&[input.to_owned()], output_folder(output.path()), request, &policy, &mut watch) {
            Ok(done) => done,
            Err(LocalError::Documents(problems)) => {
                let problem = &problems[0];
                return Err(format!("{} {:?} {:?} {}", problem.code, problem.line, problem.column, problem.detail));
            }
            Err(error) => panic!("{error}"),
        };
    let described = |table: &TableReport| {
        format!(
            "{} {} {} {:?} {:?} {:?}",
            table.name, table.rows, table.bytes, table.columns, table.primary_key, table.parent
        )
    };
    let warnings = report.warnings.iter().map(|warning| format!("{} {}", warning.code, warning.count));
    let reported = report.tables.iter().map(described).chain(warnings).chain([report.rows.to_string()]).collect();
    let named = |table: &TableReport| (table.name.clone(), std::fs::read(output.path().join(&table.path)).unwrap());
    Ok(((reported, report.tables.iter().map(named).collect()), passes))
}

/// How often a document was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Passes {
    One,
    Two,
}

#[test]
fn a_large_document_is_the_same_whether_it_is_read_once_or_twice() {
    let many = alike(34_000);
    assert!(many.len() > 4 << 20, "smaller documents are always read twice");
    let late = |what: &str| {
        let third = many.match_indices("<order ").nth(20_123).unwrap().0;
        format!("{}{what}{}", &many[..third], &many[third..])
    };
    let documents = [
        many.clone(),
        large(30_000),
        late("<order id='x'><surprise/></order>"),
        late("<head><by>another</by></head>"),
        late("text"),
        late("<order id='x'><customer>a</order>"),
        late("<order id='007'><customer>1 &lt; 2</customer></order>"),
        late("</orders>"),
        many.replacen("<orders", "<!DOCTYPE orders [<!ENTITY e 'x'>]><orders", 1),
        many.replacen("<orders", "\u{feff}<orders", 1).replace("</order>\n", "</order>\r\n\t<!-- <order> -->"),
        many.replacen("<order id='20000'>", "<order id='20000'><order id='inner'></order>", 1),
    ];
    let requests = [
        ConvertRequest { layout: Layout::Relational, ..ConvertRequest::default() },
        ConvertRequest { layout: Layout::Flat, format: Format::Jsonl, ..ConvertRequest::default() },
    ];
    let folder = tempfile::tempdir().unwrap();
    let (zip, xml) = (folder.path().join("large.zip"), folder.path().join("large.xml"));
    for (number, document) in documents.iter().enumerate() {
        std::fs::write(&xml, document).unwrap();
        // What is in an archive is read twice.
        let mut archive = zip::ZipWriter::new(std::fs::File::create(&zip).unwrap());
        archive.start_file("large.xml", zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(document.as_bytes()).unwrap();
        archive.finish().unwrap();
        // The first by both, the others by one of the two.
        let chosen = if number == 0 { &requests[..] } else { &requests[number % 2..][..1] };
        for request in chosen {
            let twice = tables_of(&zip, request, 2).map(|(tables, _)| tables);
            for threads in [1, 3] {
                let (once, passes) = match tables_of(&xml, request, threads) {
                    Ok((tables, passes)) => (Ok(tables), passes),
                    Err(error) => (Err(error), Passes::Two),
                };
                let reports = (once.as_ref().map(|(report, _)| report), twice.as_ref().map(|(report, _)| report));
                assert!(once == twice, "{number}, {threads} threads, {:?}: {reports:?}", request.layout);
                if number == 0 {
                    assert_eq!(passes, Passes::One, "{threads} threads, {:?}", request.layout);
                }
            }
        }
    }
}

#[test]
fn a_stopped_conversion_stops_all_threads_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let xml = folder.path().join("large.xml");
    std::fs::write(&xml, large(40_000)).unwrap();
    let output = tempfile::tempdir().unwrap();
    let policy = Policy { conversion_threads: NonZero::new(4).unwrap(), ..Policy::default() };
    let mut calls = 0;
    let mut stop_soon = |stage: Stage| {
        calls += usize::from(matches!(stage, Stage::Converting(_)));
        calls < 3
    };
    let stopped =
        convert_files(&[xml], output_folder(output.path()), &ConvertRequest::default(), &policy, &mut stop_soon);
    assert!(stopped.is_err());
    assert!(contents(output.path()).is_empty(), "nothing half done is left");
}
