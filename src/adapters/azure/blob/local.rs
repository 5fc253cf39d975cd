//! What this process keeps on its own disk: copies of blobs that have to be sought in, and folders for temporary work.
//!
//! Each process has a folder of its own under the runtime root, which it holds by a lock, so that what a killed process left is known and
//! removed at the next start.

use std::{
    collections::HashMap,
    fs::{File, TryLockError},
    io,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use azure_core::http::Etag;
use tempfile::{Builder, TempDir, TempPath};

use super::STORE;
use crate::{
    domain::{FileKey, SessionId},
    ports::{StoreError, error::StoreErrorKind, session_files::LocalCopy},
};

/// Under the runtime root.
const FOLDER: &str = "blobs";
const LOCK: &str = "lock";

/// The folder of this process.
pub(super) struct LocalDisk {
    kept: Mutex<Kept>,
    /// How many bytes of copies are kept; one that is larger is kept alone.
    kept_bytes: u64,
    folder: TempDir,
    _lock: File,
}

/// Copies that are kept because they are read again and again.
#[derive(Default)]
struct Kept {
    copies: HashMap<FileKey, KeptCopy>,
    uses: u64,
}

struct KeptCopy {
    path: TempPath,
    etag: Etag,
    bytes: u64,
    last_use: u64,
}

impl Kept {
    /// Removes copies until they take no more than so many bytes, or there are only so many.
    fn shrink_to(&mut self, bytes: u64, copies: usize) {
        while self.copies.len() > copies && self.copies.values().map(|copy| copy.bytes).sum::<u64>() > bytes {
            let oldest = self.copies.iter().min_by_key(|(_, copy)| copy.last_use).map(|(key, _)| key.clone());
            oldest.and_then(|oldest| self.copies.remove(&oldest));
        }
    }
}

impl LocalDisk {
    /// Makes the folder of this process and removes those of processes that are gone.
    pub(super) fn open(root: &Path, kept_bytes: u64) -> io::Result<Self> {
        let all = root.join(FOLDER);
        std::fs::create_dir_all(&all)?;
        remove_left_behind(&all)?;
        let mut private = Builder::new();
        #[cfg(unix)]
        private.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let folder = private.tempdir_in(&all)?;
        // The lock gets its name when it is held: nobody may take the folder for one that was left behind.
        let unheld = folder.path().join("lock.new");
        let lock = File::create(&unheld)?;
        lock.lock()?;
        std::fs::rename(unheld, folder.path().join(LOCK))?;
        Ok(Self { kept: Mutex::default(), kept_bytes, folder, _lock: lock })
    }

    /// A folder for temporary work.
    pub(super) fn scratch(&self) -> io::Result<TempDir> {
        Builder::new().prefix("work-").tempdir_in(self.folder.path())
    }

    /// A new empty file.
    pub(super) fn new_file(&self) -> io::Result<(File, TempPath)> {
        Ok(Builder::new().prefix("copy-").tempfile_in(self.folder.path())?.into_parts())
    }

    /// The copy of a blob as it is now, if it is kept.
    pub(super) fn kept(&self, key: &FileKey, etag: &Etag) -> io::Result<Option<LocalCopy>> {
        let mut kept = self.lock();
        kept.uses += 1;
        let now = kept.uses;
        let Some(copy) = kept.copies.get_mut(key).filter(|copy| copy.etag == *etag) else { return Ok(None) };
        copy.last_use = now;
        // A second name of its own: the copy may be removed while somebody is about to open it.
        let named =
            Builder::new().prefix("use-").make_in(self.folder.path(), |name| std::fs::hard_link(&copy.path, name));
        let named = named?.into_temp_path();
        Ok(Some(LocalCopy { path: named.to_path_buf(), guard: Some(named) }))
    }

    /// Makes room for a copy that is about to be brought, so that old and new ones do not fill the disk together.
    pub(super) fn make_room(&self, bytes: u64) {
        self.lock().shrink_to(self.kept_bytes.saturating_sub(bytes), 0);
    }

    /// Keeps a copy, and removes those that were not used for longest.
    pub(super) fn keep(&self, key: &FileKey, etag: Etag, path: TempPath) -> io::Result<()> {
        let bytes = std::fs::metadata(&path)?.len();
        let mut kept = self.lock();
        kept.uses += 1;
        let copy = KeptCopy { path, etag, bytes, last_use: kept.uses };
        kept.copies.insert(key.clone(), copy);
        kept.shrink_to(self.kept_bytes, 1);
        Ok(())
    }

    /// Takes over a file of this machine under the folder's own names. Mostly it comes from a scratch folder, which is on the same disk.
    pub(super) fn take_over(&self, path: &Path) -> io::Result<TempPath> {
        let (_, taken) = self.new_file()?;
        if std::fs::rename(path, &taken).is_err() {
            std::fs::copy(path, &taken)?;
            std::fs::remove_file(path)?;
        }
        Ok(taken)
    }

    /// Removes the kept copies that are meant.
    pub(super) fn forget(&self, is_meant: impl Fn(&FileKey) -> bool) {
        self.lock().copies.retain(|key, _| !is_meant(key));
    }

    /// The sessions of which copies are kept.
    pub(super) fn sessions(&self) -> Vec<SessionId> {
        let mut sessions: Vec<_> = self.lock().copies.keys().map(|key| key.session).collect();
        sessions.sort_unstable();
        sessions.dedup();
        sessions
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Removes the folders that no process holds.
fn remove_left_behind(all: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(all)? {
        let folder: PathBuf = entry?.path();
        let held = match File::open(folder.join(LOCK)).map(|lock| lock.try_lock()) {
            Ok(Err(TryLockError::WouldBlock)) => true,
            Ok(_) => false,
            // Just being made, or just being removed.
            Err(error) if error.kind() == io::ErrorKind::NotFound => true,
            Err(error) => return Err(error),
        };
        if !held {
            match std::fs::remove_dir_all(&folder) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
    }
    Ok(())
}

/// Gives a failure of this machine's disk its meaning.
pub(super) fn disk_failed(operation: &'static str) -> impl Fn(io::Error) -> StoreError {
    move |error| {
        let kind = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                StoreErrorKind::Full
            }
            _ => StoreErrorKind::Internal,
        };
        StoreError::new(kind, STORE, operation, error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const KEPT_BYTES: u64 = 3_000_000;

    fn open(root: &TempDir) -> LocalDisk {
        LocalDisk::open(root.path(), KEPT_BYTES).unwrap()
    }

    fn key(number: u128) -> FileKey {
        FileKey::new(SessionId(Uuid::from_u128(number)), "ai_index/1.1/tables.sqlite")
    }

    fn keep(disk: &LocalDisk, number: u128, bytes: u64) {
        let (file, path) = disk.new_file().unwrap();
        file.set_len(bytes).unwrap();
        disk.keep(&key(number), Etag::from("1"), path).unwrap();
    }

    fn is_kept(disk: &LocalDisk, number: u128) -> bool {
        disk.kept(&key(number), &Etag::from("1")).unwrap().is_some()
    }

    #[test]
    fn what_was_not_used_for_longest_goes_first() {
        let root = TempDir::new().unwrap();
        let disk = open(&root);
        for number in 1..=3 {
            keep(&disk, number, KEPT_BYTES / 3);
        }
        assert!(is_kept(&disk, 1), "all have room");
        keep(&disk, 4, KEPT_BYTES / 3);
        assert_eq!([1, 2, 3, 4].map(|number| is_kept(&disk, number)), [true, false, true, true]);
        keep(&disk, 5, 2 * KEPT_BYTES);
        assert_eq!([1, 3, 4, 5].map(|number| is_kept(&disk, number)), [false, false, false, true]);
        assert_eq!(disk.sessions(), [key(5).session]);
    }

    #[test]
    fn what_is_brought_meets_room() {
        let root = TempDir::new().unwrap();
        let disk = open(&root);
        for number in 1..=3 {
            keep(&disk, number, KEPT_BYTES / 3);
        }
        assert!(is_kept(&disk, 1));
        disk.make_room(KEPT_BYTES / 2);
        assert_eq!([1, 2, 3].map(|number| is_kept(&disk, number)), [true, false, false]);
        disk.make_room(10 * KEPT_BYTES);
        assert!(!is_kept(&disk, 1), "one that is larger than all room is alone");
    }

    #[test]
    fn a_copy_in_use_outlives_the_kept_one() {
        let root = TempDir::new().unwrap();
        let disk = open(&root);
        keep(&disk, 1, 5);
        assert!(disk.kept(&key(1), &Etag::from("2")).unwrap().is_none(), "another by now");
        let copy = disk.kept(&key(1), &Etag::from("1")).unwrap().unwrap();
        disk.forget(|kept| *kept == key(1));
        assert!(!is_kept(&disk, 1));
        assert_eq!(std::fs::metadata(&copy.path).unwrap().len(), 5);
        drop(copy);
        let left: Vec<_> =
            std::fs::read_dir(disk.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, [LOCK]);
    }

    #[test]
    fn what_a_killed_process_left_goes_at_the_next_start() {
        let root = TempDir::new().unwrap();
        let running = open(&root);
        let killed = root.path().join(FOLDER).join("killed");
        std::fs::create_dir(&killed).unwrap();
        for name in [LOCK, "copy-1"] {
            std::fs::write(killed.join(name), "left").unwrap();
        }
        let next = open(&root);
        assert!(!killed.exists());
        assert!(running.folder.path().exists() && next.folder.path().exists());
        #[cfg(unix)]
        {
            let mode =
                std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(next.folder.path()).unwrap().permissions());
            assert_eq!(mode & 0o777, 0o700, "for its owner only");
        }
    }
}
