//! The commands of the executable; `ret convert` is in `convert_files`.

use std::{
    io::Write as _,
    path::Path,
    process::{Command, Output, Stdio},
};

/// Runs the executable on a folder of its own, with a text as standard input.
pub(super) fn ret(root: &Path, arguments: &[&str], input: &str) -> Output {
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

pub(super) fn text(bytes: &[u8]) -> String {
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
