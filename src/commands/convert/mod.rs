//! `ret convert`: files of this machine into a folder of tables, without a service.

mod options;
mod progress;
mod report;

use std::{num::NonZero, path::PathBuf, process::ExitCode, sync::atomic::Ordering};

use clap::Args;
use ret::{
    conversion::CsvEncoder,
    services::conversions::{
        ConvertError, ConvertRequest,
        local::{LocalError, Stage, convert_files},
    },
};

use self::{
    options::{
        ExternalEntitiesName, FormatName, LayoutName, MixedName, NamespaceRulesName, NamespacesName, RepeatedName,
        StructureName, TextName, parser_options, request,
    },
    progress::{progress_bar, show, stop_on_signal},
    report::{print_converted, print_problems},
};
use super::settings;

/// What to convert and how. Ends with 0 if every document was converted, with 1 if one was not or nothing was, with 2 if an option or a
/// setting cannot be used.
#[derive(Args)]
pub(crate) struct Arguments {
    /// XML files, or ZIP archives of them.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The folder for the tables; made if it is not there. Files of the same names are replaced, and other tables that an earlier
    /// conversion left there, as its datapackage.json names them, are removed; never anything else.
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
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
    /// Threads to work with; the tables are the same for any number. The setting RET_CONVERSION_THREADS, if not given.
    #[arg(long)]
    threads: Option<NonZero<u8>>,
    /// The format of the tables.
    #[arg(long, value_enum, default_value_t = FormatName::Csv)]
    format: FormatName,
    /// The character between cells.
    #[arg(long, default_value_t = ',', value_name = "CHAR")]
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
    /// Print the report as JSON.
    #[arg(long)]
    json: bool,
}

/// Converts, shows progress on a terminal and prints what came out.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let settings = match settings() {
        Ok(settings) => settings,
        Err(code) => return code,
    };
    let bar = progress_bar();
    let stopped = stop_on_signal();
    let mut watch = |stage: Stage| {
        show(&bar, stage);
        !stopped.load(Ordering::Relaxed)
    };
    let mut policy = settings.policy;
    policy.parser = parser_options(arguments, policy.parser);
    policy.conversion_threads = arguments.threads.map_or(policy.conversion_threads, NonZero::<usize>::from);
    let request = request(arguments);
    if let Err(problem) = check(&request) {
        eprintln!("error: {problem}");
        return ExitCode::from(2);
    }
    let (files, output) = (&arguments.files, &arguments.output);
    let outcome = convert_files(files, output, &request, &policy, &mut watch);
    bar.finish_and_clear();
    match outcome {
        Ok(converted) => {
            print_converted(&converted, arguments);
            // Tables are there, but not of everything: scripts are to notice.
            if converted.report.documents.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(LocalError::Documents(problems)) => {
            print_problems(&problems);
            super::failed("nothing was converted")
        }
        Err(error) => super::failed(error),
    }
}

/// What can be said to be wrong before anything is read.
fn check(request: &ConvertRequest) -> Result<(), String> {
    if !request.format.is_available() {
        return Err(ConvertError::FormatUnavailable(request.format.as_str()).to_string());
    }
    let checked = request.options().check().and_then(|()| CsvEncoder::new(request.csv.clone()));
    checked.map(drop).map_err(|error| error.detail)
}
