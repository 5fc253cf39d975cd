//! Decides what a statement may touch: reading the session's tables through listed functions, and nothing else.

use std::collections::HashSet;

use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

/// Functions that neither reach outside the query nor take more than linear time in a single step. Left out on purpose: what makes large
/// values from nothing (`zeroblob`, `randomblob`), what gathers rows without a limit of its own (`json_group_array`, `json_group_object`: these
/// look at the limit of length at their end only), what is quadratic (`json_patch`, `unhex`), what tells of or reaches the process
/// (`load_extension`, `sqlite_*`, `changes`), and all of the full-text and spatial modules.
const FUNCTIONS: &[&str] = &[
    // Scalar
    "abs",
    "char",
    "coalesce",
    "concat",
    "concat_ws",
    "format",
    "glob",
    "hex",
    "if",
    "ifnull",
    "iif",
    "instr",
    "length",
    "like",
    "likely",
    "lower",
    "ltrim",
    "max",
    "min",
    "nullif",
    "octet_length",
    "printf",
    "quote",
    "random",
    "replace",
    "round",
    "rtrim",
    "sign",
    "soundex",
    "substr",
    "substring",
    "trim",
    "typeof",
    "unicode",
    "unlikely",
    "upper",
    // Numbers
    "acos",
    "asin",
    "atan",
    "atan2",
    "ceil",
    "ceiling",
    "cos",
    "degrees",
    "exp",
    "floor",
    "ln",
    "log",
    "log10",
    "log2",
    "mod",
    "pi",
    "pow",
    "power",
    "radians",
    "sin",
    "sqrt",
    "tan",
    "trunc",
    // Aggregates
    "avg",
    "count",
    "group_concat",
    "string_agg",
    "sum",
    "total",
    // Windows
    "cume_dist",
    "dense_rank",
    "first_value",
    "lag",
    "last_value",
    "lead",
    "nth_value",
    "ntile",
    "percent_rank",
    "rank",
    "row_number",
    // Dates and times
    "current_date",
    "current_time",
    "current_timestamp",
    "date",
    "datetime",
    "julianday",
    "strftime",
    "time",
    "timediff",
    "unixepoch",
    // JSON
    "->",
    "->>",
    "json",
    "json_array",
    "json_array_length",
    "json_error_position",
    "json_extract",
    "json_insert",
    "json_object",
    "json_quote",
    "json_remove",
    "json_replace",
    "json_set",
    "json_type",
    "json_valid",
];

/// Modules that SQLite brings in only when they are asked for, and so does not list.
const LAZY_MODULES: [&str; 4] = ["json_each", "json_tree", "jsonb_each", "jsonb_tree"];

/// The names of one store, in lower case of ASCII as SQLite compares them.
pub(super) struct Authorizer {
    readable: HashSet<String>,
    reserved: HashSet<String>,
    functions: HashSet<&'static str>,
}

impl Authorizer {
    /// Tables that may be read; and names that mean something else: tables that may not, and modules that SQLite would take for tables
    /// without their being in the schema.
    pub(super) fn new(readable: &[String], reserved: &[String]) -> Self {
        let lower = |names: &[String]| names.iter().map(|name| name.to_ascii_lowercase()).collect();
        Self { readable: lower(readable), reserved: lower(reserved), functions: FUNCTIONS.iter().copied().collect() }
    }

    /// The verdict on one step of a statement.
    pub(super) fn judge(&self, context: AuthContext<'_>) -> Authorization {
        let allowed = match context.action {
            AuthAction::Select | AuthAction::Recursive => true,
            AuthAction::Function { function_name } => {
                self.functions.contains(function_name.to_ascii_lowercase().as_str())
            }
            AuthAction::Read { table_name, column_name } => {
                matches!(context.database_name, None | Some("main")) && self.may_read(table_name, column_name)
            }
            _ => false,
        };
        if allowed { Authorization::Allow } else { Authorization::Deny }
    }

    /// Reading no column of a source (`count(*)`) is announced with an empty column for tables and also for the names of subqueries and
    /// common table expressions. Such a name is in no list, since a name that means nothing fails to prepare.
    fn may_read(&self, table: &str, column: &str) -> bool {
        let table = table.to_ascii_lowercase();
        self.readable.contains(&table) || (column.is_empty() && !self.is_reserved(&table))
    }

    fn is_reserved(&self, table: &str) -> bool {
        table.starts_with("sqlite_")
            || table.starts_with("pragma_")
            || LAZY_MODULES.contains(&table)
            || self.reserved.contains(table)
    }
}
