//! The commands of the executable; `ret convert` is in `convert_files`.

use std::{
    io::Write as _,
    net::ToSocketAddrs as _,
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
    // Who is refused before anything is read has closed it.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

pub(super) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn the_doctor_makes_nothing() {
    let root = tempfile::tempdir().unwrap();
    let new = root.path().join("new/runtime");
    let doctor = ret(&new, &["doctor"], "");
    assert!(doctor.status.success() && text(&doctor.stdout).contains("everything is well"), "{doctor:?}");
    assert!(text(&doctor.stdout).contains("new/runtime is not there yet; the first start makes it"), "{doctor:?}");
    assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 0);
    assert!(ret(&new, &["user", "add", "ada"], "a-long-password\n").status.success());
    let files = || {
        let entries = std::fs::read_dir(&new).unwrap().map(|entry| entry.unwrap());
        let mut files: Vec<_> = entries.map(|entry| (entry.file_name(), entry.metadata().unwrap().len())).collect();
        files.sort();
        files
    };
    let before = files();
    let doctor = ret(&new, &["doctor"], "");
    assert!(doctor.status.success() && text(&doctor.stdout).contains("new/runtime can be written"), "{doctor:?}");
    let number = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/sqlite")).unwrap().count();
    let schema = format!("ret.db has the schema of this version, number {number}\n");
    assert!(text(&doctor.stdout).contains(&schema), "{doctor:?}");
    assert_eq!(files(), before);
}

#[test]
fn the_doctor_names_a_place_at_which_nothing_can_be_made() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("file");
    std::fs::write(&file, "").unwrap();
    let refused = ret(&file.join("runtime"), &["doctor"], "");
    assert!(!refused.status.success() && text(&refused.stdout).contains("FAIL  RET_RUNTIME_ROOT"), "{refused:?}");
    let refused = Command::new(env!("CARGO_BIN_EXE_ret"))
        .arg("doctor")
        .env("RET_RUNTIME_ROOT", root.path())
        .env("RET_HTTP_PORT", "0")
        .env("RET_DB", root.path().join("away/ret.db"))
        .env("LOG_LEVEL", "ret=loud")
        .output()
        .unwrap();
    let told = text(&refused.stdout);
    assert!(!refused.status.success() && told.contains("FAIL  RET_DB: ") && told.contains("away/ret.db"), "{told}");
    assert!(told.contains("FAIL  setting LOG_LEVEL: 'ret=loud'"), "{told}");
}

#[test]
fn the_doctor_changes_no_schema() {
    let root = tempfile::tempdir().unwrap();
    let runtime = root.path().join("runtime");
    std::fs::create_dir(&runtime).unwrap();
    std::fs::write(runtime.join("ret.db"), "").unwrap();
    let doctor = ret(&runtime, &["doctor"], "");
    assert!(text(&doctor.stdout).contains("has another schema"), "{doctor:?}");
    assert_eq!(std::fs::metadata(runtime.join("ret.db")).unwrap().len(), 0);
}

#[test]
fn the_contract_is_printed_as_it_is_served() {
    let root = tempfile::tempdir().unwrap();
    let runtime = root.path().join("runtime");
    let printed = ret(&runtime, &["openapi"], "");
    assert!(printed.status.success() && printed.stderr.is_empty(), "{printed:?}");
    let printed: serde_json::Value = serde_json::from_slice(&printed.stdout).unwrap();
    assert_eq!(printed, serde_json::to_value(ret::functions::openapi("RET")).unwrap());
    assert!(printed["paths"]["/api/convert"]["post"].is_object());
    assert!(!runtime.exists(), "nothing is made");
}

