//! Holds the parser against the W3C XML conformance test suite: `cargo run --release --example w3c -- FOLDER|ZIP`.
//!
//! The suite (<https://www.w3.org/XML/Test/>, `xmlts20130923.zip`) is not part of this project. Every test of its catalogues that
//! bears on XML 1.0, fifth edition, is judged: `valid` and `invalid` must be accepted, `not-wf` refused; `error` is left open.
//! It is done twice, with the default options of the parser and with those that the catalogue's marks ask for. Ends with 1 if a
//! verdict is wrong under the latter, other than where the suite permits it, or if the parser panics over any file.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command's output")]

use std::collections::BTreeMap;
use std::io::Read as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;

use ret::conversion::xml::{Handler, Locate, Parser, StartTag};
use ret::conversion::{Error, ErrorCode, ExternalEntities, Limits, NamespaceRules, ParserOptions};

/// The files of the suite by their path below `xmlconf/`.
type Files = BTreeMap<String, Vec<u8>>;

fn main() -> ExitCode {
    let Some(suite) = std::env::args_os().nth(1) else {
        eprintln!("usage: w3c FOLDER|ZIP, the W3C XML conformance test suite");
        return ExitCode::from(2);
    };
    match read_suite(Path::new(&suite)).and_then(|files| Ok((tests_of(&files)?, files))) {
        Ok((tests, files)) => judge(&tests, &files),
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::from(2)
        }
    }
}

fn judge(tests: &[Test], files: &Files) -> ExitCode {
    println!("{} tests apply to XML 1.0, fifth edition, and have a verdict\n", tests.len());
    let by_default = Tally::of(tests, files, |_| ParserOptions::default());
    by_default.print("with the default options");
    let as_marked = Tally::of(tests, files, Test::options);
    as_marked.print("with the options that the catalogue's marks ask for");
    for (test, outcome) in &as_marked.wrong {
        let permitted = if test.is_permitted() { "permitted: its fault stands outside" } else { "WRONG" };
        println!("  {permitted:38} {:24} {:8} {}: {outcome}", test.id, test.kind, test.path);
    }
    let panics = panics_over(files);
    println!("\n{} files fed whole and byte by byte under every option, {panics} panics", files.len());
    let has_fault = as_marked.wrong.iter().any(|(test, _)| !test.is_permitted());
    if has_fault || panics > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// One test of a catalogue.
struct Test {
    id: String,
    /// `valid`, `invalid` or `not-wf`.
    kind: String,
    path: String,
    needs_entities: bool,
    has_namespaces: bool,
}

impl Test {
    /// The options that the marks of the test ask for.
    fn options(&self) -> ParserOptions {
        ParserOptions {
            external_entities: if self.needs_entities { ExternalEntities::Skip } else { ExternalEntities::Refuse },
            namespace_rules: if self.has_namespaces { NamespaceRules::Apply } else { NamespaceRules::Ignore },
        }
    }

    fn must_be_accepted(&self) -> bool {
        self.kind != "not-wf"
    }

    /// Whether a parser that does not read external entities may accept the document although it is not well-formed.
    fn is_permitted(&self) -> bool {
        !self.must_be_accepted() && self.needs_entities
    }
}

/// Right and wrong verdicts under some options.
struct Tally<'t> {
    /// By the kind of test and whether the document has a DOCTYPE: right ones, and all.
    classes: BTreeMap<(&'t str, &'static str), (usize, usize)>,
    wrong: Vec<(&'t Test, String)>,
}

impl<'t> Tally<'t> {
    fn of(tests: &'t [Test], files: &Files, options: impl Fn(&Test) -> ParserOptions) -> Self {
        let mut tally = Self { classes: BTreeMap::new(), wrong: Vec::new() };
        for test in tests {
            let document = &files[&test.path];
            let outcome = parse(document, document.len().max(1), options(test));
            let doctype = if has_doctype(document) { "with DOCTYPE" } else { "without DOCTYPE" };
            let (right, all) = tally.classes.entry((&test.kind, doctype)).or_default();
            *all += 1;
            if outcome.is_ok() == test.must_be_accepted() {
                *right += 1;
            } else {
                let said = outcome.err().map_or_else(|| "accepted".to_owned(), |error| error.to_string());
                tally.wrong.push((test, said));
            }
        }
        tally
    }

    fn print(&self, title: &str) {
        println!("{title}:");
        for ((kind, doctype), (right, all)) in &self.classes {
            println!("  {kind:8} {doctype:16} {right:5} of {all:5} right");
        }
        let all: usize = self.classes.values().map(|(_, all)| all).sum();
        let right = all - self.wrong.len();
        let unread = self.wrong.iter().filter(|(test, _)| test.is_permitted()).count();
        let percent = 100.0 * right as f64 / all.max(1) as f64;
        println!("  {right} of {all} right, {percent:.2} %; of the others {unread} are permitted\n");
    }
}

fn has_doctype(document: &[u8]) -> bool {
    let ascii: Vec<u8> = document.iter().copied().filter(|&byte| byte != 0).collect();
    ascii.windows(9).any(|window| window == b"<!DOCTYPE")
}

/// Reads a document to its end and forgets it.
fn parse(document: &[u8], chunk: usize, options: ParserOptions) -> Result<(), Error> {
    let mut parser = Parser::with_options(Ignored, &Limits::default(), options);
    for piece in document.chunks(chunk) {
        parser.feed(piece)?;
    }
    parser.finish().map(drop)
}

struct Ignored;

impl Handler for Ignored {
    fn start(&mut self, _: &StartTag<'_>, _: &dyn Locate) -> Result<(), Error> {
        Ok(())
    }
    fn text(&mut self, _: &str, _: &dyn Locate) -> Result<(), Error> {
        Ok(())
    }
    fn end(&mut self, _: &dyn Locate) -> Result<(), Error> {
        Ok(())
    }
}

/// How often the parser panics over the files of the suite, whatever they are.
fn panics_over(files: &Files) -> usize {
    let mut panics = 0;
    for document in files.values() {
        for external_entities in [ExternalEntities::Refuse, ExternalEntities::Skip] {
            for namespace_rules in [NamespaceRules::Apply, NamespaceRules::Ignore] {
                let options = ParserOptions { external_entities, namespace_rules };
                for chunk in [1, document.len().max(1)] {
                    let outcome = catch_unwind(AssertUnwindSafe(|| drop(parse(document, chunk, options))));
                    panics += usize::from(outcome.is_err());
                }
            }
        }
    }
    panics
}

fn read_suite(suite: &Path) -> Result<Files, String> {
    let mut files = Files::new();
    let shown = |error: &dyn std::fmt::Display| format!("{}: {error}", suite.display());
    if suite.is_dir() {
        let root = if suite.join("xmlconf").is_dir() { suite.join("xmlconf") } else { suite.to_owned() };
        read_folder(&root, "", &mut files).map_err(|error| shown(&error))?;
        return Ok(files);
    }
    let file = std::fs::File::open(suite).map_err(|error| shown(&error))?;
    let mut archive = zip::ZipArchive::new(file).map_err(|error| shown(&error))?;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|error| shown(&error))?;
        let name = entry.name().map_err(|error| shown(&error))?.into_owned();
        if let Some(path) = name.strip_prefix("xmlconf/")
            && entry.is_file()
        {
            let mut content = Vec::new();
            entry.read_to_end(&mut content).map_err(|error| shown(&error))?;
            files.insert(path.to_owned(), content);
        }
    }
    Ok(files)
}

