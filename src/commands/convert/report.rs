//! What came out of a conversion, for people and for scripts.

use ret::{
    domain::DocumentProblem,
    services::conversions::local::{ConvertedFiles, EarlierTables},
};

use super::Arguments;

/// Prints what came out: tables to standard output, problems and warnings to standard error; or all of it as JSON.
pub(super) fn print_converted(converted: &ConvertedFiles, arguments: &Arguments) {
    let ConvertedFiles { report, left_out, earlier } = converted;
    for file in left_out {
        eprintln!("note: {}: {}", file.file, file.detail);
    }
    print_earlier(earlier, arguments);
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

/// Says what became of tables that an earlier conversion had left.
fn print_earlier(EarlierTables { removed, kept }: &EarlierTables, arguments: &Arguments) {
    let folder = arguments.output.display();
    if !removed.is_empty() {
        let tables = listed(removed);
        eprintln!(
            "note: removed {tables} of an earlier conversion from {folder}; give each one its own folder to keep both"
        );
    }
    if !kept.is_empty() {
        let tables = listed(kept);
        eprintln!("note: {tables} of an earlier conversion stayed in {folder}, changed since or not to be removed");
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

/// Prints problems to standard error, one a line.
pub(super) fn print_problems(problems: &[DocumentProblem]) {
    for problem in problems {
        let place = match (problem.line, problem.column) {
            (Some(line), Some(column)) => format!(":{line}:{column}"),
            _ => String::new(),
        };
        eprintln!("{}{place}: {} ({})", problem.file, problem.detail, problem.code);
    }
}
