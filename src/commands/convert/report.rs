//! What came out of a conversion, for people and for scripts.

use ret::{domain::DocumentProblem, services::conversions::ConversionReport};

use super::Arguments;

/// Prints what came out: tables to standard output, problems and warnings to standard error; or all of it as JSON.
pub(super) fn print_report(report: &ConversionReport, arguments: &Arguments) {
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
