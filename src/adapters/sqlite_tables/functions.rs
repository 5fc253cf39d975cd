//! Replacements for functions of SQLite that take quadratic time in a single step, in which no deadline can stop them: `instr`,
//! `replace` and the two-argument `trim`, `ltrim` and `rtrim`. These give the same results in linear time.

use std::{borrow::Cow, collections::HashSet};

use memchr::memmem;
use rusqlite::{
    Connection, Error, Result,
    functions::{Context, FunctionFlags},
    types::ValueRef,
};

use super::errors::TOO_BIG;

/// Installs the replacements on a connection; no result gets longer than `max_bytes`.
pub(super) fn install(connection: &Connection, max_bytes: usize) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function("instr", 2, flags, instr)?;
    connection.create_scalar_function("replace", 3, flags, move |context| replace(context, max_bytes))?;
    connection.create_scalar_function("trim", 2, flags, |context| {
        trim(context, |text, set| text.trim_matches(|c| set.contains(c)))
    })?;
    connection.create_scalar_function("ltrim", 2, flags, |context| {
        trim(context, |text, set| text.trim_start_matches(|c| set.contains(c)))
    })?;
    connection.create_scalar_function("rtrim", 2, flags, |context| {
        trim(context, |text, set| text.trim_end_matches(|c| set.contains(c)))
    })
}

/// Position of the second argument in the first, from 1: in characters, or in bytes if both are blobs; 0 if it is not there.
fn instr(context: &Context<'_>) -> Result<Option<i64>> {
    let (haystack, needle) = (context.get_raw(0), context.get_raw(1));
    let in_bytes = matches!((haystack, needle), (ValueRef::Blob(_), ValueRef::Blob(_)));
    let (Some(haystack), Some(needle)) = (bytes_of(haystack), bytes_of(needle)) else { return Ok(None) };
    // In text only the beginnings of characters count, where a rest of a character can never match but at the very start.
    let is_rest = !in_bytes && needle.first().is_some_and(|byte| is_continuation(*byte));
    let found = if is_rest { haystack.starts_with(&needle).then_some(0) } else { memmem::find(&haystack, &needle) };
    let position = match found {
        None => 0,
        Some(0) => 1,
        Some(at) if in_bytes => at + 1,
        Some(at) => haystack[..=at].iter().skip(1).filter(|byte| !is_continuation(**byte)).count() + 1,
    };
    Ok(i64::try_from(position).ok())
}

/// Whether a byte of UTF-8 goes on with a character rather than starting one.
fn is_continuation(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}

/// The first argument with every occurrence of the second replaced by the third.
fn replace(context: &Context<'_>, max_bytes: usize) -> Result<Option<String>> {
    let arguments = (bytes_of(context.get_raw(0)), bytes_of(context.get_raw(1)), bytes_of(context.get_raw(2)));
    let (Some(text), Some(pattern), Some(replacement)) = arguments else { return Ok(None) };
    if pattern.is_empty() {
        return Ok(Some(String::from_utf8_lossy(&text).into_owned()));
    }
    let mut replaced = Vec::with_capacity(text.len().min(max_bytes));
    let mut rest = 0;
    for at in memmem::find_iter(&text, pattern.as_ref()) {
        replaced.extend_from_slice(&text[rest..at]);
        replaced.extend_from_slice(&replacement);
        rest = at + pattern.len();
        if replaced.len() > max_bytes {
            return Err(Error::UserFunctionError(TOO_BIG.into()));
        }
    }
    replaced.extend_from_slice(&text[rest..]);
    Ok(Some(String::from_utf8_lossy(&replaced).into_owned()))
}

/// The first argument without the characters of the second at the sides that `cut` takes care of.
fn trim(context: &Context<'_>, cut: for<'t> fn(&'t str, &CharacterSet) -> &'t str) -> Result<Option<String>> {
    let (Some(text), Some(set)) = (bytes_of(context.get_raw(0)), bytes_of(context.get_raw(1))) else { return Ok(None) };
    let set = CharacterSet::of(&String::from_utf8_lossy(&set));
    Ok(Some(cut(&String::from_utf8_lossy(&text), &set).to_owned()))
}

/// The characters of a text, for a quick look at whether one is among them.
struct CharacterSet {
    ascii: [bool; 128],
    others: HashSet<char>,
}

impl CharacterSet {
    fn of(text: &str) -> Self {
        let mut set = Self { ascii: [false; 128], others: HashSet::new() };
        for c in text.chars() {
            match set.ascii.get_mut(c as usize) {
                Some(is_in) => *is_in = true,
                None => {
                    set.others.insert(c);
                }
            }
        }
        set
    }

    fn contains(&self, c: char) -> bool {
        self.ascii.get(c as usize).copied().unwrap_or_else(|| self.others.contains(&c))
    }
}

/// A value as text the way SQLite casts it, or the bytes of a blob; `None` for null.
fn bytes_of(value: ValueRef<'_>) -> Option<Cow<'_, [u8]>> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(Cow::Owned(number.to_string().into_bytes())),
        ValueRef::Real(number) => Some(Cow::Owned(real_to_text(number).into_bytes())),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(Cow::Borrowed(bytes)),
    }
}

