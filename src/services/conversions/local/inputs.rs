//! The files that are named as inputs: what they are called in tables and reports, and whether they can be read.

use std::{
    collections::HashMap,
    fs::{File, FileType},
    io,
    path::{Component, Path, PathBuf},
};

/// A name for each input: the last part of its path, or as many of the last parts as tell it from all others. Only inputs of one and the
/// same path have the same name.
pub(super) fn names(inputs: &[PathBuf]) -> Vec<String> {
    let paths: Vec<Vec<String>> = inputs.iter().map(|input| parts(input)).collect();
    let mut lengths = vec![1; paths.len()];
    loop {
        let mut counts: HashMap<&[String], usize> = HashMap::new();
        for (path, length) in paths.iter().zip(&lengths) {
            *counts.entry(tail(path, *length)).or_default() += 1;
        }
        let mut is_settled = true;
        for (path, length) in paths.iter().zip(&mut lengths) {
            if counts[tail(path, *length)] > 1 && *length < path.len() {
                *length += 1;
                is_settled = false;
            }
        }
        if is_settled {
            return paths.iter().zip(lengths).map(|(path, length)| tail(path, length).join("/")).collect();
        }
    }
}

/// The parts of a path as text; the root is an empty one.
fn parts(path: &Path) -> Vec<String> {
    let components = path.components().filter(|component| *component != Component::CurDir);
    let text = |component: Component<'_>| match component {
        Component::RootDir => String::new(),
        other => other.as_os_str().to_string_lossy().into_owned(),
    };
    components.map(text).collect()
}

fn tail(parts: &[String], length: usize) -> &[String] {
    &parts[parts.len().saturating_sub(length)..]
}

/// Opens an input, or says why it cannot be read and what would mend it. Nothing waits here for somebody to write into a pipe.
pub(super) fn open(input: &Path) -> Result<File, String> {
    if input.to_str().is_none() {
        return Err("the file's name is not UTF-8; rename it".into());
    }
    let about = std::fs::metadata(input).map_err(|error| unreadable(input, &error))?;
    if about.is_dir() {
        return Err("this is a folder; name the files in it, for instance FOLDER/*.xml".into());
    }
    if !about.is_file() {
        let kind = kind(about.file_type());
        return Err(format!("this is {kind}, and documents are read twice; write it to a file first, and name that"));
    }
    File::open(input).map_err(|error| unreadable(input, &error))
}

fn unreadable(input: &Path, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound if input.as_os_str() == "-" => {
            "there is no file of this name, and standard input is not read; write it to a file first, and name that"
                .into()
        }
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => "there is no such file; check the name".into(),
        io::ErrorKind::PermissionDenied => "the file may not be read; check its permissions".into(),
        _ => format!("the file cannot be read: {error}"),
    }
}

#[cfg(unix)]
fn kind(file_type: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt as _;
    match file_type {
        pipe if pipe.is_fifo() => "a pipe",
        socket if socket.is_socket() => "a socket",
        device if device.is_char_device() || device.is_block_device() => "a device",
        _ => "not a regular file",
    }
}

#[cfg(not(unix))]
fn kind(_: FileType) -> &'static str {
    "not a regular file"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(inputs: &[&str]) -> Vec<String> {
        names(&inputs.iter().map(PathBuf::from).collect::<Vec<_>>())
    }

    #[test]
    fn an_input_is_called_by_its_last_part_unless_another_is_called_so() {
        assert_eq!(named(&["/data/a/x.xml", "b/y.xml"]), ["x.xml", "y.xml"]);
        assert_eq!(named(&["a/x.xml", "b/y.xml", "./b/x.xml"]), ["a/x.xml", "y.xml", "b/x.xml"]);
    }

    #[test]
    fn a_name_is_no_longer_than_it_takes() {
        let inputs = ["p/a/x.xml", "q/a/x.xml", "q/b/x.xml", "/q/r/b/c/x.xml"];
        assert_eq!(named(&inputs), ["p/a/x.xml", "q/a/x.xml", "b/x.xml", "c/x.xml"]);
    }

    #[test]
    fn a_path_that_ends_another_stays_as_it_is_given() {
        assert_eq!(named(&["x.xml", "a/x.xml", "/a/x.xml"]), ["x.xml", "a/x.xml", "/a/x.xml"]);
        assert_eq!(named(&["x.xml", "../x.xml", "./x.xml"]), ["x.xml", "../x.xml", "x.xml"]);
    }
}
