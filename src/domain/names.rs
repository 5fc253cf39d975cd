//! File names that come from outside: which names of archive entries are accepted, how a name is made safe for storage, and how it is
//! offered for download. Nothing here touches a file system.

use std::fmt::Write as _;

/// Longest accepted path of an archive entry, in bytes of UTF-8.
pub const MAX_ENTRY_NAME_BYTES: usize = 1_024;
/// Longest accepted part of such a path, in bytes of UTF-8.
pub const MAX_ENTRY_COMPONENT_BYTES: usize = 255;
/// Longest name that [`sanitize_component`] makes, in characters (all ASCII).
pub const MAX_STORED_NAME_CHARS: usize = 60;

/// Stands where nothing usable is left of a name.
const FALLBACK_NAME: &str = "file";

/// Names that Windows gives to devices, whatever extension follows.
const DEVICE_NAMES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];

/// Why a name in an archive is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameProblem {
    /// Nothing is left of it.
    #[error("the name is empty")]
    Empty,
    /// Longer than [`MAX_ENTRY_NAME_BYTES`], or a part longer than [`MAX_ENTRY_COMPONENT_BYTES`].
    #[error("the name is too long")]
    TooLong,
    /// It starts at a root.
    #[error("the name is an absolute path")]
    Absolute,
    /// It starts with a drive letter.
    #[error("the name starts with a drive letter")]
    Drive,
    /// It leaves its folder.
    #[error("the name contains '..'")]
    ParentFolder,
    /// It uses the separator of another system.
    #[error("the name contains a backslash")]
    Backslash,
    /// A NUL, a line break or another control character.
    #[error("the name contains a control character")]
    ControlCharacter,
}

/// The accepted name of an archive entry, as a relative path of plain components.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EntryName {
    path: String,
    kind: EntryKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum EntryKind {
    File,
    Directory,
}

impl EntryName {
    /// The path: components joined by `/`, neither leading nor trailing `/`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.path
    }

    /// Whether the name ends in `/`, which is how archives mark folders.
    #[must_use]
    pub fn is_directory(&self) -> bool {
        self.kind == EntryKind::Directory
    }

    /// The parts of the path, outermost first; at least one.
    pub fn components(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.path.split('/')
    }

    /// The last part of the path.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// The folders around the last part, outermost first.
    pub fn folders(&self) -> impl Iterator<Item = &str> {
        let count = self.path.split('/').count().saturating_sub(1);
        self.path.split('/').take(count)
    }
}

/// Checks the name of an archive entry. `.` and empty parts are dropped (`./a//b` is `a/b`); what could point out of its folder, or mean
/// another thing on another system, is refused rather than mended.
pub fn check_entry_name(raw: &str) -> Result<EntryName, NameProblem> {
    if raw.len() > MAX_ENTRY_NAME_BYTES {
        return Err(NameProblem::TooLong);
    }
    if raw.contains(is_control) {
        return Err(NameProblem::ControlCharacter);
    }
    if raw.contains('\\') {
        return Err(NameProblem::Backslash);
    }
    if raw.starts_with('/') {
        return Err(NameProblem::Absolute);
    }
    if has_drive_letter(raw) {
        return Err(NameProblem::Drive);
    }
    let components: Vec<&str> = raw.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    if components.contains(&"..") {
        return Err(NameProblem::ParentFolder);
    }
    if components.iter().any(|part| part.len() > MAX_ENTRY_COMPONENT_BYTES) {
        return Err(NameProblem::TooLong);
    }
    // The first part after `./` may be a drive letter again.
    if components.first().is_none_or(|first| first.trim().is_empty()) {
        return Err(NameProblem::Empty);
    }
    if components.first().is_some_and(|first| has_drive_letter(first)) {
        return Err(NameProblem::Drive);
    }
    let kind = if raw.ends_with('/') || raw.ends_with("/.") { EntryKind::Directory } else { EntryKind::File };
    Ok(EntryName { path: components.join("/"), kind })
}

