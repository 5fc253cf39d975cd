//! What the engine and the services say, in the words of the command line: they know limits and options, here those have names to be typed.

use ret::domain::DocumentProblem;

/// What stands in details, and what is typed for it.
const PHRASES: [(&str, &str); 19] = [
    ("raise the limit on depth", "raise RET_MAX_XML_DEPTH"),
    ("raise the limit on attributes", "raise RET_MAX_XML_ATTRIBUTES"),
    ("raise the limit on tokens", "raise RET_MAX_XML_TOKEN_BYTES"),
    ("raise the limit on paths", "raise RET_MAX_XML_PATHS"),
    ("raise the limit on columns", "raise RET_MAX_COLUMNS"),
    ("raise the limit on tables", "raise RET_MAX_TABLES"),
    ("set namespace_rules to ignore", "give --namespace-rules ignore"),
    ("set external_entities to skip", "give --external-entities skip"),
    ("the CSV delimiter must be", "--delimiter must be"),
    ("choose another layout, another record", "give another --layout or --record"),
    ("choose the layout relational", "give --layout relational"),
    ("choose the layout flat", "give --layout flat"),
    ("choose another format or the layout relational", "give another --format or --layout relational"),
    ("choose another format", "give another --format"),
    ("leave the structure at values", "leave out --structure complete"),
    ("upload XML files or archives of them", "name XML files or archives of them"),
    ("upload it in parts", "convert it in parts"),
    ("upload it unpacked", "unpack it"),
    ("convert fewer groups at once", "convert fewer files at once"),
];

/// The settings of limits that a detail gives as a number only, by the code.
const LIMITS: [(&str, &str); 4] = [
    ("zip_too_many_entries", "RET_MAX_ZIP_ENTRIES"),
    ("zip_nested", "RET_MAX_ZIP_NESTING"),
    ("zip_ratio", "RET_MAX_ZIP_RATIO"),
    ("zip_too_large", "RET_MAX_ZIP_INFLATED_BYTES"),
];

/// A detail, as it is said here.
pub(super) fn reworded(detail: &str) -> String {
    PHRASES.iter().fold(detail.to_owned(), |detail, (theirs, ours)| detail.replace(theirs, ours))
}

/// The same for the detail of a problem.
pub(super) fn reword(problem: &mut DocumentProblem) {
    problem.detail = reworded(&problem.detail);
    if let Some((_, setting)) = LIMITS.iter().find(|(code, _)| *code == problem.code) {
        problem.detail.push_str(", or raise ");
        problem.detail.push_str(setting);
    }
}
