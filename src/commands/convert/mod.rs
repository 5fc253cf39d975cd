//! `ret convert`: files of this machine into a folder of tables, without a service.

mod options;
mod progress;
mod report;
mod wording;

use std::{collections::HashSet, num::NonZero, path::PathBuf, process::ExitCode, sync::atomic::Ordering};

use clap::{Args, value_parser};
use ret::{
    config::{SettingError, conversion_from_environment},
    conversion::CsvEncoder,
    domain::DocumentProblem,
    services::{
        Policy,
        conversions::{
            ConvertError, ConvertRequest,
            local::{OnEarlier, OutputFolder, Stage, convert_files},
        },
    },
};

use self::{
    options::{
        ExternalEntitiesName, FormatName, LayoutName, MixedName, NamespaceRulesName, NamespacesName, RepeatedName,
        StructureName, TextName, delimiter, parser_options, request, without_effect,
    },
    progress::{progress_bar, show, stop_on_signal},
    report::{print_converted, print_failure, print_unusable, problem_of_all},
};

/// What to convert and how. Ends with 0 if every document was converted, with 1 if one was not or nothing was, with 2 if an option or a
/// setting cannot be used.
#[derive(Args)]
pub(crate) struct Arguments {
    /// XML files, or ZIP archives of them.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The folder for the tables; made if it is not there. Files of the same names are replaced.
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// Remove other tables that earlier conversions left in the folder, as its datapackage.json names them; never anything else, nor what was
    /// changed since.
    #[arg(long)]
    replace: bool,
    /// Which tables to make.
    #[arg(long, value_enum, default_value_t = LayoutName::Auto)]
    layout: LayoutName,
    /// The element that makes one row in a flat table: a tag (book) or a path (/library/book). Detected if not given.
    #[arg(long, value_name = "TAG|PATH")]
    record: Option<String>,
    /// What a flat table does with elements that repeat inside a record.
    #[arg(long, value_enum, default_value_t = RepeatedName::Index)]
    repeated: RepeatedName,
    /// Whether relational tables tell all of a document's structure.
    #[arg(long, value_enum, default_value_t = StructureName::Values)]
    structure: StructureName,
    /// How namespaces show in names.
    #[arg(long, value_enum, default_value_t = NamespacesName::Strip)]
    namespaces: NamespacesName,
    /// What a cell of prose (text between elements) holds.
    #[arg(long, value_enum, default_value_t = MixedName::Text)]
    mixed: MixedName,
    /// What happens to white space around a text.
    #[arg(long, value_enum, default_value_t = TextName::Trim)]
    text: TextName,
    /// What a reference to text outside of the document does. The setting RET_EXTERNAL_ENTITIES, if not given.
    #[arg(long, value_enum)]
    external_entities: Option<ExternalEntitiesName>,
    /// Whether names follow Namespaces in XML. The setting RET_NAMESPACE_RULES, if not given.
    #[arg(long, value_enum)]
    namespace_rules: Option<NamespaceRulesName>,
    /// Threads to work with, up to 255; the tables are the same for any number. The setting RET_CONVERSION_THREADS, if not given.
    #[arg(long, value_name = "N", value_parser = value_parser!(u8).range(1..))]
    threads: Option<u8>,
    /// The format of the tables.
    #[arg(long, value_enum, default_value_t = FormatName::Csv)]
    format: FormatName,
    /// The character between cells, or tab.
    #[arg(long, default_value = ",", value_name = "CHAR", value_parser = delimiter)]
    delimiter: char,
    /// Start files with a byte order mark, for spreadsheets.
    #[arg(long)]
    bom: bool,
    /// End lines with CR LF instead of LF.
    #[arg(long)]
    crlf: bool,
    /// Put a ' before cells that a spreadsheet would run as a formula.
    #[arg(long)]
    guard_formulas: bool,
    /// Write empty values as "" and absent ones as nothing.
    #[arg(long)]
    quote_empty: bool,
    /// Write nothing if any document cannot be converted.
    #[arg(long)]
    strict: bool,
    /// Print the report as JSON, also if nothing was converted; then `errors` says why.
    #[arg(long)]
    json: bool,
}

/// Converts, shows progress on a terminal and prints what came out.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let request = request(arguments);
    let mut policy = match check(&request).and_then(|()| settings()) {
        Ok(policy) => policy,
        Err(problems) => {
            print_unusable(problems, arguments);
            return ExitCode::from(2);
        }
    };
    policy.parser = parser_options(arguments, policy.parser);
    policy.conversion_threads =
        arguments.threads.and_then(|threads| NonZero::new(threads.into())).unwrap_or(policy.conversion_threads);
    let bar = progress_bar();
    let stopped = stop_on_signal();
    let mut watch = |stage: Stage| {
        show(&bar, stage);
        !stopped.load(Ordering::Relaxed)
    };
    let on_earlier = if arguments.replace { OnEarlier::Remove } else { OnEarlier::Keep };
    let output = OutputFolder { path: &arguments.output, on_earlier };
    let (files, repeated) = each_once(&arguments.files);
    for file in repeated {
        eprintln!("note: {} is named more than once, and read once", file.display());
    }
    let outcome = convert_files(&files, output, &request, &policy, &mut watch);
    bar.finish_and_clear();
    match outcome {
        Ok(converted) => {
            for note in without_effect(&request) {
                eprintln!("note: {note}");
            }
            // Tables are there, but not of everything: scripts are to notice.
            let is_whole = converted.report.documents.failed == 0;
            print_converted(converted, arguments);
            if is_whole { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            print_failure(error, arguments);
            ExitCode::FAILURE
        }
    }
}

/// The files without those that were named before, by whatever path; and these.
fn each_once(files: &[PathBuf]) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let mut known = HashSet::new();
    files.iter().cloned().partition(|file| file.canonicalize().map_or(true, |place| known.insert(place)))
}

/// What can be said to be wrong before anything is read.
fn check(request: &ConvertRequest) -> Result<(), Vec<DocumentProblem>> {
    if !request.format.is_available() {
        let error = ConvertError::FormatUnavailable(request.format.as_str());
        return Err(vec![problem_of_all("format_unavailable", error)]);
    }
    let checked = request.options().check().and_then(|()| CsvEncoder::new(request.csv.clone()));
    checked.map(drop).map_err(|error| vec![problem_of_all(error.code.as_str(), error.detail)])
}

/// The settings that a conversion goes by.
fn settings() -> Result<Policy, Vec<DocumentProblem>> {
    let problems =
        |errors: Vec<SettingError>| errors.into_iter().map(|error| problem_of_all("invalid_setting", error)).collect();
    conversion_from_environment().map_err(problems)
}
