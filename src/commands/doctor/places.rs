//! Where everything is kept: whether it is there or can be made, found out without making it.

use std::{io, path::Path};

use ret::config::Settings;

use crate::commands::folder_of;

/// Checks the folder and the files that the settings name.
pub(super) fn check_places(settings: &Settings) -> bool {
    let root = settings.runtime_root.as_path();
    let mut healthy = check_root(root);
    for (setting, file) in [("RET_DB", &settings.database), ("RET_SESSION_DB", &settings.session_database)] {
        // The folders down to the root are made at the first start, those of other files are not.
        let folder = folder_of(file);
        let is_made_with_root = !folder.exists() && root.starts_with(folder);
        let is_used = setting != "RET_DB" || settings.database_server.is_none();
        if is_used && !file.exists() && !is_made_with_root {
            healthy &= check_folder_of(setting, file);
        }
    }
    healthy
}

fn check_root(root: &Path) -> bool {
    match can_be_made(root) {
        Ok(()) if root.exists() => {
            say!("ok    RET_RUNTIME_ROOT: {} can be written", root.display());
            true
        }
        Ok(()) => {
            say!("ok    RET_RUNTIME_ROOT: {} is not there yet; the first start makes it", root.display());
            true
        }
        Err(error) => {
            say!("FAIL  RET_RUNTIME_ROOT: {} cannot be written: {error}", root.display());
            say!("      give the folder to the user that runs ret, or name another folder");
            false
        }
    }
}

fn check_folder_of(setting: &str, file: &Path) -> bool {
    match tempfile::tempfile_in(folder_of(file)) {
        Ok(_) => {
            say!("ok    {setting}: {} is not there yet; the first start makes it", file.display());
            true
        }
        Err(error) => {
            say!("FAIL  {setting}: {} cannot be made: {error}", file.display());
            say!("      make its folder and give it to the user that runs ret, or name another file");
            false
        }
    }
}

/// Whether the folder, or the nearest around it that is there, can be written.
fn can_be_made(folder: &Path) -> io::Result<()> {
    let nearest = folder.ancestors().find(|place| place.as_os_str().is_empty() || place.exists());
    let nearest = nearest.filter(|place| !place.as_os_str().is_empty()).unwrap_or(Path::new("."));
    tempfile::tempfile_in(nearest).map(drop)
}

/// The settings with every place at which a start would make something replaced by one in `temporary`.
pub(super) fn spared(settings: &Settings, temporary: &Path) -> Settings {
    let mut spared = settings.clone();
    let root = &settings.runtime_root;
    let has_key = settings.token_key.is_some() || root.join("token.key").exists();
    if !root.join("sessions").exists() || !has_key {
        temporary.clone_into(&mut spared.runtime_root);
    }
    if !settings.database.exists() {
        spared.database = temporary.join("ret.db");
    }
    if !settings.session_database.exists() {
        spared.session_database = temporary.join("ret_session.db");
    }
    spared
}
