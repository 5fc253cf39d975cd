//! What a value becomes in a cell, and the cell's XML.
//!
//! A number, a day or a moment is one only if the spreadsheet shows the very characters of the document again; everything else is text,
//! which no spreadsheet computes or turns.

use std::fmt::Write as _;

use super::calendar::{day_serial, moment_serial};
use super::style::{MOST_DECIMALS, Style};
use crate::conversion::shape::{ColumnType, digits, number};

/// Significant digits that a number of a spreadsheet keeps.
const MOST_DIGITS: usize = 15;
/// Characters and decimals up to which a number is shown whole in the general style.
const SHOWN_WHOLE: (usize, u8) = (10, 4);

/// Appends the cell of a value that is not empty. `open` is how every cell of the column begins: `<c r="AB`.
pub(super) fn push_cell(column_type: ColumnType, open: &str, row: &str, value: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(open.as_bytes());
    out.extend_from_slice(row.as_bytes());
    let is_done = match column_type {
        ColumnType::Integer | ColumnType::Decimal => push_number(value, out),
        ColumnType::Boolean => push_boolean(value, out),
        ColumnType::Date => push_day(value, out),
        ColumnType::DateTime => push_moment(value, out),
        ColumnType::Time | ColumnType::Text => false,
    };
    if !is_done {
        push_text(Style::General, value, out);
    }
}

/// Appends a cell without a value.
pub(super) fn push_empty(open: &str, row: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(open.as_bytes());
    out.extend_from_slice(row.as_bytes());
    out.extend_from_slice(b"\"/>");
}

/// Appends a cell of the first row.
pub(super) fn push_header(open: &str, row: &str, name: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(open.as_bytes());
    out.extend_from_slice(row.as_bytes());
    push_text(Style::Header, name, out);
}

fn push_number(value: &str, out: &mut Vec<u8>) -> bool {
    let Some(decimals) = number(value.as_bytes()) else { return false };
    if digits(value.as_bytes()) > MOST_DIGITS || decimals > MOST_DECIMALS {
        return false;
    }
    let (length, most) = SHOWN_WHOLE;
    let style = match decimals {
        0 if value.len() <= length => Style::General,
        0 => Style::Whole,
        _ if value.len() <= length && decimals <= most && !value.ends_with('0') => Style::General,
        _ => Style::Fixed(decimals),
    };
    push_value(style, value, out);
    true
}

fn push_boolean(value: &str, out: &mut Vec<u8>) -> bool {
    let digit = match value {
        "true" => b'1',
        "false" => b'0',
        _ => return false,
    };
    out.extend_from_slice(b"\" t=\"b\"><v>");
    out.push(digit);
    out.extend_from_slice(b"</v></c>");
    true
}

fn push_day(value: &str, out: &mut Vec<u8>) -> bool {
    let Some(serial) = day_serial(value) else { return false };
    push_value(Style::Day, &serial.to_string(), out);
    true
}

fn push_moment(value: &str, out: &mut Vec<u8>) -> bool {
    let Some((serial, decimals)) = moment_serial(value) else { return false };
    push_value(Style::Moment(u8::try_from(decimals).unwrap_or(3)), &serial.to_string(), out);
    true
}

fn push_value(style: Style, digits: &str, out: &mut Vec<u8>) {
    push_style(style, out);
    out.extend_from_slice(b"><v>");
    out.extend_from_slice(digits.as_bytes());
    out.extend_from_slice(b"</v></c>");
}

fn push_style(style: Style, out: &mut Vec<u8>) {
    out.push(b'"');
    if style != Style::General {
        let mut attribute = String::with_capacity(8);
        // Writing to a string cannot fail.
        let _ = write!(attribute, " s=\"{}\"", style.number());
        out.extend_from_slice(attribute.as_bytes());
    }
}

/// Text in the cell itself: nothing has to be kept for a list of shared texts.
fn push_text(style: Style, value: &str, out: &mut Vec<u8>) {
    push_style(style, out);
    out.extend_from_slice(b" t=\"inlineStr\"><is>");
    if has_escape(value) {
        push_runs(value, out);
    } else {
        push_piece(value, out);
    }
    out.extend_from_slice(b"</is></c>");
}

/// Spreadsheets take `_x0041_` for an escaped character, but not all readers undo an escape of the escape. In two runs it is neither.
fn push_runs(value: &str, out: &mut Vec<u8>) {
    let mut start = 0;
    for (at, _) in value.match_indices("_x").filter(|(at, _)| is_escape(&value.as_bytes()[*at..])) {
        push_run(&value[start..=at], out);
        start = at + 1;
    }
    push_run(&value[start..], out);
}

fn push_run(piece: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(b"<r>");
    push_piece(piece, out);
    out.extend_from_slice(b"</r>");
}

fn push_piece(piece: &str, out: &mut Vec<u8>) {
    let is_space = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_whitespace);
    let bytes = piece.as_bytes();
    let has_space_around = is_space(bytes.first()) || is_space(bytes.last());
    out.extend_from_slice(if has_space_around { b"<t xml:space=\"preserve\">" } else { b"<t>" });
    push_escaped(piece, out);
    out.extend_from_slice(b"</t>");
}

fn has_escape(value: &str) -> bool {
    value.match_indices("_x").any(|(at, _)| is_escape(&value.as_bytes()[at..]))
}

