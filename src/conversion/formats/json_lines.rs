//! Rows as JSON Lines: one object a line, the columns as its members in their order.
//!
//! Numbers are the digits of the document, not rounded by any machine number. What a document does not have is `null`; so is an
//! empty cell of a column with a type, because there is no empty number. In columns of text an empty cell is `""`.

use super::csv::push_number;
use crate::conversion::emit::Row;
use crate::conversion::plan::Table;
use crate::conversion::shape::{ColumnType, number};

/// Appends rows of one table to buffers of the caller's.
#[derive(Clone, Debug)]
pub struct JsonLinesEncoder {
    members: Vec<Member>,
}

#[derive(Clone, Debug)]
struct Member {
    /// What stands before the value: `{"name":` or `,"name":`.
    lead: Box<[u8]>,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Number,
    Boolean,
    /// Text of a form, such as a date.
    Formed,
    Text,
}

impl JsonLinesEncoder {
    /// An encoder for rows of `table`.
    #[must_use]
    pub fn new(table: &Table) -> Self {
        let columns = table.columns.iter().map(|column| (column.name.as_str(), column.column_type));
        Self { members: columns.enumerate().map(|(place, (name, kind))| Member::new(place, name, kind)).collect() }
    }

    /// Appends a row with its line feed.
    pub fn row(&self, row: Row<'_>, out: &mut Vec<u8>) {
        self.cells(row.cells(), out);
    }

    /// Appends the first members of a row, which are numbers.
    pub(super) fn numbers(&self, numbers: impl Iterator<Item = Option<u64>>, out: &mut Vec<u8>) {
        for (member, number) in self.members.iter().zip(numbers) {
            out.extend_from_slice(&member.lead);
            match number {
                Some(number) => push_number(number, out),
                None => out.extend_from_slice(b"null"),
            }
        }
    }

    /// Appends the members of a row behind the first ones.
    pub(super) fn rest(&self, rest: Row<'_>, out: &mut Vec<u8>) {
        for (member, cell) in self.members[self.members.len() - rest.len()..].iter().zip(rest.cells()) {
            out.extend_from_slice(&member.lead);
            push_value(member.kind, cell, out);
        }
        out.extend_from_slice(b"}\n");
    }

    fn cells<'a>(&self, cells: impl Iterator<Item = Option<&'a str>>, out: &mut Vec<u8>) {
        if self.members.is_empty() {
            out.push(b'{');
        }
        for (member, cell) in self.members.iter().zip(cells) {
            out.extend_from_slice(&member.lead);
            push_value(member.kind, cell, out);
        }
        out.extend_from_slice(b"}\n");
    }
}

impl Member {
    fn new(place: usize, name: &str, column_type: ColumnType) -> Self {
        let mut lead = vec![if place == 0 { b'{' } else { b',' }];
        push_string(name, &mut lead);
        lead.push(b':');
        let kind = match column_type {
            ColumnType::Integer | ColumnType::Decimal => Kind::Number,
            ColumnType::Boolean => Kind::Boolean,
            ColumnType::Date | ColumnType::DateTime | ColumnType::Time => Kind::Formed,
            ColumnType::Text => Kind::Text,
        };
        Self { lead: lead.into(), kind }
    }
}

#[inline]
fn push_value(kind: Kind, cell: Option<&str>, out: &mut Vec<u8>) {
    let Some(value) = cell else { return out.extend_from_slice(b"null") };
    let verbatim = match kind {
        Kind::Text => false,
        _ if value.is_empty() => return out.extend_from_slice(b"null"),
        Kind::Number => number(value.as_bytes()).is_some(),
        Kind::Boolean => matches!(value, "true" | "false"),
        Kind::Formed => false,
    };
    if verbatim { out.extend_from_slice(value.as_bytes()) } else { push_string(value, out) }
}

/// Bytes that a JSON string cannot hold as they are.
const ESCAPED: [bool; 256] = {
    let mut escaped = [false; 256];
    let mut control = 0;
    while control < 0x20 {
        escaped[control] = true;
        control += 1;
    }
    escaped[b'"' as usize] = true;
    escaped[b'\\' as usize] = true;
    escaped
};

fn push_string(value: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let mut rest = value.as_bytes();
    while let Some(at) = rest.iter().position(|byte| ESCAPED[usize::from(*byte)]) {
        out.extend_from_slice(&rest[..at]);
        push_escape(rest[at], out);
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

fn push_escape(byte: u8, out: &mut Vec<u8>) {
    const HEXADECIMAL: &[u8; 16] = b"0123456789abcdef";
    match byte {
        b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
        b'\n' => out.extend_from_slice(b"\\n"),
        b'\r' => out.extend_from_slice(b"\\r"),
        b'\t' => out.extend_from_slice(b"\\t"),
        other => {
            out.extend_from_slice(b"\\u00");
            out.extend([other >> 4, other & 0xF].map(|digit| HEXADECIMAL[usize::from(digit)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(columns: &[(&str, ColumnType)], cells: &[Option<&str>]) -> String {
        let members = columns.iter().enumerate().map(|(place, (name, kind))| Member::new(place, name, *kind));
        let mut out = Vec::new();
        JsonLinesEncoder { members: members.collect() }.cells(cells.iter().copied(), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn values_stand_as_their_columns_say() {
        let columns = [
            ("_id", ColumnType::Integer),
            ("price", ColumnType::Decimal),
            ("ok", ColumnType::Boolean),
            ("day", ColumnType::Date),
            ("note", ColumnType::Text),
        ];
        let cells = [Some("123456789012345678"), Some("1.50"), Some("true"), Some("2024-02-29"), Some("7")];
        let expected = r#"{"_id":123456789012345678,"price":1.50,"ok":true,"day":"2024-02-29","note":"7"}"#;
        assert_eq!(line(&columns, &cells), format!("{expected}\n"));
        let nothing = r#"{"_id":null,"price":null,"ok":null,"day":null,"note":""}"#;
        assert_eq!(line(&columns, &[None, Some(""), Some(""), Some(""), Some("")]), format!("{nothing}\n"));
    }

    #[test]
    fn a_value_that_its_type_does_not_fit_stays_whole_as_text() {
        let columns = [("n", ColumnType::Integer), ("b", ColumnType::Boolean)];
        for odd in ["007", "+1", "1e5", "NaN", "-0", "1.", ".5", "--1", "1,5", " 1"] {
            assert_eq!(line(&columns, &[Some(odd), Some("1")]), format!("{{\"n\":\"{odd}\",\"b\":\"1\"}}\n"));
        }
    }

    #[test]
    fn any_text_is_read_back_the_same_by_another_reader() {
        let every: String =
            (0..0x100_u32).filter_map(char::from_u32).chain("\u{2028}\u{FFFF}😀\"\\/".chars()).collect();
        let written = line(&[(&every, ColumnType::Text)], &[Some(&every)]);
        assert_eq!(written.matches('\n').count(), 1, "the line end only");
        let read: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&written).unwrap();
        assert_eq!(read.get(&every).and_then(serde_json::Value::as_str), Some(every.as_str()));
    }

    #[test]
    fn a_table_without_columns_has_empty_objects() {
        assert_eq!(line(&[], &[]), "{}\n");
    }
}
