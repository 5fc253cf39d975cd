//! Tables that an earlier conversion left in the folder and the next does not write: they are named, so that nobody takes them for its own,
//! or removed if that is asked for.

use std::{
    collections::{BTreeMap, HashSet},
    fs,
    path::{Component, Path, PathBuf},
    time::SystemTime,
};

use serde::{Deserialize, Serialize};

use super::output::remove_empty;

/// What the description of an output folder says of its maker; that of a session's tables says another.
const GENERATOR: &str = "ret convert";

/// What is to become of earlier tables that are not written anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnEarlier {
    /// They stay.
    Keep,
    /// Those that nobody changed are removed.
    Remove,
}

/// What became of earlier tables; paths are relative to the folder, parts separated by `/`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EarlierTables {
    /// They are removed.
    pub removed: Vec<String>,
    /// They are still there: they were to be kept, were changed since, or could not be removed.
    pub kept: Vec<String>,
}

/// The tables that the folder's description names, if it is one of ours.
#[derive(Debug, Default)]
pub(super) struct Earlier {
    /// Paths with the size in bytes, where the description tells it.
    files: BTreeMap<String, Option<u64>>,
    /// When the description was written: after the tables.
    described_at: Option<SystemTime>,
}

#[derive(Deserialize)]
struct Description {
    generator: String,
    resources: Vec<Left>,
    #[serde(default)]
    earlier: Vec<Left>,
}

/// A table of ours that is in the folder, as a description names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::services::conversions) struct Left {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<u64>,
}

/// Earlier tables when it is settled what becomes of them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Settled {
    pub(super) outcome: EarlierTables,
    /// Those that are there as they were written: the next description names them too, so that they are known for ours later. One that was
    /// changed is somebody else's from then on.
    pub(super) left: Vec<Left>,
}

impl Earlier {
    /// Reads the description; one that is not there, not readable or not ours names nothing.
    pub(super) fn read(description: &Path) -> Self {
        let Ok(about) = fs::symlink_metadata(description) else { return Self::default() };
        let text = if about.is_file() { fs::read(description).unwrap_or_default() } else { Vec::new() };
        match serde_json::from_slice::<Description>(&text) {
            Ok(found) if found.generator == GENERATOR => Self {
                files: found.earlier.into_iter().chain(found.resources).map(|left| (left.path, left.bytes)).collect(),
                described_at: about.modified().ok(),
            },
            _ => Self::default(),
        }
    }

    /// Finds the tables that are still there, except for those written anew. Removed are those that are as they were written and no inputs
    /// (as canonical paths), if any are to be; folders that become empty go too.
    pub(super) fn settle(
        self,
        on_earlier: OnEarlier,
        folder: &Path,
        written_anew: &HashSet<&str>,
        inputs: &HashSet<PathBuf>,
    ) -> Settled {
        let Settled { mut outcome, mut left } = Settled::default();
        let new: HashSet<PathBuf> =
            written_anew.iter().filter_map(|path| folder.join(path).canonicalize().ok()).collect();
        for (path, bytes) in &self.files {
            if written_anew.contains(path.as_str()) {
                continue;
            }
            let Some((file, about)) = regular_file_below(folder, path) else { continue };
            // Where upper and lower case are one, another name may be the same file.
            if file.canonicalize().is_ok_and(|file| new.contains(&file)) {
                continue;
            }
            let is_as_written = bytes.is_none_or(|bytes| bytes == about.len())
                && about.modified().ok().is_some_and(|changed| self.described_at.is_some_and(|at| changed <= at));
            let is_input = file.canonicalize().is_ok_and(|file| inputs.contains(&file));
            let may_go = on_earlier == OnEarlier::Remove && is_as_written && !is_input;
            if may_go && fs::remove_file(&file).is_ok() {
                remove_empty(file.ancestors().skip(1).take_while(|place| *place != folder));
                outcome.removed.push(path.clone());
            } else {
                outcome.kept.push(path.clone());
                left.extend(is_as_written.then(|| Left { path: path.clone(), bytes: Some(about.len()) }));
            }
        }
        Settled { outcome, left }
    }
}

