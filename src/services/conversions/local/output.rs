//! The folder that tables are for: made if it is not there, and filled when all of them are written.

use std::{
    collections::HashSet,
    fs::{self, File},
    io::{self, BufWriter, Write as _},
    path::{Path, PathBuf},
};

use super::{
    LocalError,
    earlier::{Earlier, EarlierTables, Settled},
    failed,
    single::Task,
};
use crate::services::conversions::{
    TableReport,
    cluster::PlannedCluster,
    outputs::FinishedFile,
    publish::{DescribedFile, Generator, describe},
};

/// The name of the tables' description.
pub(super) const DESCRIPTION: &str = "datapackage.json";

/// Makes the folder and those around it, as far as they are not there; answers which were made, the innermost first.
pub(super) fn make_folders(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let missing = folder.ancestors().take_while(|place| !place.as_os_str().is_empty() && !place.exists());
    // One that ends in `..` is another's name.
    let missing: Vec<PathBuf> = missing.filter(|place| place.file_name().is_some()).map(Path::to_owned).collect();
    fs::create_dir_all(folder).inspect_err(|_| remove_empty(missing.iter()))?;
    Ok(missing)
}

/// Removes folders as long as they are empty; the innermost come first.
pub(super) fn remove_empty(mut folders: impl Iterator<Item = impl AsRef<Path>>) {
    // One that is not empty stays, and so do those around it.
    let _: io::Result<()> = folders.try_for_each(fs::remove_dir);
}

/// Renames finished tables from the work folder to the output, writes their description, and settles what becomes of other tables of an
/// earlier conversion.
pub(super) fn move_into_place(
    finished: Vec<FinishedFile<BufWriter<File>>>,
    clusters: &[PlannedCluster],
    task: Task<'_>,
    work: &Path,
) -> Result<(Vec<TableReport>, EarlierTables), LocalError> {
    let Task { inputs, output, request, on_earlier, .. } = task;
    let inputs: HashSet<PathBuf> = inputs.iter().filter_map(|input| input.canonicalize().ok()).collect();
    let names = finished.iter().map(|file| file.path.as_str()).chain([DESCRIPTION]);
    check_targets(&inputs, names.map(|name| output.join(name)))?;
    let described: Vec<_> = finished.iter().map(DescribedFile::from).collect();
    let mut reports: Vec<TableReport> = Vec::new();
    for mut file in finished {
        let target = output.join(&file.path);
        file.writer.flush().map_err(failed(&target))?;
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent).map_err(failed(parent))?;
        }
        fs::rename(work.join("tables").join(&file.path), &target).map_err(failed(&target))?;
        file.report.path = file.path;
        reports.push(file.report);
    }
    let (unnamed, description) = (work.join(DESCRIPTION), output.join(DESCRIPTION));
    let written: HashSet<&str> = reports.iter().map(|report| report.path.as_str()).collect();
    let Settled { outcome, left } = Earlier::read(&description).settle(on_earlier, output, &written, &inputs);
    fs::write(&unnamed, describe(Generator::CommandLine, clusters, &described, request, &left))
        .map_err(failed(&description))?;
    fs::rename(&unnamed, &description).map_err(failed(&description))?;
    Ok((reports, outcome))
}

/// Refuses to replace a document that was read, or a folder, before anything is moved.
fn check_targets(inputs: &HashSet<PathBuf>, mut targets: impl Iterator<Item = PathBuf>) -> Result<(), LocalError> {
    targets.try_for_each(|target| {
        if target.canonicalize().is_ok_and(|target| inputs.contains(&target)) {
            return Err(LocalError::OverInput(target.display().to_string()));
        }
        if target.is_dir() { Err(failed(&target)(io::ErrorKind::IsADirectory.into())) } else { Ok(()) }
    })
}
