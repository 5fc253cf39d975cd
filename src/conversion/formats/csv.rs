//! Rows as CSV (RFC 4180): UTF-8, a header row, quotes only where needed.

use memchr::memchr;
use serde::{Deserialize, Serialize};

use crate::conversion::blocks::{any_byte, any_byte_wide};
use crate::conversion::emit::Row;
use crate::conversion::error::{Error, ErrorCode};
use crate::conversion::plan::Table;

/// How CSV is written. On the wire every member may be missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CsvOptions {
    /// One ASCII character between cells; not a quote, a line end or a letter or digit.
    pub delimiter: char,
    /// A byte order mark in front, which some spreadsheets need to read UTF-8.
    pub bom: bool,
    /// A `'` in front of cells that a spreadsheet would take for a formula. Plain numbers with a sign stay as they are.
    pub guard_formulas: bool,
    /// What ends a line.
    pub line_end: LineEnd,
    /// A value that is empty is `""`, and nothing stands where there is none, as `COPY` of PostgreSQL reads it. A row of one absent
    /// value is an empty line then.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub quote_empty: bool,
}

/// What ends a line of CSV.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineEnd {
    /// Line feed.
    #[default]
    Lf,
    /// Carriage return and line feed.
    Crlf,
}

impl Default for CsvOptions {
    fn default() -> Self {
        Self { delimiter: ',', bom: false, guard_formulas: false, line_end: LineEnd::Lf, quote_empty: false }
    }
}

/// Texts up to this length are searched right where they are, longer ones with wide vectors.
const SHORT: usize = 64;

/// Bytes of a short text looked at in one step.
const SHORT_STEP: usize = 16;

/// Rows up to this length are looked at as a whole.
const SHORT_ROW: usize = 4 << 10;

/// Appends rows to buffers of the caller's.
#[derive(Clone, Debug)]
pub struct CsvEncoder {
    options: CsvOptions,
    delimiter: u8,
    /// Cells without special characters are written as they are.
    is_verbatim: bool,
}

impl CsvEncoder {
    /// An encoder for any number of tables.
    ///
    /// # Errors
    /// `invalid_option` for a delimiter that would not delimit.
    pub fn new(options: CsvOptions) -> Result<Self, Error> {
        let delimiter = u8::try_from(options.delimiter).ok().filter(is_delimiter).ok_or_else(|| {
            let detail = "the CSV delimiter must be one ASCII character such as , ; | or a tab, not a quote, line end, letter or digit";
            Error::new(ErrorCode::InvalidOption, detail)
        })?;
        let is_verbatim = !options.guard_formulas && !options.quote_empty;
        Ok(Self { options, delimiter, is_verbatim })
    }

    /// Appends the header row of a table, after the byte order mark if one is asked for.
    pub fn header(&self, table: &Table, out: &mut Vec<u8>) {
        if self.options.bom {
            out.extend_from_slice("\u{feff}".as_bytes());
        }
        // A file that begins with `ID` is taken for another format (SYLK) by spreadsheets, quoted it is not.
        let misleading = |name: &str| name.starts_with("ID") || name.starts_with("sep=");
        for (column, name) in table.columns.iter().map(|column| column.name.as_str()).enumerate() {
            if column > 0 {
                out.push(self.delimiter);
            }
            if column == 0 && misleading(name) { push_quoted(name, out) } else { self.cell(name, out) }
        }
        self.end_line(out);
    }

    /// Appends a row.
    pub fn row(&self, row: Row<'_>, out: &mut Vec<u8>) {
        // Mostly no cell of a row needs quotes, and one look at the text of all tells. It may be the text of other rows, too.
        let is_short = row.bytes() <= SHORT_ROW;
        if is_short && row.len() > 1 && self.is_verbatim && !self.needs_quotes(row.text().as_bytes()) {
            row.append_delimited(self.delimiter, out);
            out.pop();
            self.end_line(out);
        } else {
            self.cells(row.cells(), out);
        }
    }

