//! `ret functions`: what this executable tells the Functions host.

use std::{collections::BTreeMap, io, path::Path, path::PathBuf, process::ExitCode};

use clap::Args;
use ret::{
    app::App,
    config::Settings,
    runtime::{Functions, Manifest, Trigger, check_manifests},
};

use super::failed;

/// Lists the functions: name, trigger, and how they are reached.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Write the function.json of every function to a folder of its name in FOLDER.
    #[arg(long, value_name = "FOLDER", conflicts_with = "check")]
    write: Option<PathBuf>,
    /// Compare the function.json files in FOLDER with this executable. Ends with 1 if they do not agree.
    #[arg(long, value_name = "FOLDER")]
    check: Option<PathBuf>,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let done = registered().and_then(|functions| match (&arguments.write, &arguments.check) {
        (Some(folder), _) => {
            write(&functions, folder).map(|count| say!("{count} function.json files written to {}", folder.display()))
        }
        (None, Some(folder)) => {
            check(&functions, folder).map(|count| say!("{count} functions agree with {}", folder.display()))
        }
        (None, None) => {
            functions.manifests().for_each(|(name, manifest)| say!("{name:16} {}", describe(manifest)));
            Ok(())
        }
    });
    done.map_or_else(failed, |()| ExitCode::SUCCESS)
}

/// The functions as they are registered, over an application that is thrown away.
pub(super) fn registered() -> Result<Functions, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let root = folder.path().to_string_lossy().into_owned();
    let settings = Settings::from_values(BTreeMap::from([("RET_RUNTIME_ROOT".to_owned(), root)]));
    let settings =
        settings.map_err(|problems| problems.into_iter().map(|problem| problem.to_string()).collect::<String>())?;
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    runtime.block_on(Box::pin(async {
        let app = App::build(&settings).await.map_err(|error| error.to_string())?;
        let functions = app.functions();
        app.close().await;
        Ok(functions)
    }))
}

/// Writes every manifest to a folder of its function's name; answers how many.
pub(super) fn write(functions: &Functions, folder: &Path) -> Result<usize, String> {
    let mut count = 0;
    for (name, manifest) in functions.manifests() {
        let text = manifest.to_json().map_err(|error| format!("{name}: {error}"))?;
        let path = folder.join(name);
        std::fs::create_dir_all(&path).map_err(in_place(&path))?;
        let file = path.join("function.json");
        std::fs::write(&file, text).map_err(in_place(&file))?;
        count += 1;
    }
    Ok(count)
}

/// Compares the folders with the functions, by the platform's rules; answers how many there are.
pub(super) fn check(functions: &Functions, folder: &Path) -> Result<usize, String> {
    let found = manifests_in(folder).map_err(in_place(folder))?;
    let drifts = check_manifests(functions, found.iter().map(|(name, text)| (name.as_str(), text.as_str())));
    if drifts.is_empty() {
        return Ok(found.len());
    }
    let lines: Vec<String> = drifts.iter().map(|drift| format!("\n       {drift}")).collect();
    Err(format!("{} does not agree with this executable:{}", folder.display(), lines.concat()))
}

/// The texts of all function.json files one folder down, where the platform looks for them.
fn manifests_in(folder: &Path) -> io::Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let file = entry.path().join("function.json");
        if file.is_file() {
            found.push((entry.file_name().to_string_lossy().into_owned(), std::fs::read_to_string(file)?));
        }
    }
    Ok(found)
}

fn describe(manifest: &Manifest) -> String {
    match manifest.trigger() {
        Ok(Trigger::Http(http)) => {
            let methods = http.methods.as_ref().map_or("all methods".to_owned(), |methods| methods.join(","));
            format!("http   {methods} {}", http.route.as_deref().unwrap_or_default())
        }
        Ok(Trigger::Queue(queue)) => format!("queue  {} of {}", queue.queue_name, queue.connection),
        Ok(Trigger::Timer(timer)) => format!("timer  {}", timer.schedule),
        Err(error) => error.to_string(),
    }
}

/// Words an error of the file system with its place.
pub(super) fn in_place(path: &Path) -> impl Fn(io::Error) -> String {
    move |error| format!("{}: {error}", path.display())
}
