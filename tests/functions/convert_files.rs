//! `ret convert`, as somebody at a terminal meets it.

use std::{
    path::Path,
    process::{Command, Output},
};

use super::command_line::{ret, text};
use crate::harness::samples;

#[test]
fn files_are_converted_into_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("all.zip");
    std::fs::write(
        &archive,
        samples::zip(&[("good.xml", samples::BOOKS.as_bytes()), ("bad.xml", samples::BROKEN.as_bytes())]),
    )
    .unwrap();
    let output = folder.path().join("tables");
    let arguments = ["convert", archive.to_str().unwrap(), "-o", output.to_str().unwrap()];
    let converted = ret(folder.path(), &arguments, "");
    assert_eq!(converted.status.code(), Some(1), "a document failed: {converted:?}");
    assert!(text(&converted.stderr).contains("all.zip/bad.xml:2:"), "{converted:?}");
    assert!(text(&converted.stdout).contains("1 document converted, 1 failed; 3 rows in 1 table"), "{converted:?}");
    let table = std::fs::read_to_string(output.join("ALL/book.csv")).unwrap();
    assert_eq!(table, "title,year\nEmma,1815\nPersuasion,1817\nUlysses,1922\n");
    assert!(output.join("datapackage.json").exists());
    let left: Vec<_> = std::fs::read_dir(&output).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "nothing temporary is left: {left:?}");
    let strict = ret(folder.path(), &[&arguments[..], &["--strict"]].concat(), "");
    assert!(!strict.status.success() && text(&strict.stderr).contains("nothing was converted"));
    let missing = ret(folder.path(), &["convert", "no-such.xml", "-o", output.to_str().unwrap()], "");
    assert!(!missing.status.success() && text(&missing.stderr).contains("no-such.xml"), "{missing:?}");
}

#[test]
fn an_option_that_cannot_be_used_is_said_before_anything_is_read() {
    let root = tempfile::tempdir().unwrap();
    let output = root.path().join("tables");
    let arguments = ["convert", "big.xml", "-o", output.to_str().unwrap(), "--delimiter", "\""];
    let refused = ret(root.path(), &arguments, "");
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    assert!(text(&refused.stderr).contains("delimiter") && !output.exists(), "{refused:?}");
    let arguments =
        ["convert", "big.xml", "-o", output.to_str().unwrap(), "--structure", "complete", "--layout", "flat"];
    let refused = ret(root.path(), &arguments, "");
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    assert!(text(&refused.stderr).contains("give --layout relational") && !output.exists(), "{refused:?}");
}

#[test]
fn a_document_is_converted_so_that_it_can_be_built_again() {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("a.xml"), folder.path().join("tables"));
    std::fs::write(&input, "<r xmlns:x='urn:x'><i k=''/><x:n/><i/><p>a <x:b/> c</p></r>").unwrap();
    let paths = [input.to_str().unwrap(), "-o", output.to_str().unwrap()];
    let options = ["--structure", "complete", "--quote-empty", "--namespaces", "uri", "--mixed", "xml"];
    let converted = ret(folder.path(), &[&["convert"], &paths[..], &options].concat(), "");
    assert!(converted.status.success(), "{converted:?}");
    let table = |name: &str| std::fs::read_to_string(output.join("ROOT").join(name)).unwrap();
    assert_eq!(table("i.csv"), "_id,_parent,_ord,_pos,k\n1,1,1,1,\"\"\n2,1,2,3,\n");
    let expected = "_id,_content,{urn:x}n,p\n1,{urn:x}n@2 p@4,\"\",\"a <x:b xmlns:x=\"\"urn:x\"\"/> c\"\n";
    assert_eq!(table("r.csv"), expected);
}

#[test]
fn a_document_is_never_replaced_by_its_own_tables() {
    let folder = tempfile::tempdir().unwrap();
    let document = folder.path().join("datapackage.json");
    std::fs::write(&document, samples::BOOKS).unwrap();
    let arguments = ["convert", document.to_str().unwrap(), "-o", folder.path().to_str().unwrap()];
    let refused = ret(folder.path(), &arguments, "");
    assert!(!refused.status.success() && text(&refused.stderr).contains("is one of the inputs"), "{refused:?}");
    assert_eq!(std::fs::read_to_string(&document).unwrap(), samples::BOOKS);
    assert!(!folder.path().join("ROOT").exists(), "nothing was written");
}

