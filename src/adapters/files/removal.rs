//! Removing trees of files, counting what went.

use std::{
    io,
    path::Path,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use crate::{
    domain::{SessionId, Timestamp},
    ports::session_files::{Folder, Removed},
};

/// Folders of sessions that are being removed are named so.
const TRASH: &str = ".trash-";
/// How long a removal may take before it counts as interrupted.
const FRESH: Duration = Duration::from_secs(60);

/// Removes a folder and everything below it; nothing there is fine. Writers may still be adding files: it tries again.
pub(super) fn remove_tree(path: &Path) -> io::Result<Removed> {
    let removed = measure(path)?;
    for _ in 0..10 {
        match std::fs::remove_dir_all(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(removed),
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {}
            Err(error) => return Err(error),
            Ok(()) => return Ok(removed),
        }
    }
    std::fs::remove_dir_all(path).map(|()| removed)
}

/// Renames the session's folder away under a name of its own, so that of several callers one owns it, then removes it. Without a folder it
/// removes what an interrupted removal left, which is not counted: it was counted then, or nobody asked.
pub(super) fn remove_session(sessions: &Path, session: SessionId) -> io::Result<Removed> {
    let folder = sessions.join(session.to_string());
    let own = tempfile::Builder::new().prefix(&format!("{TRASH}{session}-")).tempdir_in(sessions)?;
    let trash = own.path().join("session");
    match std::fs::rename(folder, &trash) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            own.close()?;
            return remove_leftovers(sessions, session).map(|()| Removed::default());
        }
        Err(error) => return Err(error),
    }
    let mut removed = Removed::default();
    for area in super::AREAS {
        let measured = measure(&trash.join(area))?;
        removed.files += measured.files;
        removed.bytes += measured.bytes;
    }
    remove_tree(&own.keep())?;
    Ok(removed)
}

fn remove_leftovers(sessions: &Path, session: SessionId) -> io::Result<()> {
    let prefix = format!("{TRASH}{session}-");
    for entry in entries(sessions)? {
        // A fresh one is being removed by somebody else just now.
        let changed = entry.metadata().and_then(|metadata| metadata.modified());
        let fresh = changed.map_or(true, |changed| changed.elapsed().is_ok_and(|age| age < FRESH));
        if entry.file_name().to_string_lossy().starts_with(&prefix) && !fresh {
            remove_tree(&entry.path())?;
        }
    }
    Ok(())
}

/// The session that a folder belongs to, or belonged to before it was renamed away.
pub(super) fn session_of(folder_name: &str) -> Option<SessionId> {
    let name = folder_name.strip_prefix(TRASH).unwrap_or(folder_name);
    name.get(..36)?.parse().ok()
}

/// Removes entries directly below `folder` in which nothing was changed since then.
pub(super) fn remove_untouched(folder: &Path, untouched_since: Timestamp) -> io::Result<Removed> {
    let mut removed = Removed::default();
    for entry in entries(folder)? {
        let path = entry.path();
        if last_change(&path)? >= untouched_since {
            continue;
        }
        if entry.file_type()?.is_dir() {
            let tree = remove_tree(&path)?;
            removed.files += tree.files;
            removed.bytes += tree.bytes;
        } else {
            let bytes = entry.metadata().map(|file| file.len()).unwrap_or(0);
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            removed.files += 1;
            removed.bytes += bytes;
        }
    }
    Ok(removed)
}

/// The folders directly below a folder, each with the time of the last change in it.
pub(super) fn folders_below(path: &Path) -> io::Result<Vec<Folder>> {
    let mut folders = Vec::new();
    for entry in entries(path)? {
        if entry.file_type()?.is_dir() {
            let name = entry.file_name().to_string_lossy().into_owned();
            folders.push(Folder { name, modified_at: last_change(&entry.path())? });
        }
    }
    folders.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(folders)
}

/// Files and bytes below a folder.
fn measure(path: &Path) -> io::Result<Removed> {
    let mut sum = Removed::default();
    for entry in entries(path)? {
        if entry.file_type()?.is_dir() {
            let below = measure(&entry.path())?;
            sum.files += below.files;
            sum.bytes += below.bytes;
        } else if let Ok(file) = entry.metadata() {
            sum.files += 1;
            sum.bytes += file.len();
        }
    }
    Ok(sum)
}

/// When anything at or below a path was last changed.
fn last_change(path: &Path) -> io::Result<Timestamp> {
    let own = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        // Finished and renamed meanwhile: as fresh as can be.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Timestamp::from_millis(i64::MAX)),
        Err(error) => return Err(error),
    };
    let mut newest = timestamp(own.modified()?);
    if own.is_dir() {
        for entry in entries(path)? {
            newest = newest.max(last_change(&entry.path())?);
        }
    }
    Ok(newest)
}

/// The entries of a folder; none if it is not there.
fn entries(path: &Path) -> io::Result<Vec<std::fs::DirEntry>> {
    match std::fs::read_dir(path) {
        Ok(entries) => entries.collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

fn timestamp(time: SystemTime) -> Timestamp {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
