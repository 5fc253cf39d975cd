//! The fuzz workspace compiles the engine from its sources, so it needs what the engine needs. Nothing else would notice that it does not.

use std::collections::BTreeMap;
use std::path::Path;

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The dependencies of a manifest that are always there: names as in sources, and what stands after the `=`.
fn dependencies(manifest: &str) -> BTreeMap<String, String> {
    let section = manifest.split("\n[dependencies]\n").nth(1).unwrap().split("\n[").next().unwrap();
    let lines = section.lines().filter(|line| !line.starts_with('#') && !line.contains("optional = true"));
    lines
        .filter_map(|line| line.split_once(" = "))
        .map(|(name, what)| (name.replace('-', "_"), what.to_owned()))
        .collect()
}

/// The text of all sources in a folder, but for those of a feature that is off in the fuzz workspace.
fn sources(folder: &Path) -> String {
    let mut text = String::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.ends_with("formats/parquet") {
            continue;
        }
        if path.is_dir() {
            text.push_str(&sources(&path));
        } else {
            text.push_str(&std::fs::read_to_string(&path).unwrap());
        }
    }
    text
}

#[test]
fn the_fuzz_workspace_has_every_dependency_of_the_engine() {
    let (main, fuzz) = (dependencies(&read("Cargo.toml")), dependencies(&read("fuzz/Cargo.toml")));
    let sources = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/conversion"));
    let is_used = |name: &String| sources.contains(&format!("use {name}::")) || sources.contains(&format!(" {name}::"));
    let used: BTreeMap<_, _> = main.into_iter().filter(|(name, _)| is_used(name)).collect();
    assert!(used.contains_key("memchr") && used.contains_key("serde"), "{used:?}");
    for (name, what) in used {
        assert_eq!(fuzz.get(&name), Some(&what), "fuzz/Cargo.toml needs {name} = {what}");
    }
}