#[test]
fn white_space_is_kept_when_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let document = folder.path().join("a.xml");
    std::fs::write(&document, "<l><b><t> x </t><y>1</y></b><b><t>z</t><y>2</y></b></l>").unwrap();
    let output = folder.path().join("o");
    let arguments = ["convert", document.to_str().unwrap(), "--text", "keep", "-o", output.to_str().unwrap()];
    assert!(ret(folder.path(), &arguments, "").status.success());
    assert_eq!(std::fs::read_to_string(output.join("ROOT/b.csv")).unwrap(), "t,y\n x ,1\nz,2\n");
}

#[test]
fn inputs_of_one_name_are_told_apart_by_their_folders() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second, broken) = (folder.path().join("a"), folder.path().join("b"), folder.path().join("c"));
    for (place, text) in [(&first, "<l><b t='1'/><b t='2'/></l>"), (&second, "<l><b t='3'/></l>"), (&broken, "<l>")] {
        std::fs::create_dir(place).unwrap();
        std::fs::write(place.join("x.xml"), text).unwrap();
    }
    let output = folder.path().join("tables");
    let mut arguments = vec!["convert".to_owned(), "-o".to_owned(), output.display().to_string()];
    arguments.extend([&first, &second, &broken].map(|place| place.join("x.xml").display().to_string()));
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let converted = ret(folder.path(), &arguments, "");
    assert!(text(&converted.stderr).starts_with("c/x.xml:1:"), "{converted:?}");
    let table = std::fs::read_to_string(output.join("ROOT/b.csv")).unwrap();
    assert_eq!(table, "_document,@t\na/x.xml,1\na/x.xml,2\nb/x.xml,3\n");
}

#[cfg(unix)]
#[test]
fn what_is_no_regular_file_is_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe.xml");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let output = folder.path().join("tables");
    let said_of = |input: &str| {
        let refused = ret(folder.path(), &["convert", input, "-o", output.to_str().unwrap()], "");
        assert_eq!(refused.status.code(), Some(1), "{refused:?}");
        text(&refused.stderr)
    };
    let pipe = pipe.to_str().unwrap();
    for (input, expected) in [
        (pipe, "this is a pipe"),
        ("/dev/stdin", "this is a pipe"),
        ("/dev/null", "this is a device"),
        ("-", "standard input is not read"),
        (folder.path().to_str().unwrap(), "this is a folder; name the files in it"),
    ] {
        let said = said_of(input);
        assert!(said.starts_with(&format!("{input}: ")) && said.contains(expected), "{said}");
    }
    assert!(said_of(pipe).contains("write it to a file first"));
}

#[test]
fn tables_of_an_earlier_conversion_are_named_and_removed_when_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let (books, other) = (folder.path().join("books.xml"), folder.path().join("other.xml"));
    std::fs::write(&books, samples::BOOKS).unwrap();
    std::fs::write(&other, "<l><dish><n>1</n></dish><dish><n>2</n></dish></l>").unwrap();
    let output = folder.path().join("tables");
    let convert = |input: &Path, options: &[&str]| {
        let paths = ["convert", input.to_str().unwrap(), "-o", output.to_str().unwrap()];
        ret(folder.path(), &[&paths, options].concat(), "")
    };
    let left = || {
        let left = std::fs::read_dir(output.join("ROOT")).unwrap().map(|entry| entry.unwrap().file_name());
        let mut left: Vec<_> = left.collect();
        left.sort();
        left
    };
    assert!(convert(&books, &[]).status.success());
    std::fs::write(output.join("ROOT/mine.csv"), "a\n").unwrap();
    let again = convert(&books, &["--replace"]);
    assert!(again.status.success() && again.stderr.is_empty(), "{again:?}");
    let beside = convert(&other, &[]);
    assert!(text(&beside.stderr).starts_with("note: ROOT/book.csv of an earlier conversion stayed"), "{beside:?}");
    assert_eq!(left(), ["book.csv", "dish.csv", "mine.csv"]);
    // It is known for how many conversions it may stay.
    let later = convert(&other, &[]);
    assert!(text(&later.stderr).starts_with("note: ROOT/book.csv of an earlier conversion stayed"), "{later:?}");
    let replaced = convert(&books, &["--replace"]);
    assert!(text(&replaced.stderr).starts_with("note: removed ROOT/dish.csv of an earlier conversion"), "{replaced:?}");
    assert_eq!(left(), ["book.csv", "mine.csv"]);
    assert!(convert(&other, &[]).status.success() && convert(&other, &[]).status.success());
    let replaced = convert(&other, &["--replace"]);
    assert!(text(&replaced.stderr).starts_with("note: removed ROOT/book.csv of an earlier conversion"), "{replaced:?}");
    assert_eq!(left(), ["dish.csv", "mine.csv"]);
    assert!(convert(&books, &["--replace"]).status.success());
    let failed = convert(&folder.path().join("no-such.xml"), &["--replace"]);
    assert!(!failed.status.success() && output.join("ROOT/book.csv").exists(), "nothing is removed without new tables");
}