    /// Appends the first cells of a row, which are numbers.
    pub(super) fn numbers(&self, numbers: impl Iterator<Item = Option<u64>>, out: &mut Vec<u8>) {
        for (column, number) in numbers.enumerate() {
            if column > 0 {
                out.push(self.delimiter);
            }
            if let Some(number) = number {
                push_number(number, out);
            }
        }
    }

    /// Appends the cells of a row behind the first ones.
    pub(super) fn rest(&self, rest: Row<'_>, out: &mut Vec<u8>) {
        let is_short = rest.bytes() <= SHORT_ROW && !rest.is_empty();
        if is_short && self.is_verbatim && !self.needs_quotes(rest.text().as_bytes()) {
            out.push(self.delimiter);
            rest.append_delimited(self.delimiter, out);
            out.pop();
        } else {
            for cell in rest.cells() {
                out.push(self.delimiter);
                self.cell_or_nothing(cell, out);
            }
        }
        self.end_line(out);
    }

    fn cells<'a>(&self, cells: impl ExactSizeIterator<Item = Option<&'a str>>, out: &mut Vec<u8>) {
        let start = out.len();
        let is_only_cell = cells.len() == 1;
        for (column, cell) in cells.enumerate() {
            if column > 0 {
                out.push(self.delimiter);
            }
            self.cell_or_nothing(cell, out);
        }
        // An empty line is no row to most readers.
        if is_only_cell && out.len() == start && !self.options.quote_empty {
            out.extend_from_slice(b"\"\"");
        }
        self.end_line(out);
    }

    #[inline]
    fn cell_or_nothing(&self, cell: Option<&str>, out: &mut Vec<u8>) {
        if self.options.quote_empty && cell == Some("") {
            out.extend_from_slice(b"\"\"");
        } else {
            self.cell(cell.unwrap_or_default(), out);
        }
    }

    #[inline]
    fn cell(&self, value: &str, out: &mut Vec<u8>) {
        let guarded = self.options.guard_formulas && is_formula(value);
        if self.needs_quotes(value.as_bytes()) {
            out.push(b'"');
            if guarded {
                out.push(b'\'');
            }
            push_doubling_quotes(value.as_bytes(), out);
            out.push(b'"');
        } else {
            if guarded {
                out.push(b'\'');
            }
            out.extend_from_slice(value.as_bytes());
        }
    }

    /// Whether the text holds a delimiter, a quote or a line end.
    #[inline]
    fn needs_quotes(&self, text: &[u8]) -> bool {
        let delimiter = self.delimiter;
        let is_special = move |byte: u8| (byte == delimiter) | (byte == b'"') | (byte == b'\n') | (byte == b'\r');
        if text.len() <= SHORT { any_byte::<SHORT_STEP>(text, is_special) } else { any_byte_wide(text, is_special) }
    }

    #[inline]
    fn end_line(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(match self.options.line_end {
            LineEnd::Lf => b"\n",
            LineEnd::Crlf => b"\r\n",
        });
    }
}

/// Appends the number in decimal digits.
pub(super) fn push_number(mut number: u64, out: &mut Vec<u8>) {
    let mut digits = [0; 20];
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            return out.extend_from_slice(&digits[start..]);
        }
    }
}

fn is_delimiter(byte: &u8) -> bool {
    byte.is_ascii() && !byte.is_ascii_alphanumeric() && !matches!(byte, b'"' | b'\n' | b'\r' | 0)
}

/// Whether a spreadsheet might compute a cell instead of showing it (OWASP, CSV injection).
pub(super) fn is_formula(value: &str) -> bool {
    let starts_so = value.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    starts_so && !is_signed_number(value)
}

fn is_signed_number(value: &str) -> bool {
    let Some(number) = value.strip_prefix(['+', '-']) else { return false };
    let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    is_digits(whole) && is_digits(decimals)
}

fn push_quoted(value: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    push_doubling_quotes(value.as_bytes(), out);
    out.push(b'"');
}