/// A name for storage that is safe on every file system and in every URL: `[A-Za-z0-9._-]`, 1 to [`MAX_STORED_NAME_CHARS`] characters,
/// no leading or trailing dot, no device name of Windows. The extension is kept where it fits. Different names may become the same one, so a generated id
/// has to stand beside it.
#[must_use]
pub fn sanitize_component(name: &str) -> String {
    let mut safe = String::with_capacity(name.len().min(4 * MAX_STORED_NAME_CHARS));
    for c in name.chars() {
        let replaced = if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' };
        // A run of replaced characters is one underscore: `a  (1).xml` is `a_1_.xml`.
        if replaced != '_' || !safe.ends_with('_') {
            safe.push(replaced);
        }
    }
    let trimmed = safe.trim_start_matches(['.', '_']).trim_end_matches(['.', '_']);
    let mut shortened = shorten(trimmed, MAX_STORED_NAME_CHARS);
    if is_device_name(&shortened) {
        shortened = shorten(&format!("{FALLBACK_NAME}-{shortened}"), MAX_STORED_NAME_CHARS);
    }
    if shortened.is_empty() { FALLBACK_NAME.to_owned() } else { shortened }
}

/// The value of `Content-Disposition` that offers `filename` for download: one line of ASCII, `filename=` for old clients and
/// `filename*=` (RFC 6266, RFC 8187) with the name as it is. Path separators and control characters are replaced in both.
#[must_use]
pub fn content_disposition(filename: &str) -> String {
    let name: String = filename.chars().map(|c| if is_unsafe_in_download(c) { '_' } else { c }).collect();
    let name = if name.trim_matches(['.', ' ']).is_empty() { FALLBACK_NAME } else { &name };
    // Percent signs are replaced because some clients decode them in the plain form.
    let plain: String =
        name.chars().map(|c| if matches!(c, ' '..='~') && !matches!(c, '"' | '%') { c } else { '_' }).collect();
    let mut value = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''");
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric()
            || matches!(byte, b'!' | b'#' | b'$' | b'&' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~')
        {
            value.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(value, "%{byte:02X}");
        }
    }
    value
}

fn has_drive_letter(path: &str) -> bool {
    let mut chars = path.chars();
    matches!((chars.next(), chars.next()), (Some(letter), Some(':')) if letter.is_ascii_alphabetic())
}

