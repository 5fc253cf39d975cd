//! `ret package`: the folder, and the ZIP of it, that the Functions platform takes.

use std::{
    fs::{self, File},
    io::{self, BufWriter},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use ret::{functions::HOST_JSON, runtime::Functions};
use serde_json::Value;
use tempfile::NamedTempFile;
use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

use super::{
    failed, folder_of,
    functions::{check, in_place, registered, write},
};

/// Where the executable is to be found, and with which rights; all else in the package is only read.
const EXECUTABLE_MODE: u32 = 0o755;
const FILE_MODE: u32 = 0o644;

/// What `func` is to leave out when it publishes the folder: settings and data of a run on this machine. Not for the ZIP.
const FUNC_IGNORE: (&str, &str) = (".funcignore", include_str!("../../.funcignore"));

/// Stages this executable with host.json and the folders of its functions, as they lie in the package, and zips them.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The folder to make. Beside it comes a ZIP of the same name.
    #[arg(default_value = "dist")]
    folder: PathBuf,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    if !cfg!(target_os = "linux") {
        return failed(
            "the platform runs Linux executables: build and package there, or for x86_64-unknown-linux-musl",
        );
    }
    let packaged = registered().and_then(|functions| package(&functions, &arguments.folder));
    packaged.map_or_else(failed, |Packaged { executable, zip, zipped, functions }| {
        let linked = if cfg!(target_feature = "crt-static") {
            "static"
        } else {
            "needs the C library of the machine that built it, or a newer one"
        };
        say!("{}: {functions} functions", arguments.folder.display());
        say!("executable: {:.1} MB, {linked}", executable as f64 / 1e6);
        say!("{}: {:.1} MB", zip.display(), zipped as f64 / 1e6);
        ExitCode::SUCCESS
    })
}

/// Bytes of what was made, and how many functions are in it.
struct Packaged {
    executable: u64,
    zip: PathBuf,
    zipped: u64,
    functions: usize,
}

fn package(functions: &Functions, folder: &Path) -> Result<Packaged, String> {
    let name = executable_name()?;
    check_replaceable(folder, &name)?;
    let zip = zip_path(folder)?;
    if zip.exists() && !folder.join(&name).is_file() {
        return Err(format!("{} is there and is not of an earlier package; name another folder", zip.display()));
    }
    let parent = folder_of(folder);
    fs::create_dir_all(parent).map_err(in_place(parent))?;
    let stage = tempfile::Builder::new().prefix(".package-").tempdir_in(parent).map_err(in_place(parent))?;
    let executable = stage.path().join(&name);
    let running = std::env::current_exe().map_err(|error| error.to_string())?;
    let bytes = fs::copy(&running, &executable).map_err(in_place(&executable))?;
    set_mode(&executable, EXECUTABLE_MODE).map_err(in_place(&executable))?;
    let host_json = stage.path().join("host.json");
    fs::write(&host_json, HOST_JSON).map_err(in_place(&host_json))?;
    write(functions, stage.path())?;
    let count = check(functions, stage.path())?;

    let (zip_file, zipped) = zip_folder(stage.path(), &name, parent).map_err(in_place(&zip))?;
    let (ignore, patterns) = FUNC_IGNORE;
    if !folder.join(ignore).exists() {
        fs::write(stage.path().join(ignore), patterns).map_err(in_place(stage.path()))?;
    }
    replace(stage.path(), folder).map_err(in_place(folder))?;
    zip_file.persist(&zip).map_err(|error| in_place(&zip)(error.error))?;
    Ok(Packaged { executable: bytes, zip, zipped, functions: count })
}

/// Moves what was staged into the folder, in the place of what an earlier run made. What people keep there beside it stays:
/// settings, data.
fn replace(stage: &Path, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.join("function.json").is_file() {
            fs::remove_file(path.join("function.json"))?;
            fs::remove_dir(path)?;
        }
    }
    for entry in fs::read_dir(stage)? {
        let entry = entry?;
        fs::rename(entry.path(), folder.join(entry.file_name()))?;
    }
    Ok(())
}

/// Only what an earlier run made, or nothing, is replaced: a folder with the executable, and functions without code of their own.
fn check_replaceable(folder: &Path, executable: &str) -> Result<(), String> {
    let entries: Vec<_> = fs::read_dir(folder).into_iter().flatten().flatten().collect();
    let is_package = folder.join("host.json").is_file() && folder.join(executable).is_file();
    let has_code = entries
        .iter()
        .map(fs::DirEntry::path)
        .any(|path| path.join("function.json").is_file() && fs::read_dir(path).is_ok_and(|files| files.count() > 1));
    if entries.is_empty() || is_package && !has_code {
        return Ok(());
    }
    Err(format!("{} holds something else than a package; name another folder", folder.display()))
}

/// The name that host.json gives to the executable: the platform looks for exactly this.
fn executable_name() -> Result<String, String> {
    let host: Value = serde_json::from_str(HOST_JSON).map_err(|error| format!("host.json: {error}"))?;
    let name = host["customHandler"]["description"]["defaultExecutablePath"].as_str().unwrap_or_default();
    if name.is_empty() || name.contains(['/', '\\', '%']) {
        return Err("host.json: defaultExecutablePath must be the plain name of the executable".into());
    }
    Ok(name.to_owned())
}

fn zip_path(folder: &Path) -> Result<PathBuf, String> {
    let name = folder.file_name().ok_or_else(|| format!("{} has no name; name a folder to make", folder.display()))?;
    let mut name = name.to_owned();
    name.push(".zip");
    Ok(folder.with_file_name(name))
}

/// Zips everything in the folder, in the order of names and without times: the same content makes the same bytes. The file, in another
/// folder and without its name yet, and its size.
fn zip_folder(folder: &Path, executable: &str, to: &Path) -> io::Result<(NamedTempFile, u64)> {
    let mut files = Vec::new();
    list_files(folder, &mut files)?;
    files.sort();
    let file = NamedTempFile::new_in(to)?;
    let mut zip = ZipWriter::new(BufWriter::new(file.as_file()));
    for file in &files {
        let is_executable = file == Path::new(executable);
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(DateTime::default())
            .unix_permissions(if is_executable { EXECUTABLE_MODE } else { FILE_MODE });
        zip.start_file(file.to_string_lossy(), options)?;
        io::copy(&mut File::open(folder.join(file))?, &mut zip)?;
    }
    zip.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
    set_mode(file.path(), FILE_MODE)?;
    let bytes = file.as_file().metadata()?.len();
    Ok((file, bytes))
}

/// All files, relative to the folder: those in it, and those one folder down.
fn list_files(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = PathBuf::from(entry.file_name());
        if entry.file_type()?.is_dir() {
            for inner in fs::read_dir(entry.path())? {
                files.push(name.join(inner?.file_name()));
            }
        } else {
            files.push(name);
        }
    }
    Ok(())
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}
