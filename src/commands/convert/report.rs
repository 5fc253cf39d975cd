//! What came out of a conversion, for people and for scripts.

use std::fmt::Display;

use serde::Serialize;

use ret::{
    domain::DocumentProblem,
    services::conversions::{
        ConversionReport, DocumentCounts,
        local::{ConvertedFiles, EarlierTables, LocalError},
    },
};

use super::{
    Arguments,
    wording::{reword, reworded},
};

/// Prints what came out: tables to standard output, problems and warnings to standard error; or all of it as JSON.
pub(super) fn print_converted(converted: ConvertedFiles, arguments: &Arguments) {
    let ConvertedFiles { mut report, left_out, earlier } = converted;
    for file in &left_out {
        eprintln!("note: {}: {}", file.file, reworded(&file.detail));
    }
    print_earlier(&earlier, arguments);
    report.errors.iter_mut().for_each(reword);
    for warning in &mut report.warnings {
        warning.detail = reworded(&warning.detail);
    }
    if arguments.json {
        return print_json(&Report { report, earlier });
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

/// Prints why nothing was converted to standard error, and the same as a report to standard output if JSON is asked for.
pub(super) fn print_failure(error: LocalError, arguments: &Arguments) {
    let documents = match error {
        LocalError::Documents(problems) => Ok(problems),
        LocalError::Plan(error) => Err(problem_of_all(error.code.as_str(), error.detail)),
        LocalError::Io { .. } => Err(problem_of_all("input_output", error)),
        LocalError::OverInput(_) => Err(problem_of_all("over_input", error)),
        LocalError::Stopped => Err(problem_of_all("stopped", error)),
    };
    match documents {
        Ok(mut problems) => {
            problems.iter_mut().for_each(reword);
            print_problems(&problems);
            eprintln!("error: nothing was converted");
            let failed = problems.len() as u64;
            print_empty_report(problems, failed, arguments);
        }
        Err(problem) => print_unusable(vec![problem], arguments),
    }
}

/// The same for what is wrong with no document: options and settings, for instance.
pub(super) fn print_unusable(mut problems: Vec<DocumentProblem>, arguments: &Arguments) {
    problems.iter_mut().for_each(reword);
    print_problems(&problems);
    print_empty_report(problems, 0, arguments);
}

/// A problem that is not one file's.
pub(super) fn problem_of_all(code: &str, detail: impl Display) -> DocumentProblem {
    DocumentProblem { file: String::new(), line: None, column: None, code: code.to_owned(), detail: detail.to_string() }
}

fn print_empty_report(errors: Vec<DocumentProblem>, failed: u64, arguments: &Arguments) {
    if arguments.json {
        let documents = DocumentCounts { converted: 0, failed };
        let report = ConversionReport { documents, errors, ..ConversionReport::default() };
        print_json(&Report { report, earlier: EarlierTables::default() });
    }
}

/// The report as JSON.
#[derive(Serialize)]
struct Report {
    #[serde(flatten)]
    report: ConversionReport,
    /// Tables of an earlier conversion in the folder.
    earlier: EarlierTables,
}

fn print_json(report: &Report) {
    say!("{}", serde_json::to_string_pretty(report).unwrap_or_default());
}

/// Says what became of tables that an earlier conversion had left.
fn print_earlier(EarlierTables { removed, kept }: &EarlierTables, arguments: &Arguments) {
    let folder = arguments.output.display();
    if !removed.is_empty() {
        eprintln!("note: removed {} of an earlier conversion from {folder}", listed(removed));
    }
    if !kept.is_empty() {
        let why = match arguments.replace {
            true => "changed since, or not to be removed",
            false => "and datapackage.json names them no more; this call with --replace would have removed them",
        };
        eprintln!("note: {} of an earlier conversion stayed in {folder}, {why}", listed(kept));
    }
}

/// The first few, and how many more there are.
fn listed(paths: &[String]) -> String {
    const SHOWN: usize = 5;
    let shown = paths[..paths.len().min(SHOWN)].join(", ");
    if paths.len() > SHOWN { format!("{shown} and {} more", paths.len() - SHOWN) } else { shown }
}

fn count(number: u64, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

fn print_problems(problems: &[DocumentProblem]) {
    for DocumentProblem { file, line, column, code, detail } in problems {
        match (file.as_str(), line, column) {
            ("", ..) => eprintln!("error: {detail} ({code})"),
            (_, Some(line), Some(column)) => eprintln!("{file}:{line}:{column}: {detail} ({code})"),
            _ => eprintln!("{file}: {detail} ({code})"),
        }
    }
}