fn read_folder(folder: &Path, prefix: &str, files: &mut Files) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            read_folder(&entry.path(), &format!("{path}/"), files)?;
        } else {
            files.insert(path, std::fs::read(entry.path())?);
        }
    }
    Ok(())
}

/// The tests of all catalogues that the suite's main file names, as far as they have a verdict for XML 1.0, fifth edition.
fn tests_of(files: &Files) -> Result<Vec<Test>, String> {
    let main = files.get("xmlconf.xml").ok_or("there is no xmlconf.xml; give the folder or ZIP of the suite")?;
    let main = String::from_utf8_lossy(main);
    let named = main.split("<!ENTITY").skip(1).filter_map(|declaration| declaration.split('"').nth(1));
    let mut tests = Vec::new();
    for path in named {
        let catalogue = files.get(path).ok_or_else(|| format!("the catalogue {path} is missing"))?;
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut parser = Parser::new(Catalogue { folder, tests: Vec::new() }, &Limits::default());
        // A catalogue is an external entity: it may hold several elements, and text before them.
        let document = format!("<catalogue>{}</catalogue>", without_declarations(&String::from_utf8_lossy(catalogue)));
        let read = parser.feed(document.as_bytes()).and_then(|()| parser.finish());
        tests.extend(read.map_err(|error| format!("{path}: {error}"))?.tests);
    }
    if let Some(test) = tests.iter().find(|test| !files.contains_key(&test.path)) {
        return Err(format!("the file {} of the test {} is missing", test.path, test.id));
    }
    Ok(tests)
}

/// A catalogue without its XML declaration and DOCTYPE, which cannot stand inside an element.
fn without_declarations(catalogue: &str) -> &str {
    let catalogue = catalogue.trim_start_matches('\u{FEFF}');
    let rest =
        catalogue.strip_prefix("<?xml").and_then(|rest| rest.split_once("?>")).map_or(catalogue, |(_, rest)| rest);
    match rest.trim_start().strip_prefix("<!DOCTYPE").and_then(|rest| rest.split_once('>')) {
        Some((_, rest)) => rest,
        None => rest,
    }
}

struct Catalogue<'f> {
    folder: &'f str,
    tests: Vec<Test>,
}

impl Handler for Catalogue<'_> {
    fn start(&mut self, tag: &StartTag<'_>, at: &dyn Locate) -> Result<(), Error> {
        let attribute = |name: &str| tag.attributes.iter().find(|found| found.name == name).map(|found| found.value);
        let applies =
            |name: &str, wanted: &str| attribute(name).is_none_or(|list| list.split(' ').any(|one| one == wanted));
        let is_other = attribute("RECOMMENDATION").is_some_and(|name| name.ends_with("1.1"));
        if tag.name != "TEST" || is_other || !applies("VERSION", "1.0") || !applies("EDITION", "5") {
            return Ok(());
        }
        let given = |name: &str| {
            let missing = || Error::at(ErrorCode::InvalidOption, at.position(), format!("a TEST has no {name}"));
            attribute(name).map(str::to_owned).ok_or_else(missing)
        };
        let test = Test {
            id: given("ID")?,
            kind: given("TYPE")?,
            path: format!("{}/{}", self.folder, given("URI")?),
            needs_entities: attribute("ENTITIES").is_some_and(|entities| entities != "none"),
            has_namespaces: attribute("NAMESPACE") != Some("no"),
        };
        if test.kind != "error" {
            self.tests.push(test);
        }
        Ok(())
    }
    fn text(&mut self, _: &str, _: &dyn Locate) -> Result<(), Error> {
        Ok(())
    }
    fn end(&mut self, _: &dyn Locate) -> Result<(), Error> {
        Ok(())
    }
}