/// The file of that path, if the path leads down into the folder and nowhere else, and no part of it is a link.
fn regular_file_below(folder: &Path, path: &str) -> Option<(PathBuf, fs::Metadata)> {
    let mut parts = Path::new(path).components().peekable();
    let mut place = folder.to_owned();
    while let Some(part) = parts.next() {
        let Component::Normal(name) = part else { return None };
        place.push(name);
        let about = fs::symlink_metadata(&place).ok()?;
        match parts.peek() {
            Some(_) if about.is_dir() => {}
            None if about.is_file() => return Some((place, about)),
            _ => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    /// A folder with a description of these files, and the files, of two bytes each.
    fn folder(generator: &str, files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let file = folder.path().join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "a\n").unwrap();
        }
        let resources: Vec<_> = files.iter().map(|path| serde_json::json!({"path": path, "bytes": 2})).collect();
        let description = serde_json::json!({"generator": generator, "resources": resources});
        fs::write(folder.path().join("datapackage.json"), description.to_string()).unwrap();
        folder
    }

    fn remove(folder: &Path, written_anew: &[&str], inputs: &[&str]) -> EarlierTables {
        let inputs = inputs.iter().map(|input| folder.join(input).canonicalize().unwrap()).collect();
        let written_anew = written_anew.iter().copied().collect();
        let earlier = Earlier::read(&folder.join("datapackage.json"));
        earlier.settle(OnEarlier::Remove, folder, &written_anew, &inputs).outcome
    }

    #[test]
    fn what_is_not_written_anew_goes_with_its_folder() {
        let folder = folder(GENERATOR, &["A/old.csv", "B/old.csv", "B/new.csv"]);
        fs::write(folder.path().join("B/mine.csv"), "a\n").unwrap();
        let outcome = remove(folder.path(), &["B/new.csv"], &[]);
        assert_eq!(outcome.removed, ["A/old.csv", "B/old.csv"]);
        assert!(outcome.kept.is_empty() && !folder.path().join("A").exists());
        assert!(folder.path().join("B/new.csv").exists() && folder.path().join("B/mine.csv").exists());
    }

    #[test]
    fn a_description_of_another_maker_names_nothing() {
        let folder = folder("RET", &["A/old.csv"]);
        assert_eq!(remove(folder.path(), &[], &[]), EarlierTables::default());
        assert!(folder.path().join("A/old.csv").exists());
    }

    #[test]
    fn what_was_changed_since_or_is_an_input_stays() {
        let folder = folder(GENERATOR, &["longer.csv", "later.csv", "input.xlsx"]);
        fs::write(folder.path().join("longer.csv"), "a\nb\n").unwrap();
        let later = File::options().write(true).open(folder.path().join("later.csv")).unwrap();
        let described_at = Earlier::read(&folder.path().join("datapackage.json")).described_at.unwrap();
        later.set_modified(described_at + std::time::Duration::from_secs(60)).unwrap();
        let outcome = remove(folder.path(), &[], &["input.xlsx"]);
        assert_eq!(outcome.kept, ["input.xlsx", "later.csv", "longer.csv"]);
        assert!(outcome.removed.is_empty() && folder.path().join("input.xlsx").exists());
    }

    #[test]
    fn what_is_kept_is_named_again_unless_it_was_changed() {
        let folder = folder(GENERATOR, &["old.csv", "longer.csv", "new.csv"]);
        fs::write(folder.path().join("longer.csv"), "a\nb\n").unwrap();
        let description = folder.path().join("datapackage.json");
        let settle = |on_earlier| {
            Earlier::read(&description).settle(on_earlier, folder.path(), &HashSet::from(["new.csv"]), &HashSet::new())
        };
        let Settled { outcome, left } = settle(OnEarlier::Keep);
        assert_eq!(outcome.kept, ["longer.csv", "old.csv"]);
        assert_eq!(left, [Left { path: "old.csv".into(), bytes: Some(2) }]);
        let next = serde_json::json!({
            "generator": GENERATOR, "resources": [{"path": "new.csv", "bytes": 2}], "earlier": left,
        });
        fs::write(&description, next.to_string()).unwrap();
        let Settled { outcome, left } = settle(OnEarlier::Remove);
        assert_eq!((outcome.removed, outcome.kept, left), (vec!["old.csv".to_owned()], vec![], vec![]));
        assert!(folder.path().join("longer.csv").exists() && folder.path().join("new.csv").exists());
    }

    #[cfg(unix)]
    #[test]
    fn nothing_outside_of_the_folder_is_touched_and_no_link_is_followed() {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("a.csv"), "a\n").unwrap();
        let absolute = outside.path().join("a.csv").display().to_string();
        let folder = folder(GENERATOR, &["in/a.csv"]);
        std::os::unix::fs::symlink(outside.path(), folder.path().join("linked")).unwrap();
        std::os::unix::fs::symlink(folder.path().join("in/a.csv"), folder.path().join("link.csv")).unwrap();
        let up = format!("../{}/a.csv", outside.path().file_name().unwrap().to_string_lossy());
        let paths = [absolute.as_str(), &up, "linked/a.csv", "link.csv", "in/../in/a.csv", "in", ""];
        let resources: Vec<_> = paths.iter().map(|path| serde_json::json!({"path": path})).collect();
        let description = serde_json::json!({"generator": GENERATOR, "resources": resources});
        fs::write(folder.path().join("datapackage.json"), description.to_string()).unwrap();
        assert_eq!(remove(folder.path(), &[], &[]), EarlierTables::default());
        assert!(outside.path().join("a.csv").exists() && folder.path().join("in/a.csv").exists());
        assert!(folder.path().join("link.csv").is_symlink());
    }
}