fn is_escape(text: &[u8]) -> bool {
    matches!(text, [b'_', b'x', a, b, c, d, b'_', ..] if [a, b, c, d].iter().all(|byte| byte.is_ascii_hexdigit()))
}

/// Bytes that may have to be written another way; `EF` begins the two characters that XML does not have.
const ESCAPED: [bool; 256] = {
    let mut escaped = [false; 256];
    let mut control = 0;
    while control < 0x20 {
        escaped[control] = control != b'\t' as usize && control != b'\n' as usize;
        control += 1;
    }
    escaped[b'&' as usize] = true;
    escaped[b'<' as usize] = true;
    escaped[b'>' as usize] = true;
    escaped[0xEF] = true;
    escaped
};

/// Appends a text as the content of an element.
pub(super) fn push_escaped(text: &str, out: &mut Vec<u8>) {
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(|byte| ESCAPED[usize::from(*byte)]) {
        out.extend_from_slice(&rest[..at]);
        let (length, escape): (usize, &[u8]) = match &rest[at..] {
            [b'&', ..] => (1, b"&amp;"),
            [b'<', ..] => (1, b"&lt;"),
            [b'>', ..] => (1, b"&gt;"),
            // A reference: a carriage return as such would be read as a line feed.
            [b'\r', ..] => (1, b"&#13;"),
            [0xEF, 0xBF, 0xBE, ..] => (3, b"_xFFFE_"),
            [0xEF, 0xBF, 0xBF, ..] => (3, b"_xFFFF_"),
            [0xEF, ..] => (1, &[0xEF]),
            [control, ..] => {
                out.extend_from_slice(format!("_x{control:04X}_").as_bytes());
                (1, b"")
            }
            [] => (0, b""),
        };
        out.extend_from_slice(escape);
        rest = &rest[at + length..];
    }
    out.extend_from_slice(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(column_type: ColumnType, value: &str) -> String {
        let mut out = Vec::new();
        push_cell(column_type, "<c r=\"B", "7", value, &mut out);
        let text = String::from_utf8(out).unwrap();
        text.strip_prefix("<c r=\"B7\"").unwrap().strip_suffix("</c>").unwrap().to_owned()
    }

    fn is_text(cell: &str, value: &str) -> bool {
        cell == format!(" t=\"inlineStr\"><is><t>{value}</t></is>")
    }

    #[test]
    fn numbers_are_numbers_only_if_all_digits_are_shown() {
        let number = |value| cell(ColumnType::Decimal, value);
        assert_eq!(number("-12.25"), "><v>-12.25</v>");
        assert_eq!(number("1.50"), " s=\"9\"><v>1.50</v>", "with two decimals");
        assert_eq!(number("4006381333931"), " s=\"2\"><v>4006381333931</v>", "not 4E+12");
        assert_eq!(number("0.00001"), " s=\"12\"><v>0.00001</v>");
        for text in ["1234567890123456", "007", "1e5", "-0", "+1", "NaN", "1.", "0.1234567890123456"] {
            assert!(is_text(&number(text), text), "{text}: {}", number(text));
        }
    }

    #[test]
    fn days_and_moments_are_numbers_with_a_style_where_they_can_be() {
        assert_eq!(cell(ColumnType::Date, "2024-02-29"), " s=\"3\"><v>45351</v>");
        assert!(is_text(&cell(ColumnType::Date, "1899-12-31"), "1899-12-31"));
        assert_eq!(cell(ColumnType::DateTime, "2024-02-29T12:00:00"), " s=\"4\"><v>45351.5</v>");
        assert_eq!(cell(ColumnType::DateTime, "2024-02-29T12:00:00.25"), " s=\"6\"><v>45351.50000289352</v>");
        let zoned = "2024-02-29T12:00:00+01:00";
        assert!(is_text(&cell(ColumnType::DateTime, zoned), zoned));
    }

    #[test]
    fn truth_is_truth_and_text_is_text() {
        assert_eq!(cell(ColumnType::Boolean, "true"), " t=\"b\"><v>1</v>");
        assert!(is_text(&cell(ColumnType::Boolean, "1"), "1"));
        for text in ["7", "true", "2024-02-29", "=1+1", "12:30:00"] {
            assert!(is_text(&cell(ColumnType::Text, text), text));
        }
    }

    #[test]
    fn space_and_markup_survive() {
        let text = cell(ColumnType::Text, " a < b & c > d\r\n");
        assert_eq!(text, " t=\"inlineStr\"><is><t xml:space=\"preserve\"> a &lt; b &amp; c &gt; d&#13;\n</t></is>");
        assert!(is_text(&cell(ColumnType::Text, "a\u{FFFF}b\u{FFFD}\u{1}"), "a_xFFFF_b\u{FFFD}_x0001_"));
    }

    #[test]
    fn what_looks_like_an_escape_is_parted() {
        let parted = " t=\"inlineStr\"><is><r><t>a_</t></r><r><t>x0041_</t></r><r><t>x000d_b</t></r></is>";
        assert_eq!(cell(ColumnType::Text, "a_x0041_x000d_b"), parted);
        assert!(is_text(&cell(ColumnType::Text, "_x00_x41"), "_x00_x41"));
    }
}
