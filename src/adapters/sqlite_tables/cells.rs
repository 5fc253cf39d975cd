//! Cells on their way in and out: text of a document becomes a typed value only where nothing is lost, values become JSON.

use rusqlite::types::{ToSqlOutput, ValueRef};
use serde_json::{Number, Value};

use crate::ports::tables::SqlType;

/// The value to store for a cell of a column of this type.
pub(super) fn to_sql(text: &str, sql_type: SqlType) -> ToSqlOutput<'_> {
    let number = match sql_type {
        SqlType::Integer => exact_integer(text).map(ToSqlOutput::from),
        SqlType::Decimal => exact_real(text).map(ToSqlOutput::from),
        SqlType::Text => None,
    };
    number.unwrap_or_else(|| ToSqlOutput::from(text))
}

/// The value to compare with a column that may hold numbers.
pub(super) fn to_comparable(text: &str) -> ToSqlOutput<'_> {
    exact_integer(text)
        .map(ToSqlOutput::from)
        .or_else(|| exact_real(text).map(ToSqlOutput::from))
        .unwrap_or_else(|| ToSqlOutput::from(text))
}

/// The integer, if it fits and prints back as the same text.
pub(super) fn exact_integer(text: &str) -> Option<i64> {
    let canonical = matches!(text.as_bytes(), [b'0'] | [b'1'..=b'9', ..] | [b'-', b'1'..=b'9', ..]);
    if canonical { text.parse().ok() } else { None }
}

/// The number, if it is plain decimal and its shortest form has the same digits; zeros at the end of the fraction do not count, as they
/// do not change the value.
fn exact_real(text: &str) -> Option<f64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'));
    let number: f64 = if plain { text.parse().ok()? } else { return None };
    let without_zeros = match text.split_once('.') {
        Some((_, "")) => return None,
        Some(_) => text.trim_end_matches('0').trim_end_matches('.'),
        None => text,
    };
    if number.is_finite() && number.to_string() == without_zeros && without_zeros != "-0" { Some(number) } else { None }
}

/// The value as JSON: integers and finite reals as numbers, text as text, bytes as SQL writes them (`x'0aff'`), all else null.
pub(super) fn to_json(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Number(number.into()),
        ValueRef::Real(number) => Number::from_f64(number).map_or(Value::Null, Value::Number),
        ValueRef::Text(text) => Value::String(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Value::String(blob_literal(bytes)),
    }
}

/// About how many bytes [`to_json`] takes, found out without copying.
pub(super) fn json_bytes(value: ValueRef<'_>) -> usize {
    match value {
        ValueRef::Null => 4,
        ValueRef::Integer(_) | ValueRef::Real(_) => 8,
        ValueRef::Text(text) => text.len() + 2,
        ValueRef::Blob(bytes) => 2 * bytes.len() + 5,
    }
}

fn blob_literal(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |half: u8| char::from(DIGITS[usize::from(half)]);
    let digits = bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]);
    ['x', '\''].into_iter().chain(digits).chain(['\'']).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rusqlite::types::Value as SqlValue;

    use super::*;

    fn stored(text: &str, sql_type: SqlType) -> SqlValue {
        match to_sql(text, sql_type) {
            ToSqlOutput::Borrowed(value) => value.try_into().unwrap(),
            ToSqlOutput::Owned(value) => value,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn integers_are_numbers_only_where_they_print_back() {
        for text in ["0", "1", "-1", "9223372036854775807", "-9223372036854775808"] {
            assert_eq!(stored(text, SqlType::Integer), SqlValue::Integer(text.parse().unwrap()), "{text}");
        }
        for text in
            ["", "-", "-0", "+1", "01", "007", " 1", "1 ", "1.0", "1e5", "9223372036854775808", "12345678901234567890"]
        {
            assert_eq!(stored(text, SqlType::Integer), SqlValue::Text(text.into()), "{text}");
        }
    }

    #[test]
    fn decimals_are_numbers_only_where_no_digit_is_lost() {
        for (text, number) in [
            ("1.5", 1.5),
            ("-0.25", -0.25),
            ("10.00", 10.0),
            ("1.50", 1.5),
            ("0", 0.0),
            ("0.0", 0.0),
            ("7", 7.0),
            ("100", 100.0),
        ] {
            assert_eq!(stored(text, SqlType::Decimal), SqlValue::Real(number), "{text}");
        }
        for text in [
            "",
            ".",
            "-",
            "1.",
            ".5",
            "-.5",
            "01.5",
            "1e5",
            "+1.5",
            "-0",
            "-0.0",
            "inf",
            "NaN",
            "1.2.3",
            "--1",
            "1-2",
            "0.10000000000000000555",
            "1234567890123456.78",
            "9007199254740993",
        ] {
            assert_eq!(stored(text, SqlType::Decimal), SqlValue::Text(text.into()), "{text}");
        }
    }

    #[test]
    fn text_is_never_a_number() {
        assert_eq!(stored("5", SqlType::Text), SqlValue::Text("5".into()));
    }

    #[test]
    fn values_become_json() {
        for (value, wanted) in [
            (ValueRef::Null, Value::Null),
            (ValueRef::Integer(i64::MAX), Value::from(i64::MAX)),
            (ValueRef::Real(1.5), Value::from(1.5)),
            (ValueRef::Real(f64::INFINITY), Value::Null),
            (ValueRef::Real(f64::NAN), Value::Null),
            (ValueRef::Text("é".as_bytes()), Value::from("é")),
            (ValueRef::Text(b"\xFF"), Value::from("\u{FFFD}")),
            (ValueRef::Blob(b"\x00\xFF"), Value::from("x'00ff'")),
        ] {
            assert_eq!(to_json(value), wanted);
        }
    }

    proptest! {
        #[test]
        fn no_decimal_loses_its_value(text in "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,20})?") {
            if let SqlValue::Real(number) = stored(&text, SqlType::Decimal) {
                let normal = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
                prop_assert_eq!(number.to_string(), normal);
            }
        }
    }
}