#[test]
fn a_folder_that_was_made_in_vain_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    let convert = |output: &str| {
        let output = folder.path().join(output);
        ret(folder.path(), &["convert", "no-such.xml", "-o", output.to_str().unwrap()], "")
    };
    assert!(!convert("new/inner").status.success());
    assert!(!folder.path().join("new").exists());
    std::fs::create_dir(folder.path().join("mine")).unwrap();
    assert!(!convert("mine").status.success() && !convert("mine/inner").status.success());
    assert_eq!(std::fs::read_dir(folder.path().join("mine")).unwrap().count(), 0, "it was there before");
    std::fs::write(folder.path().join("file"), "").unwrap();
    let refused = convert("file");
    assert!(text(&refused.stderr).contains("file: File exists"), "{refused:?}");
    assert!(text(&refused.stderr).contains("choose another output folder"), "{refused:?}");
}

/// Converts a document in a folder of its own, with more options and settings.
fn convert(document: &[u8], name: &str, options: &[&str], settings: &[(&str, &str)]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join(name);
    std::fs::write(&input, document).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_ret"));
    command.arg("convert").arg(&input).arg("-o").arg(folder.path().join("tables")).args(options);
    command.envs(settings.iter().copied()).output().unwrap()
}

/// A document, its name, options, settings, and what is said of it.
type Case<'a> = (&'a [u8], &'a str, &'a [&'a str], &'a [(&'a str, &'a str)], &'a str);

#[test]
fn a_limit_is_named_by_its_setting_and_an_option_as_it_is_typed() {
    let books = samples::BOOKS.as_bytes();
    let zip = samples::zip(&[("a.xml", books), ("b.xml", books)]);
    let repeats = b"<l><b><t>1</t><t>2</t></b><b><t>3</t></b></l>";
    let flat = ["--layout", "flat"];
    let long = format!("<a>{}</a>", "x".repeat(5_000));
    let many_columns: String = (0..17_000).map(|number| format!("<c{number}/>")).collect();
    let wide = format!("<r><i>{many_columns}</i><i/></r>");
    let room = [("RET_MAX_COLUMNS", "20000"), ("RET_MAX_XML_PATHS", "20000")];
    let cell = format!("<r><i><v>{}</v></i><i/></r>", "x".repeat(40_000));
    let folders_only = samples::zip(&[("a/", b"")]);
    let cases: [Case<'_>; 18] = [
        (books, "a.xml", &[], &[("RET_MAX_XML_DEPTH", "2")], "or raise RET_MAX_XML_DEPTH"),
        (b"<a b='' c=''/>", "a.xml", &[], &[("RET_MAX_XML_ATTRIBUTES", "1")], "or raise RET_MAX_XML_ATTRIBUTES"),
        (long.as_bytes(), "a.xml", &[], &[("RET_MAX_XML_TOKEN_BYTES", "4096")], "or raise RET_MAX_XML_TOKEN_BYTES"),
        (books, "a.xml", &[], &[("RET_MAX_XML_PATHS", "2")], "or raise RET_MAX_XML_PATHS"),
        (
            books,
            "a.xml",
            &flat,
            &[("RET_MAX_COLUMNS", "1")],
            "give another --layout or --record, or raise RET_MAX_COLUMNS",
        ),
        (repeats, "a.xml", &[], &[("RET_MAX_TABLES", "1")], "give --layout flat, or raise RET_MAX_TABLES"),
        (&zip, "a.zip", &[], &[("RET_MAX_ZIP_ENTRIES", "1")], "or raise RET_MAX_ZIP_ENTRIES"),
        (
            &zip,
            "a.zip",
            &[],
            &[("RET_MAX_ZIP_INFLATED_BYTES", "9")],
            "convert it in parts, or raise RET_MAX_ZIP_INFLATED_BYTES",
        ),
        (b"<p:a/>", "a.xml", &[], &[], "or give --namespace-rules ignore"),
        (b"<!DOCTYPE a [<!ENTITY e SYSTEM 'e'>]><a>&e;</a>", "a.xml", &[], &[], "or give --external-entities skip"),
        (&folders_only, "a.zip", &[], &[], "holds folders only; pack the XML files into it (zip_empty)"),
        (b"text", "a.txt", &[], &[], "name XML files or archives of them"),
        (books, "a.xml", &["--delimiter", "x"], &[], "error: --delimiter must be"),
        (
            books,
            "a.xml",
            &["--layout", "flat", "--structure", "complete"],
            &[],
            "give --layout relational, or leave out --structure complete",
        ),
        (wide.as_bytes(), "a.xml", &["--format", "xlsx"], &room, "give another --format or --layout relational"),
        (cell.as_bytes(), "a.xml", &["--format", "xlsx"], &[], "give another --format or leave the document out"),
        (
            books,
            "a.xml",
            &[],
            &[("RET_MAX_TABLES", "few")],
            "error: RET_MAX_TABLES: 'few' cannot be used: the setting takes a whole number, at least 0",
        ),
        (books, "a.xml", &["--threads", "300"], &[], "300 is not in 1..=255"),
    ];
    for (document, name, options, settings, expected) in cases {
        let said = convert(document, name, options, settings);
        assert!(text(&said.stderr).contains(expected), "{expected}: {said:?}");
    }
}

#[test]
fn a_conversion_asks_for_no_settings_of_the_service() {
    let said = convert(samples::BOOKS.as_bytes(), "a.xml", &[], &[("ENV", "production"), ("RET_HTTP_PORT", "http")]);
    assert!(said.status.success() && said.stderr.is_empty(), "{said:?}");
}

#[test]
fn an_option_without_effect_is_named() {
    let options = ["--format", "jsonl", "--bom", "--repeated", "join"];
    let said = convert(samples::BOOKS.as_bytes(), "a.xml", &options, &[]);
    let notes = text(&said.stderr);
    let starts: Vec<_> = notes.lines().map(|line| line.split(" has no effect").next().unwrap()).collect();
    assert!(said.status.success() && starts == ["note: --bom", "note: --repeated"], "{said:?}");
}

#[test]
fn the_report_is_json_also_when_nothing_was_converted() {
    let report = |said: &Output| serde_json::from_slice::<serde_json::Value>(&said.stdout).unwrap();
    let whole = report(&convert(samples::BOOKS.as_bytes(), "a.xml", &["--json"], &[]));
    for (options, settings, code, status) in [
        (&["--json"][..], &[("RET_MAX_XML_DEPTH", "1")][..], "xml_too_deep", 1),
        (&["--json", "--record", "page"], &[], "record_not_found", 1),
        (&["--json", "--delimiter", "x"], &[], "invalid_option", 2),
        (&["--json"], &[("RET_MAX_TABLES", "few")], "invalid_setting", 2),
    ] {
        let said = convert(samples::BOOKS.as_bytes(), "a.xml", options, settings);
        let report = report(&said);
        assert_eq!((said.status.code(), report["errors"][0]["code"].as_str()), (Some(status), Some(code)), "{said:?}");
        let members = |report: &serde_json::Value| report.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(members(&report), members(&whole));
        assert_eq!(report["documents"]["failed"], u64::from(code == "xml_too_deep"));
        assert!(report["tables"].as_array().unwrap().is_empty());
    }
    let plain = convert(samples::BOOKS.as_bytes(), "a.xml", &[], &[("RET_MAX_XML_DEPTH", "1")]);
    assert!(plain.stdout.is_empty() && text(&plain.stderr).ends_with("error: nothing was converted\n"), "{plain:?}");
}

#[test]
fn a_file_that_is_named_twice_is_read_once() {
    let folder = tempfile::tempdir().unwrap();
    let books = folder.path().join("books.xml");
    std::fs::write(&books, samples::BOOKS).unwrap();
    let again = folder.path().join(".").join("books.xml");
    let output = folder.path().join("o");
    let arguments = ["convert", books.to_str().unwrap(), again.to_str().unwrap(), "-o", output.to_str().unwrap()];
    let converted = ret(folder.path(), &arguments, "");
    assert!(text(&converted.stderr).contains("named more than once") && converted.status.success(), "{converted:?}");
    assert!(text(&converted.stdout).contains("1 document converted"), "{converted:?}");
}

#[test]
fn cells_may_be_separated_by_a_tab() {
    let folder = tempfile::tempdir().unwrap();
    let books = folder.path().join("books.xml");
    std::fs::write(&books, samples::BOOKS).unwrap();
    for name in ["tab", "\\t", "\t"] {
        let output = folder.path().join("o");
        let arguments = ["convert", books.to_str().unwrap(), "--delimiter", name, "-o", output.to_str().unwrap()];
        assert!(ret(folder.path(), &arguments, "").status.success());
        assert!(std::fs::read_to_string(output.join("ROOT/book.csv")).unwrap().contains('\t'), "{name:?}");
    }
    let arguments = ["convert", books.to_str().unwrap(), "--delimiter", "", "-o", folder.path().to_str().unwrap()];
    assert!(text(&ret(folder.path(), &arguments, "").stderr).contains("takes one character, or tab"));
}
