//! What is handed to the platform.

use std::{
    fs::File,
    path::Path,
    process::{Command, Output},
};

use zip::ZipArchive;

fn ret(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ret")).args(arguments).output().unwrap()
}

fn error(output: &Output) -> String {
    assert!(!output.status.success(), "{output:?}");
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn the_package_is_what_the_platform_wants() {
    let folder = tempfile::tempdir().unwrap();
    let dist = folder.path().join("dist");
    let packaged = ret(&["package", dist.to_str().unwrap()]);
    assert!(packaged.status.success(), "{packaged:?}");
    let told = String::from_utf8(packaged.stdout).unwrap();
    assert!(told.contains("16 functions") && told.contains("executable:") && told.contains("dist.zip:"), "{told}");

    let mut zip = ZipArchive::new(File::open(folder.path().join("dist.zip")).unwrap()).unwrap();
    let entries: Vec<(String, u32)> = (0..zip.len())
        .map(|place| {
            zip.by_index(place).map(|entry| (entry.name().unwrap().into_owned(), entry.unix_mode().unwrap())).unwrap()
        })
        .collect();
    assert_eq!(entries.len(), 18);
    for (name, mode) in &entries {
        assert_eq!(*mode, if name == "ret" { 0o100_755 } else { 0o100_644 }, "{name}");
        assert!(name == "ret" || name == "host.json" || name.ends_with("/function.json"), "{name}");
    }
    let host: serde_json::Value = serde_json::from_reader(zip.by_name("host.json").unwrap()).unwrap();
    assert_eq!(host["customHandler"]["description"]["defaultExecutablePath"], "ret");

    // The staged executable is the executable, and agrees with the folders beside it.
    let staged =
        Command::new(dist.join("ret")).args(["functions", "--check", dist.to_str().unwrap()]).output().unwrap();
    assert!(staged.status.success(), "{staged:?}");

    let ignored = std::fs::read_to_string(dist.join(".funcignore")).unwrap();
    for private in ["local.settings.json", "runtime"] {
        assert!(ignored.lines().any(|line| line == private), "{private} is not to be published");
    }

    // What the page is made of bears the name of its function.
    assert!(ignored.contains("web/*\n!web/function.json\n"), "{ignored}");

    // An earlier package is replaced, and what people keep beside it is not touched.
    std::fs::write(dist.join("local.settings.json"), "{}").unwrap();
    std::fs::create_dir(dist.join("old")).unwrap();
    std::fs::write(dist.join("old/function.json"), "{}").unwrap();
    assert!(ret(&["package", dist.to_str().unwrap()]).status.success());
    assert!(dist.join("local.settings.json").exists() && !dist.join("old").exists());
    assert_eq!(ZipArchive::new(File::open(folder.path().join("dist.zip")).unwrap()).unwrap().len(), 18);
}

#[test]
fn only_a_package_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("letter"), "dear").unwrap();
    let problem = error(&ret(&["package", folder.path().to_str().unwrap()]));
    assert!(problem.contains("holds something else than a package"), "{problem}");
    assert!(folder.path().join("letter").exists());

    // The functions of another application, with code beside their function.json.
    let other = tempfile::tempdir().unwrap();
    std::fs::create_dir(other.path().join("hello")).unwrap();
    for file in ["host.json", "ret", "hello/function.json", "hello/index.js"] {
        std::fs::write(other.path().join(file), "{}").unwrap();
    }
    assert!(error(&ret(&["package", other.path().to_str().unwrap()])).contains("holds something else"));
    assert!(other.path().join("hello/index.js").exists());

    // A ZIP of somebody's where the package's would come.
    std::fs::write(folder.path().join("mine.zip"), "precious").unwrap();
    let problem = error(&ret(&["package", folder.path().join("mine").to_str().unwrap()]));
    assert!(problem.contains("is there and is not of an earlier package"), "{problem}");
}

#[test]
fn the_folders_of_the_repository_are_those_of_the_executable() {
    let functions = Path::new(env!("CARGO_MANIFEST_DIR")).join("functions");
    let checked = ret(&["functions", "--check", functions.to_str().unwrap()]);
    assert!(checked.status.success(), "{checked:?}");
}

#[test]
fn what_differs_from_the_executable_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    assert!(ret(&["functions", "--write", path]).status.success());
    let manifest = folder.path().join("cleanup/function.json");
    let text = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(&manifest, text.replace("*/15", "*/20")).unwrap();
    std::fs::remove_dir_all(folder.path().join("logout")).unwrap();
    std::fs::create_dir(folder.path().join("Chat")).unwrap();
    std::fs::write(folder.path().join("Chat/function.json"), text).unwrap();
    let problem = error(&ret(&["functions", "--check", path]));
    for part in ["cleanup: its folder has another", "logout: has no folder", "Chat: its folder has no function"] {
        assert!(problem.contains(part), "{part}: {problem}");
    }
}
