//! The group of a document: which documents are converted together, told from the archives and folders around them.
//!
//! The nearest archive or folder that means something to the business gives its name; those that only package or transport are looked
//! through, and a document with none above it is in [`Group::ROOT`].

use std::fmt;

use serde::{Deserialize, Serialize};

/// An archive's name with spaces is a description, not a business name, from this many characters on (without `.zip`).
const LONG_NAME_CHARS: usize = 30;

/// Folders that say nothing about what they hold, in lower case.
const TRANSPARENT_FOLDERS: [&str; 5] = ["businessobjectdata", "data", "files", "content", "extracted"];

/// The name of a group, in upper case, never empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Group(String);

impl Group {
    /// The group of documents with nothing that names one above them.
    pub const ROOT: &'static str = "ROOT";

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Group> for String {
    fn from(group: Group) -> Self {
        group.0
    }
}

/// Something that a document lies in, by its own name (not its path).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Container<'a> {
    /// A ZIP file, for instance `1_book.zip`.
    Archive(&'a str),
    /// A folder inside an archive.
    Folder(&'a str),
}

/// The group of a document in `containers`, outermost first.
#[must_use]
pub fn group_of(containers: &[Container<'_>]) -> Group {
    let nearest = containers.iter().rev().find_map(|container| match container {
        Container::Archive(name) => archive_group(name),
        Container::Folder(name) => folder_group(name),
    });
    Group(nearest.unwrap_or_else(|| Group::ROOT.to_owned()))
}

/// Whether a file or folder of this name is left out without a word: hidden ones, and the metadata that macOS adds to archives.
#[must_use]
pub fn is_hidden(component: &str) -> bool {
    component.starts_with('.') || component == "__MACOSX"
}

fn archive_group(name: &str) -> Option<String> {
    let stem = stem_of(name);
    let only_packages = is_hidden(name) || is_batch(stem) || has_time_stamp(stem) || is_description(stem);
    if only_packages { None } else { business_name(stem) }
}

fn folder_group(name: &str) -> Option<String> {
    let stem = stem_of(name);
    let only_packages = is_hidden(name) || TRANSPARENT_FOLDERS.contains(&stem.to_lowercase().as_str());
    if only_packages { None } else { business_name(stem) }
}

/// The name without `.zip`; folders made by unpacking sometimes keep it.
fn stem_of(name: &str) -> &str {
    let name = name.trim();
    match name.len().checked_sub(4).and_then(|at| name.split_at_checked(at)) {
        Some((stem, extension)) if extension.eq_ignore_ascii_case(".zip") => stem.trim_end(),
        _ => name,
    }
}

fn business_name(stem: &str) -> Option<String> {
    let name = without_leading_number(stem);
    if name.is_empty() { None } else { Some(name.to_uppercase()) }
}

/// `1_book` → `book`; a number alone, or one grown together with the name (`3com`), belongs to the name.
fn without_leading_number(stem: &str) -> &str {
    let after_digits = stem.trim_start_matches(|c: char| c.is_ascii_digit());
    let rest = after_digits.trim_start_matches(is_separator);
    let has_number = after_digits.len() < stem.len();
    let has_separator = rest.len() < after_digits.len();
    if has_number && has_separator && !rest.is_empty() { rest } else { stem }
}

fn is_separator(c: char) -> bool {
    matches!(c, '_' | '-' | '.' | ' ')
}

/// `^\d+[_-]?BATCH`, whatever the case.
fn is_batch(stem: &str) -> bool {
    let after_digits = stem.trim_start_matches(|c: char| c.is_ascii_digit());
    let name = after_digits.strip_prefix(['_', '-']).unwrap_or(after_digits);
    after_digits.len() < stem.len() && name.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("batch"))
}

/// `_yyyymmdd_hhmm…` anywhere in the name.
fn has_time_stamp(stem: &str) -> bool {
    const DIGITS: [usize; 12] = [1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13];
    stem.as_bytes().windows(14).any(|window| {
        let at = |from: usize| u32::from(window[from] - b'0') * 10 + u32::from(window[from + 1] - b'0');
        window[0] == b'_'
            && window[9] == b'_'
            && DIGITS.iter().all(|&digit| window[digit].is_ascii_digit())
            && (1..=12).contains(&at(5))
            && (1..=31).contains(&at(7))
            && at(10) < 24
            && at(12) < 60
    })
}

fn is_description(stem: &str) -> bool {
    stem.contains(char::is_whitespace) && stem.chars().count() >= LONG_NAME_CHARS
}

#[cfg(test)]
mod tests {
    use super::Container::{Archive, Folder};
    use super::*;

    fn check(cases: &[(&[Container<'_>], &str)]) {
        for (containers, wanted) in cases {
            assert_eq!(group_of(containers).as_str(), *wanted, "{containers:?}");
        }
    }

    #[test]
    fn at_the_top_the_group_is_root() {
        check(&[(&[], "ROOT"), (&[Archive("")], "ROOT"), (&[Archive(".zip"), Folder(" ")], "ROOT")]);
    }

    #[test]
    fn the_nearest_archive_or_folder_gives_its_stem_in_upper_case() {
        check(&[
            (&[Archive("journal.zip")], "JOURNAL"),
            (&[Archive("Journal.ZIP")], "JOURNAL"),
            (&[Archive("a.zip"), Folder("orders")], "ORDERS"),
            (&[Archive("a.zip"), Folder("orders"), Archive("lines.zip")], "LINES"),
            (&[Archive("a.zip"), Folder("x"), Folder("y")], "Y"),
            (&[Archive("crossref-deposits.zip")], "CROSSREF-DEPOSITS"),
            (&[Archive("größe.zip")], "GRÖSSE"),
            (&[Folder("v1.2")], "V1.2"),
            (&[Folder("parts.zip")], "PARTS"),
        ]);
    }

    #[test]
    fn a_leading_number_and_its_separator_are_dropped() {
        check(&[
            (&[Archive("1_book.zip")], "BOOK"),
            (&[Folder("12-journal")], "JOURNAL"),
            (&[Folder("007. article")], "ARTICLE"),
            (&[Folder("2024")], "2024"),
            (&[Folder("3com")], "3COM"),
            (&[Folder("12_")], "12_"),
            (&[Folder("_book")], "_BOOK"),
        ]);
    }

    #[test]
    fn batch_archives_inherit_from_their_parent() {
        check(&[
            (&[Archive("journal.zip"), Archive("1_BATCH.zip")], "JOURNAL"),
            (&[Archive("journal.zip"), Archive("12-batch_7.zip")], "JOURNAL"),
            (&[Archive("journal.zip"), Archive("3Batch.zip")], "JOURNAL"),
            (&[Archive("1_BATCH.zip")], "ROOT"),
            (&[Archive("a.zip"), Archive("1__BATCH.zip")], "BATCH"),
            (&[Archive("a.zip"), Archive("BATCH.zip")], "BATCH"),
            (&[Archive("a.zip"), Archive("1_bäch.zip")], "BÄCH"),
            (&[Archive("a.zip"), Archive("1_BATCH.zip"), Folder("book")], "BOOK"),
        ]);
    }

    #[test]
    fn container_archives_give_none() {
        check(&[
            (&[Archive("export_20240131_1530.zip")], "ROOT"),
            (&[Archive("export_20240131_153059_x.zip"), Folder("book")], "BOOK"),
            (&[Archive("journal.zip"), Archive("é_20240131_1530.zip")], "JOURNAL"),
            (&[Archive("All business objects of the client.zip")], "ROOT"),
            (&[Archive("my book.zip")], "MY BOOK"),
            (&[Archive("export_20241301_1530.zip")], "EXPORT_20241301_1530"),
            (&[Archive("export_20240131_2530.zip")], "EXPORT_20240131_2530"),
            (&[Archive("export_20240131.zip")], "EXPORT_20240131"),
            (&[Archive("a-long-name-without-any-space-in-it.zip")], "A-LONG-NAME-WITHOUT-ANY-SPACE-IN-IT"),
        ]);
    }

    #[test]
    fn folders_that_only_hold_give_none() {
        for folder in ["businessObjectData", "data", "Files", "CONTENT", "extracted"] {
            check(&[(&[Archive("book.zip"), Folder(folder)], "BOOK"), (&[Folder(folder)], "ROOT")]);
        }
        check(&[(&[Archive("data.zip")], "DATA"), (&[Folder("database")], "DATABASE")]);
    }

    #[test]
    fn hidden_folders_are_skipped() {
        check(&[
            (&[Archive("book.zip"), Folder(".git")], "BOOK"),
            (&[Archive("book.zip"), Folder("__MACOSX")], "BOOK"),
        ]);
        for (component, wanted) in
            [(".git", true), ("__MACOSX", true), ("._a.xml", true), ("a.xml", false), ("__macosx2", false)]
        {
            assert_eq!(is_hidden(component), wanted, "{component}");
        }
    }

    #[test]
    fn a_group_travels_as_plain_text() {
        let group = group_of(&[Archive("1_book.zip")]);
        assert_eq!(serde_json::to_string(&group).unwrap(), "\"BOOK\"");
        assert_eq!(group.to_string(), "BOOK");
    }
}
