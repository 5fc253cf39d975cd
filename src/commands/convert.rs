//! `ret convert`: files of this machine into a folder of tables, without a service.

use std::{
    io::IsTerminal as _,
    num::NonZero,
    path::PathBuf,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ret::{
    conversion::{
        CsvEncoder, CsvOptions, ExternalEntities, Format, Layout, LineEnd, MixedContent, NamespaceMode, NamespaceRules,
        ParserOptions, Repeated, Structure, TextMode,
    },
    domain::DocumentProblem,
    services::conversions::{
        ConversionReport, ConvertError, ConvertRequest, OnError,
        local::{LocalError, Stage, convert_files},
    },
};

use super::settings;

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

#[derive(Clone, Copy, ValueEnum)]
enum LayoutName {
    /// Flat if nothing repeats inside the record, else relational.
    Auto,
    /// One table with a row for each record.
    Flat,
    /// One table for each element that repeats, joined by keys.
    Relational,
}

#[derive(Clone, Copy, ValueEnum)]
enum TextName {
    /// It goes, unless the document says that it is to be preserved.
    Trim,
    /// Every character stays.
    Keep,
}

#[derive(Clone, Copy, ValueEnum)]
enum RepeatedName {
    /// A column for each occurrence.
    Index,
    /// One cell with all values.
    Join,
    /// One row for each.
    Explode,
}

#[derive(Clone, Copy, ValueEnum)]
enum StructureName {
    /// What the values need.
    Values,
    /// All that it takes to build the document again, in the layout relational.
    Complete,
}

#[derive(Clone, Copy, ValueEnum)]
enum NamespacesName {
    /// Local names; siblings that would become equal get their prefix back.
    Strip,
    /// prefix:local.
    Prefix,
    /// {uri}local.
    Uri,
}

#[derive(Clone, Copy, ValueEnum)]
enum MixedName {
    /// The text in reading order.
    Text,
    /// The markup inside the element.
    Xml,
}

#[derive(Clone, Copy, ValueEnum)]
enum ExternalEntitiesName {
    /// It is an error.
    Refuse,
    /// It contributes nothing, and a warning tells how often.
    Skip,
}

#[derive(Clone, Copy, ValueEnum)]
enum NamespaceRulesName {
    /// Prefixes must be declared.
    Apply,
    /// Names are taken as written.
    Ignore,
}

#[derive(Clone, Copy, ValueEnum)]
enum FormatName {
    /// Comma-separated values (RFC 4180).
    Csv,
    /// Workbooks for spreadsheets.
    Xlsx,
    /// One JSON object a line.
    Jsonl,
    /// Apache Parquet, if this build has it.
    Parquet,
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
        Ok((report, left_out)) => {
            for file in &left_out {
                eprintln!("note: {}: {}", file.file, file.detail);
            }
            print_report(&report, arguments);
            // Tables are there, but not of everything: scripts are to notice.
            if report.documents.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
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

fn request(arguments: &Arguments) -> ConvertRequest {
    let csv = CsvOptions {
        delimiter: arguments.delimiter,
        bom: arguments.bom,
        guard_formulas: arguments.guard_formulas,
        line_end: if arguments.crlf { LineEnd::Crlf } else { LineEnd::Lf },
        quote_empty: arguments.quote_empty,
    };
    let format = match arguments.format {
        FormatName::Csv => Format::Csv,
        FormatName::Xlsx => Format::Xlsx,
        FormatName::Jsonl => Format::Jsonl,
        FormatName::Parquet => Format::Parquet,
    };
    let on_error = if arguments.strict { OnError::Fail } else { OnError::Skip };
    ConvertRequest {
        layout: match arguments.layout {
            LayoutName::Auto => Layout::Auto,
            LayoutName::Flat => Layout::Flat,
            LayoutName::Relational => Layout::Relational,
        },
        record: arguments.record.clone(),
        repeated: match arguments.repeated {
            RepeatedName::Index => Repeated::Index,
            RepeatedName::Join => Repeated::Join,
            RepeatedName::Explode => Repeated::Explode,
        },
        namespaces: match arguments.namespaces {
            NamespacesName::Strip => NamespaceMode::Strip,
            NamespacesName::Prefix => NamespaceMode::Prefix,
            NamespacesName::Uri => NamespaceMode::Uri,
        },
        mixed: match arguments.mixed {
            MixedName::Text => MixedContent::Text,
            MixedName::Xml => MixedContent::Xml,
        },
        text: match arguments.text {
            TextName::Trim => TextMode::Trim,
            TextName::Keep => TextMode::Keep,
        },
        structure: match arguments.structure {
            StructureName::Values => Structure::Values,
            StructureName::Complete => Structure::Complete,
        },
        format,
        csv,
        on_error,
        ..ConvertRequest::default()
    }
}

/// The options of the parser: those given here, else those of the settings.
fn parser_options(arguments: &Arguments, settings: ParserOptions) -> ParserOptions {
    ParserOptions {
        external_entities: arguments.external_entities.map_or(settings.external_entities, |name| match name {
            ExternalEntitiesName::Refuse => ExternalEntities::Refuse,
            ExternalEntitiesName::Skip => ExternalEntities::Skip,
        }),
        namespace_rules: arguments.namespace_rules.map_or(settings.namespace_rules, |name| match name {
            NamespaceRulesName::Apply => NamespaceRules::Apply,
            NamespaceRulesName::Ignore => NamespaceRules::Ignore,
        }),
    }
}

/// Set by Ctrl-C and by a request to end: the work stops and leaves nothing half done. A second signal ends the program at once.
fn stop_on_signal() -> Arc<AtomicBool> {
    let stopped = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&stopped);
    let installed = ctrlc::set_handler(move || {
        if seen.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    });
    if let Err(error) = installed {
        eprintln!("warning: Ctrl-C may leave a temporary folder behind: {error}");
    }
    stopped
}

fn progress_bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
    bar.set_style(ProgressStyle::default_spinner());
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn show(bar: &ProgressBar, stage: Stage) {
    match stage {
        Stage::Scanning(bytes) => {
            if bar.position() == 0 {
                bar.set_message("scanning");
                set_style(bar, "{spinner} {msg} {bytes} at {bytes_per_sec}");
            }
            bar.set_position(bytes);
        }
        Stage::Converting(progress) => {
            if bar.length() != Some(progress.bytes_total) {
                bar.reset();
                bar.set_length(progress.bytes_total);
                set_style(bar, "{bar:30} {bytes}/{total_bytes} at {bytes_per_sec}, {eta} left, {msg}");
            }
            bar.set_position(progress.bytes_done);
            bar.set_message(format!("{} rows", progress.rows));
        }
    }
}

fn set_style(bar: &ProgressBar, template: &str) {
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
}

fn print_report(report: &ConversionReport, arguments: &Arguments) {
    if arguments.json {
        say!("{}", serde_json::to_string_pretty(report).unwrap_or_default());
        return;
    }
    print_problems(&report.errors);
    for warning in &report.warnings {
        eprintln!("warning: {}: {} ({})", warning.file, warning.detail, warning.code);
    }
    for table in &report.tables {
        say!(
            "{:>12} rows  {:>4} columns  {}",
            table.rows,
            table.columns.len(),
            arguments.output.join(&table.path).display()
        );
    }
    say!(
        "{} converted, {} failed; {} in {}",
        count(report.documents.converted, "document"),
        report.documents.failed,
        count(report.rows, "row"),
        count(report.tables.len() as u64, "table"),
    );
}

fn count(number: u64, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

fn print_problems(problems: &[DocumentProblem]) {
    for problem in problems {
        let place = match (problem.line, problem.column) {
            (Some(line), Some(column)) => format!(":{line}:{column}"),
            _ => String::new(),
        };
        eprintln!("{}{place}: {} ({})", problem.file, problem.detail, problem.code);
    }
}
