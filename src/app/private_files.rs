//! What the service keeps for itself in its folder.

use std::{io::Write as _, path::Path};

use crate::{config::Secret, ports::Random};

/// Makes the folder, if it is not there, for its owner only: it holds people's documents.
pub(super) fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// The key that signs access tokens: given, or made at the first start and kept beside the data, readable by its owner only.
pub(super) fn token_key(given: Option<&Secret>, root: &Path, random: &dyn Random) -> std::io::Result<Vec<u8>> {
    if let Some(given) = given {
        return Ok(given.expose().as_bytes().to_vec());
    }
    let path = root.join("token.key");
    match std::fs::read(&path) {
        Ok(kept) if kept.len() >= 32 => return Ok(kept),
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut key = vec![0; 32];
    random.fill(&mut key);
    let mut file = tempfile::Builder::new().prefix(".token-").tempfile_in(root)?;
    file.write_all(&key)?;
    file.as_file().sync_all()?;
    // Another instance may have been first: then its key is the key.
    match file.persist_noclobber(&path) {
        Ok(_) => Ok(key),
        Err(_) => std::fs::read(&path),
    }
}