#[test]
fn a_start_that_fails_tells_the_host_in_its_own_way() {
    let root = tempfile::tempdir().unwrap();
    let away = root.path().join("warned/ret.db");
    let start = |settings: &[(&str, &str)]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ret"));
        command.env("RET_RUNTIME_ROOT", root.path()).env("FUNCTIONS_CUSTOMHANDLER_PORT", "0");
        let ended = command.envs(settings.iter().copied()).output().unwrap();
        assert!(!ended.status.success());
        text(&ended.stderr).lines().map(str::to_owned).collect::<Vec<_>>()
    };
    for settings in [&[("RET_DB", away.to_str().unwrap())][..], &[("LOG_LEVEL", "loud")], &[("LOG_LEVEL", "a=b=c")]] {
        let lines = start(settings);
        assert!(!lines.is_empty(), "{settings:?}");
        for line in lines {
            let told: serde_json::Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line}"));
            if told["level"] == "ERROR" {
                assert!(!line.to_ascii_lowercase().contains("warn"), "graded as a warning: {line}");
            }
        }
    }
    let lines = start(&[("RET_DB", away.to_str().unwrap())]);
    assert!(lines.iter().any(|line| line.contains("\"ERROR\"") && line.contains("RET_DB")), "{lines:?}");
}

#[test]
fn an_account_that_cannot_be_added_makes_no_store_and_the_first_may_be_the_administrator() {
    let root = tempfile::tempdir().unwrap();
    let new = root.path().join("runtime");
    for (arguments, password) in [(["user", "add", "bob"], "short\n"), (["user", "add", "b b"], "a-long-password\n")] {
        let refused = ret(&new, &arguments, password);
        assert!(!refused.status.success() && !text(&refused.stderr).contains("First start"), "{refused:?}");
        assert!(!new.exists());
    }
    let added = ret(&new, &["user", "add", "admin"], "a-long-password\n");
    assert!(added.status.success() && added.stderr.is_empty(), "{added:?}");
    assert_eq!(text(&added.stdout), "added admin (admin)\n");
    assert!(text(&ret(&new, &["user", "list"], "").stdout).starts_with("admin"));
}

#[test]
fn only_adding_an_account_makes_a_store() {
    let root = tempfile::tempdir().unwrap();
    let new = root.path().join("runtime");
    for arguments in [&["user", "list"][..], &["user", "disable", "ada"], &["user", "password", "ada"]] {
        let refused = ret(&new, arguments, "");
        assert_eq!(refused.status.code(), Some(1));
        let told = text(&refused.stderr);
        assert!(told.contains("there is no store at") && told.contains("runtime/ret.db (RET_DB"), "{told}");
        assert!(!new.exists());
    }
    let first = ret(&new, &["user", "add", "ada"], "a-long-password\n");
    assert!(text(&first.stderr).contains("made the account 'admin' with the password"), "{first:?}");
    let listed = ret(&new, &["user", "list"], "");
    assert!(text(&listed.stdout).starts_with("admin ") && !text(&listed.stderr).contains("password"), "{listed:?}");
}

#[test]
fn a_command_makes_the_schema_and_nothing_else() {
    let root = tempfile::tempdir().unwrap();
    let new = root.path().join("runtime");
    let number = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/sqlite")).unwrap().count();
    for told in [format!("the schema was at none, is at {number}\n"), format!("the schema is up to date at {number}\n")]
    {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ret"));
        // Neither a signing key nor any other setting is asked for.
        command.env("ENV", "production").env("RET_HTTP_PORT", "http").env("RET_RUNTIME_ROOT", &new);
        let migrated = command.arg("migrate").output().unwrap();
        assert!(migrated.status.success() && migrated.stderr.is_empty(), "{migrated:?}");
        assert_eq!(text(&migrated.stdout), told);
    }
    let files = std::fs::read_dir(&new).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(files.into_iter().all(|name| name.starts_with("ret.db")), "more than the database");
    let away = root.path().join("away/ret.db");
    let mut command = Command::new(env!("CARGO_BIN_EXE_ret"));
    let refused = command.arg("migrate").env("RET_RUNTIME_ROOT", &new).env("RET_DB", &away).output().unwrap();
    let told = text(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1));
    assert!(told.starts_with("error: RET_DB: ") && told.contains("its folder must be there"), "{told}");
}

#[test]
fn only_adding_an_account_makes_the_first_administrator() {
    let root = tempfile::tempdir().unwrap();
    assert!(ret(root.path(), &["migrate"], "").status.success());
    for _ in 0..2 {
        let listed = ret(root.path(), &["user", "list"], "");
        assert!(listed.status.success() && listed.stdout.is_empty() && listed.stderr.is_empty(), "{listed:?}");
    }
    let refused = ret(root.path(), &["user", "disable", "ada"], "");
    assert!(!refused.status.success() && !text(&refused.stderr).contains("password"), "{refused:?}");
    let first = ret(root.path(), &["user", "add", "ada"], "a-long-password\n");
    assert!(text(&first.stderr).contains("made the account 'admin' with the password"), "{first:?}");
    assert_eq!(text(&ret(root.path(), &["user", "list"], "").stdout).lines().count(), 2);
}