/// Control characters, and the two line breaks of Unicode that are not counted among them.
fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Adds what would make a download look like another kind of file: separators and marks that change the reading direction.
fn is_unsafe_in_download(c: char) -> bool {
    is_control(c)
        || matches!(c, '/' | '\\' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// At most `max` characters of an ASCII name, with its extension if that leaves something of the stem.
fn shorten(name: &str, max: usize) -> String {
    if name.len() <= max {
        return name.to_owned();
    }
    let extension = name.rfind('.').map_or("", |dot| &name[dot..]);
    let extension = if extension.len() <= 12 { extension } else { "" };
    let stem = name[..max - extension.len()].trim_end_matches('.');
    format!("{stem}{extension}")
}

fn is_device_name(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).to_ascii_lowercase();
    let numbered =
        |prefix: &str| stem.strip_prefix(prefix).is_some_and(|digit| matches!(digit.as_bytes(), [b'0'..=b'9']));
    DEVICE_NAMES.contains(&stem.as_str()) || numbered("com") || numbered("lpt")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hostile_names_are_refused_with_their_reason() {
        let cases = [
            ("", NameProblem::Empty),
            (".", NameProblem::Empty),
            ("./", NameProblem::Empty),
            (" ", NameProblem::Empty),
            ("../evil.xml", NameProblem::ParentFolder),
            ("a/b/../../../evil.xml", NameProblem::ParentFolder),
            ("a/..", NameProblem::ParentFolder),
            ("..\\evil.xml", NameProblem::Backslash),
            ("a\\b.xml", NameProblem::Backslash),
            ("/etc/passwd", NameProblem::Absolute),
            ("//etc/x", NameProblem::Absolute),
            ("C:/x.xml", NameProblem::Drive),
            ("c:x.xml", NameProblem::Drive),
            ("./c:x.xml", NameProblem::Drive),
            ("ok.xml\0.png", NameProblem::ControlCharacter),
            ("a\nb.xml", NameProblem::ControlCharacter),
            ("a\u{7f}.xml", NameProblem::ControlCharacter),
            ("a\u{85}.xml", NameProblem::ControlCharacter),
            ("a\u{2028}.xml", NameProblem::ControlCharacter),
        ];
        for (name, wanted) in cases {
            assert_eq!(check_entry_name(name), Err(wanted), "{name:?}");
        }
        assert_eq!(check_entry_name(&"x".repeat(256)), Err(NameProblem::TooLong));
        assert_eq!(check_entry_name(&"x/".repeat(600)), Err(NameProblem::TooLong));
    }

    #[test]
    fn good_names_are_kept_and_normalised() {
        for (name, path, directory) in [
            ("a.xml", "a.xml", false),
            ("./a//b/./c.xml", "a/b/c.xml", false),
            ("folder/", "folder", true),
            ("folder/.", "folder", true),
            ("a/..b/c..xml", "a/..b/c..xml", false),
            ("größe/年.xml", "größe/年.xml", false),
            ("12:30.xml", "12:30.xml", false),
        ] {
            let entry = check_entry_name(name).unwrap();
            assert_eq!((entry.as_str(), entry.is_directory()), (path, directory), "{name:?}");
        }
    }

    #[test]
    fn a_name_knows_its_folders_and_its_file() {
        let entry = check_entry_name("a/b/c.xml").unwrap();
        assert_eq!(entry.folders().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(entry.file_name(), "c.xml");
        assert_eq!(entry.components().count(), 3);
    }

    #[test]
    fn stored_names_are_made_of_few_characters() {
        for (name, wanted) in [
            ("orders.xml", "orders.xml"),
            ("Über (1).xml", "ber_1_.xml"),
            ("../../etc/passwd", "etc_passwd"),
            ("...", "file"),
            ("", "file"),
            ("年", "file"),
            (".htaccess", "htaccess"),
            ("con", "file-con"),
            ("NUL.xml", "file-NUL.xml"),
            ("com1.tar.gz", "file-com1.tar.gz"),
            ("com10", "com10"),
            ("a. ", "a"),
        ] {
            assert_eq!(sanitize_component(name), wanted, "{name:?}");
        }
        let long = sanitize_component(&format!("{}.xml", "x".repeat(300)));
        assert_eq!((long.len(), long.ends_with("x.xml")), (60, true));
    }

    #[test]
    fn downloads_carry_both_forms_of_the_name() {
        for (name, wanted) in [
            ("a.csv", "attachment; filename=\"a.csv\"; filename*=UTF-8''a.csv"),
            ("a b.csv", "attachment; filename=\"a b.csv\"; filename*=UTF-8''a%20b.csv"),
            ("€.csv", "attachment; filename=\"_.csv\"; filename*=UTF-8''%E2%82%AC.csv"),
            ("a\"b;c.csv", "attachment; filename=\"a_b;c.csv\"; filename*=UTF-8''a%22b%3Bc.csv"),
            ("a\r\nX: 1", "attachment; filename=\"a__X: 1\"; filename*=UTF-8''a__X%3A%201"),
            ("../x", "attachment; filename=\".._x\"; filename*=UTF-8''.._x"),
            ("a%20b", "attachment; filename=\"a_20b\"; filename*=UTF-8''a%2520b"),
            ("exe\u{202E}vsc.x", "attachment; filename=\"exe_vsc.x\"; filename*=UTF-8''exe_vsc.x"),
            ("..", "attachment; filename=\"file\"; filename*=UTF-8''file"),
        ] {
            assert_eq!(content_disposition(name), wanted, "{name:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_becomes_a_safe_stored_name(name in any::<String>()) {
            let safe = sanitize_component(&name);
            prop_assert!((1..=MAX_STORED_NAME_CHARS).contains(&safe.len()));
            prop_assert!(safe.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b)));
            prop_assert!(!safe.starts_with('.') && !safe.ends_with('.') && !is_device_name(&safe));
            prop_assert_eq!(sanitize_component(&safe), safe);
        }

        #[test]
        fn any_download_name_is_one_line_of_ascii(name in any::<String>()) {
            let value = content_disposition(&name);
            prop_assert!(value.bytes().all(|b| (b' '..=b'~').contains(&b)));
            prop_assert_eq!(value.matches('"').count(), 2);
        }

        #[test]
        fn an_accepted_name_stays_below_its_folder(raw in "[a-c./\\\\:\u{0}-\u{20}]{0,12}") {
            if let Ok(entry) = check_entry_name(&raw) {
                prop_assert!(entry.components().all(|part| !part.is_empty() && part != "." && part != ".."));
                prop_assert!(!entry.as_str().contains(['\\', '\0']));
                prop_assert!(!has_drive_letter(entry.as_str()));
            }
        }
    }
}
