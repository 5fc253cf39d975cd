//! The commands of the executable.

use std::{
    io::Write as _,
    path::Path,
    process::{Command, Output, Stdio},
};

use crate::harness::samples;

fn ret(root: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_ret"))
        .args(arguments)
        .env("RET_RUNTIME_ROOT", root)
        .env("RET_HTTP_PORT", "0")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn the_doctor_changes_nothing_and_the_first_password_is_shown() {
    let root = tempfile::tempdir().unwrap();
    let doctor = ret(root.path(), &["doctor"], "");
    assert!(doctor.status.success(), "{doctor:?}");
    assert!(text(&doctor.stdout).contains("everything is well"));
    let first = ret(root.path(), &["user", "list"], "");
    assert!(text(&first.stderr).contains("made the account 'admin' with the password"), "{first:?}");
    assert!(text(&first.stdout).starts_with("admin "));
    assert!(!text(&ret(root.path(), &["user", "list"], "").stderr).contains("password"));
}

#[test]
fn accounts_are_managed() {
    let root = tempfile::tempdir().unwrap();
    assert!(ret(root.path(), &["user", "add", "ada"], "a-long-password\n").status.success());
    let again = ret(root.path(), &["user", "add", "ADA"], "a-long-password\n");
    assert!(!again.status.success() && text(&again.stderr).contains("the username is taken"), "{again:?}");
    assert!(!ret(root.path(), &["user", "password", "ada"], "short\n").status.success());
    assert!(ret(root.path(), &["user", "disable", "ada"], "").status.success());
    assert!(
        text(&ret(root.path(), &["user", "list"], "").stdout)
            .lines()
            .any(|line| line.starts_with("ada ") && line.contains("disabled"))
    );
    let last = ret(root.path(), &["user", "disable", "admin"], "");
    assert!(!last.status.success() && text(&last.stderr).contains("last enabled administrator"), "{last:?}");
}

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
fn settings_that_cannot_be_used_are_named() {
    let root = tempfile::tempdir().unwrap();
    let wrong = Command::new(env!("CARGO_BIN_EXE_ret"))
        .env("RET_RUNTIME_ROOT", root.path())
        .env("RET_HTTP_PORT", "http")
        .output()
        .unwrap();
    assert_eq!(wrong.status.code(), Some(2));
    assert!(text(&wrong.stderr).contains("RET_HTTP_PORT: 'http' cannot be used"), "{wrong:?}");
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
    assert!(text(&refused.stderr).contains("choose the layout relational") && !output.exists(), "{refused:?}");
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
fn the_doctor_sees_that_a_start_in_production_would_fail() {
    let root = tempfile::tempdir().unwrap();
    let doctor = Command::new(env!("CARGO_BIN_EXE_ret"))
        .arg("doctor")
        .env("RET_RUNTIME_ROOT", root.path().join("new"))
        .env("RET_HTTP_PORT", "0")
        .env("ENV", "production")
        .env("JWT_SECRET_KEY", "k".repeat(32))
        .output()
        .unwrap();
    assert!(!doctor.status.success());
    assert!(text(&doctor.stdout).contains("FAIL  RET_ADMIN_PASSWORD"), "{doctor:?}");
}

#[test]
fn the_doctor_asks_the_queue_of_the_functions_host() {
    let root = tempfile::tempdir().unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let away = format!("AccountName=a;AccountKey=a2V5;QueueEndpoint=http://127.0.0.1:{port}/a");
    for (connection, problem) in [("AccountName=a", "has no AccountKey"), (away.as_str(), "storage queue")] {
        let doctor = Command::new(env!("CARGO_BIN_EXE_ret"))
            .arg("doctor")
            .env("RET_RUNTIME_ROOT", root.path())
            .env("RET_HTTP_PORT", "0")
            .env("STORAGE_CONNECTION_STRING", connection)
            .output()
            .unwrap();
        let told = text(&doctor.stdout);
        let line = told.lines().find(|line| line.starts_with("FAIL  queue of the Functions host")).unwrap_or_default();
        assert!(!doctor.status.success() && line.contains(problem) && !line.contains("sig="), "{told}");
    }
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