/// Fifteen significant digits with at least one after the point; an exponent below -4 and from 15 on.
fn real_to_text(number: f64) -> String {
    if !number.is_finite() {
        return if number > 0.0 { "Inf" } else { "-Inf" }.to_owned();
    }
    let scientific = format!("{number:.14e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..15).contains(&exponent) {
        let decimals = usize::try_from(14 - exponent).unwrap_or(0);
        with_one_decimal(&format!("{number:.decimals$}"))
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{}e{sign}{:02}", with_one_decimal(mantissa), exponent.abs())
    }
}

fn with_one_decimal(digits: &str) -> String {
    let shortened = if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits };
    if shortened.contains('.') { shortened.to_owned() } else { format!("{shortened}.0") }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rusqlite::types::Value;

    use super::*;

    /// The result on a connection as it is, and on one with the replacements.
    fn both(sql: &str, parameters: &[Value]) -> (Value, Value) {
        let plain = Connection::open_in_memory().unwrap();
        let replaced = Connection::open_in_memory().unwrap();
        install(&replaced, 1 << 20).unwrap();
        let ask = |connection: &Connection| {
            connection.query_row(sql, rusqlite::params_from_iter(parameters), |row| row.get(0)).unwrap()
        };
        (ask(&plain), ask(&replaced))
    }

    #[test]
    fn results_are_those_of_sqlite() {
        for expression in [
            "instr('größe', 'ße')",
            "instr('abc', '')",
            "instr('', '')",
            "instr('', 'a')",
            "instr(NULL, 'a')",
            "instr('a', NULL)",
            "instr(x'00c3bf', x'bf')",
            "instr('aÿ', x'bf')",
            "instr(x'bf61', 'a')",
            "instr(12345, 34)",
            "instr(1.5, '.')",
            "instr(1e100, '+')",
            "instr(0.1 + 0.2, '3')",
            "instr(1e15, '.')",
            "instr(1e14, '.')",
            "instr(0.0001, '1')",
            "instr(0.00001, 'e')",
            "replace('aaa', 'a', 'bb')",
            "replace('abc', '', 'x')",
            "replace('abc', 'b', '')",
            "replace(NULL, 'a', 'b')",
            "replace('abab', 'aba', 'x')",
            "replace(100, 0, 1)",
            "replace(2.50, '5', '4')",
            "replace(1e300, 'e', 'E')",
            "trim('xxaxx', 'x')",
            "ltrim('xyxa', 'xy')",
            "rtrim('aéé', 'é')",
            "trim('a', '')",
            "trim(NULL, 'a')",
            "trim(' a ')",
            "trim(11011, 1)",
            "rtrim(1.0, '0')",
        ] {
            let (wanted, got) = both(&format!("SELECT {expression}"), &[]);
            assert_eq!(wanted, got, "{expression}");
        }
    }

    #[test]
    fn a_replacement_that_grows_too_long_is_an_error() {
        let connection = Connection::open_in_memory().unwrap();
        install(&connection, 1_000).unwrap();
        let sql = "SELECT replace(printf('%.500c', 'a'), 'a', 'aaaaaaaaaa')";
        let result: Result<String> = connection.query_row(sql, [], |row| row.get(0));
        assert!(result.is_err_and(|error| error.to_string().contains("too long")));
    }

    proptest! {
        #[test]
        fn any_text_gives_the_results_of_sqlite(a in "[ab é]{0,8}", b in "[ab é]{0,3}", c in "[ab]{0,2}") {
            let parameters = [a, b, c].map(Value::Text);
            for sql in ["SELECT instr(?1, ?2) || coalesce(?3, '')", "SELECT replace(?1, ?2, ?3)", "SELECT trim(?1, ?2) || ?3",
                "SELECT ltrim(?1, ?2) || ?3", "SELECT rtrim(?1, ?2) || ?3"] {
                let (wanted, got) = both(sql, &parameters);
                prop_assert_eq!(wanted, got, "{}", sql);
            }
        }

        #[test]
        fn any_real_of_fourteen_digits_reads_as_sqlite_prints_it(digits in -99_999_999_999_999_i64..100_000_000_000_000, exponent in -40_i32..40) {
            let number: f64 = format!("{digits}e{exponent}").parse().unwrap();
            let (wanted, got) = both("SELECT replace(CAST(?1 AS TEXT), 'x', ''), 1", &[Value::Real(number)]);
            prop_assert_eq!(&wanted, &got);
            prop_assert_eq!(got, Value::Text(real_to_text(number)));
        }
    }
}
