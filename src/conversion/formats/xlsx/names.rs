//! Names of sheets and letters of columns.

/// UTF-16 units of a sheet's name.
const LONGEST_NAME: usize = 31;

/// A name for a further sheet of a table: at most 31 UTF-16 units, without what sheets may not have in their names, and none of `taken`
/// without regard to case. The second sheet of `line` is `line (2)`.
pub(super) fn sheet_name(table: &str, taken: &[String]) -> String {
    let is_free = |name: &String| !taken.iter().any(|other| other.to_lowercase() == name.to_lowercase());
    let first = taken.len() + 1;
    let mut names = (first..)
        .map(|number| if number == 1 { shortened(table, "") } else { shortened(table, &format!(" ({number})")) });
    names.find(is_free).unwrap_or_default()
}

fn shortened(table: &str, suffix: &str) -> String {
    let allowed =
        |c: char| if c.is_control() || matches!(c, '[' | ']' | ':' | '*' | '?' | '/' | '\\') { '_' } else { c };
    let mut room = LONGEST_NAME - suffix.len();
    let fits = |c: &char| {
        let units = c.len_utf16();
        let fits = units <= room;
        room = if fits { room - units } else { 0 };
        fits
    };
    let kept: String = table.chars().map(allowed).take_while(fits).collect();
    let name = kept.trim_matches('\'');
    // Spreadsheets keep `History` for themselves.
    let name = if name.eq_ignore_ascii_case("history") { "history_" } else { name };
    let name = if name.is_empty() { "table" } else { name };
    format!("{name}{suffix}")
}

/// The letters of a column, counted from 0: A, B … Z, AA …
pub(super) fn column_letters(column: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        let letter = u8::try_from((rest - 1) % 26).unwrap_or(0);
        letters.push(char::from(b'A' + letter));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_their_letters() {
        for (column, letters) in [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16_383, "XFD")] {
            assert_eq!(column_letters(column), letters);
        }
    }

    #[test]
    fn names_of_sheets_are_short_clean_and_differ() {
        assert_eq!(sheet_name("line", &[]), "line");
        assert_eq!(sheet_name("line", &["line".into()]), "line (2)");
        assert_eq!(sheet_name("a[b]:*?/\\c", &[]), "a_b______c");
        assert_eq!(sheet_name("'History'", &[]), "history_");
        assert_eq!(sheet_name("''", &[]), "table");
        let long = "x".repeat(40);
        assert_eq!(sheet_name(&long, &[]), "x".repeat(31));
        assert_eq!(sheet_name(&long, &["x".repeat(31)]), format!("{} (2)", "x".repeat(27)));
        let clash = format!("{} (2)", "y".repeat(27));
        assert_eq!(sheet_name(&clash, std::slice::from_ref(&clash)), format!("{} (3)", "y".repeat(27)));
        assert_eq!(sheet_name(&"😀".repeat(20), &[]).encode_utf16().count(), 30);
    }
}