fn push_doubling_quotes(mut value: &[u8], out: &mut Vec<u8>) {
    while let Some(quote) = memchr(b'"', value) {
        out.extend_from_slice(&value[..=quote]);
        out.push(b'"');
        value = &value[quote + 1..];
    }
    out.extend_from_slice(value);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(options: CsvOptions, cells: &[Option<&str>]) -> String {
        let mut out = Vec::new();
        CsvEncoder::new(options).unwrap().cells(cells.iter().copied(), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn quotes_only_where_needed() {
        let cells = [Some("a b"), Some("c,d"), Some("e\"f"), Some("g\nh"), Some("i\rj"), None, Some(""), Some(" k ")];
        assert_eq!(line(CsvOptions::default(), &cells), "a b,\"c,d\",\"e\"\"f\",\"g\nh\",\"i\rj\",,, k \n");
        let long = "x".repeat(100) + "\r";
        assert_eq!(line(CsvOptions::default(), &[Some(&long)]), format!("\"{long}\"\n"));
    }

    #[test]
    fn what_needs_quotes_is_found_at_any_place_of_a_text_of_any_length() {
        let csv = CsvEncoder::new(CsvOptions::default()).unwrap();
        for length in 0..=2 * SHORT {
            let mut text = vec![b'm'; length];
            assert!(!csv.needs_quotes(&text), "{length}");
            for at in 0..length {
                for (byte, needs) in
                    [(b',', true), (b'"', true), (b'\n', true), (b'\r', true), (b'\t', false), (0xAC, false)]
                {
                    text[at] = byte;
                    assert_eq!(csv.needs_quotes(&text), needs, "{byte} at {at} of {length}");
                }
                text[at] = b'm';
            }
        }
    }

    #[test]
    fn a_row_of_one_empty_cell_is_no_empty_line() {
        assert_eq!(line(CsvOptions::default(), &[None]), "\"\"\n");
        assert_eq!(line(CsvOptions::default(), &[None, None]), ",\n");
    }

    #[test]
    fn what_is_empty_is_told_from_what_is_absent() {
        let options = CsvOptions { quote_empty: true, ..CsvOptions::default() };
        assert_eq!(line(options.clone(), &[Some(""), None, Some("a"), Some("")]), "\"\",,a,\"\"\n");
        assert_eq!(line(options.clone(), &[Some("")]), "\"\"\n");
        assert_eq!(line(options.clone(), &[None]), "\n");
        let guarded = CsvOptions { guard_formulas: true, ..options };
        assert_eq!(line(guarded, &[Some(""), Some("=1")]), "\"\",'=1\n");
    }

    #[test]
    fn delimiter_and_line_end() {
        let options = CsvOptions { delimiter: ';', line_end: LineEnd::Crlf, ..CsvOptions::default() };
        assert_eq!(line(options, &[Some("a;b"), Some("c,d")]), "\"a;b\";c,d\r\n");
        for delimiter in ['"', '\n', 'a', '0', 'é', '\0'] {
            let error = CsvEncoder::new(CsvOptions { delimiter, ..CsvOptions::default() }).unwrap_err();
            assert_eq!(error.code, ErrorCode::InvalidOption);
        }
    }

    #[test]
    fn formulas_are_guarded_and_numbers_are_not() {
        let guarded = |cell: &str| {
            let options = CsvOptions { guard_formulas: true, ..CsvOptions::default() };
            line(options, &[Some(cell)]).trim_end().to_owned()
        };
        for formula in ["=1+1", "@SUM(A1)", "+cmd|x", "-2+3", "＝1", "-", "+1-555"] {
            assert_eq!(guarded(formula), format!("'{formula}"));
        }
        for harmless in ["-5", "+336123", "-0.25", "a=b", "'="] {
            assert_eq!(guarded(harmless), harmless);
        }
        assert_eq!(guarded("\t=a,b"), "\"'\t=a,b\"");
    }

    #[test]
    fn wire_names_and_defaults() {
        let options: CsvOptions =
            serde_json::from_str(r#"{"delimiter":"\t","line_end":"crlf","quote_empty":true}"#).unwrap();
        let expected =
            CsvOptions { delimiter: '\t', line_end: LineEnd::Crlf, quote_empty: true, ..CsvOptions::default() };
        assert_eq!(options, expected);
        assert!(serde_json::from_str::<CsvOptions>(r#"{"delimiter":";;"}"#).is_err());
    }
}