#[test]
fn a_database_that_cannot_be_opened_is_named_with_its_setting() {
    let root = tempfile::tempdir().unwrap();
    let password = root.path().join("typed");
    std::fs::write(&password, "a-long-password\n").unwrap();
    for (setting, file) in [("RET_DB", "away/ret.db"), ("RET_SESSION_DB", "away/cache.db")] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ret"));
        let typed = std::fs::File::open(&password).unwrap();
        command.args(["user", "add", "ada"]).env("RET_RUNTIME_ROOT", root.path()).stdin(typed);
        let refused = command.env(setting, root.path().join(file)).output().unwrap();
        let told = text(&refused.stderr);
        assert!(told.starts_with(&format!("error: {setting}: ")) && told.contains(file), "{told}");
    }
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
            .env("AzureWebJobsStorage", connection)
            .output()
            .unwrap();
        let told = text(&doctor.stdout);
        let line = told.lines().find(|line| line.starts_with("FAIL  queue of the Functions host")).unwrap_or_default();
        assert!(!doctor.status.success() && line.contains(problem) && !line.contains("sig="), "{told}");
    }
}

#[test]
fn a_misspelt_setting_is_told_by_the_doctor_and_in_the_log() {
    let root = tempfile::tempdir().unwrap();
    let ret = |arguments: &[&str], settings: &[(&str, &str)]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ret"));
        command.args(arguments).env("RET_RUNTIME_ROOT", root.path().join("runtime")).env("RET_HTTP_PORT", "0");
        command.envs(settings.iter().copied()).output().unwrap()
    };
    let misspelt = ("RATE_LIMIT_PER_MINUT", "7-of-somebody");
    let doctor = ret(&["doctor"], &[misspelt]);
    let told = text(&doctor.stdout);
    assert!(doctor.status.success(), "{doctor:?}");
    assert!(told.contains("WARN  setting RATE_LIMIT_PER_MINUT: there is no setting of this name"), "{told}");
    assert!(told.contains("      is RATE_LIMIT_PER_MINUTE meant?\n") && !told.contains("7-of-somebody"), "{told}");
    // A start that comes to nothing, after the line.
    let away = root.path().join("away/ret.db");
    let start = ret(&[], &[misspelt, ("RET_DB", away.to_str().unwrap())]);
    let log = text(&start.stdout) + &text(&start.stderr);
    assert_eq!(log.matches("RATE_LIMIT_PER_MINUT (is RATE_LIMIT_PER_MINUTE meant?)").count(), 1, "{log}");
    assert!(!log.contains("7-of-somebody"), "{log}");
}

#[test]
fn the_doctor_says_who_has_the_port() {
    let root = tempfile::tempdir().unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    for host in ["127.0.0.1", "localhost"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ret"));
        command.arg("doctor").env("RET_RUNTIME_ROOT", root.path().join("new")).env("RET_HTTP_HOST", host);
        let doctor = command.env("RET_HTTP_PORT", &port).output().unwrap();
        let told = text(&doctor.stdout);
        let is_first = host != "localhost" || ("localhost", 0).to_socket_addrs().unwrap().next().unwrap().is_ipv4();
        if is_first {
            assert!(told.contains(&format!("FAIL  RET_HTTP_PORT: another program listens on {host}:{port}")), "{told}");
        }
    }
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_not_utf_8_is_in_nobodys_way() {
    use std::os::unix::ffi::OsStrExt as _;
    let root = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_ret"));
    command.arg("doctor").env("RET_RUNTIME_ROOT", root.path()).env("RET_HTTP_PORT", "0");
    let said = command.env("SOMEBODY_ELSES", std::ffi::OsStr::from_bytes(b"\xff")).output().unwrap();
    assert!(said.status.success(), "{said:?}");
}
