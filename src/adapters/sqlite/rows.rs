//! From columns to domain types.

use std::{fmt::Display, str::FromStr};

use serde::de::DeserializeOwned;
use sqlx::{Row, sqlite::SqliteRow};

use crate::domain::Timestamp;

type Result<T> = std::result::Result<T, sqlx::Error>;

/// A column whose text is parsed: ids, roles, states.
pub(super) fn parsed<T>(row: &SqliteRow, column: &str) -> Result<T>
where
    T: FromStr,
    T::Err: Display,
{
    parse(column, &row.try_get::<String, _>(column)?)
}

/// The same for a column that may be null.
pub(super) fn parsed_option<T>(row: &SqliteRow, column: &str) -> Result<Option<T>>
where
    T: FromStr,
    T::Err: Display,
{
    row.try_get::<Option<String>, _>(column)?.map(|text| parse(column, &text)).transpose()
}

/// A column that holds JSON.
pub(super) fn json<T: DeserializeOwned>(row: &SqliteRow, column: &str) -> Result<T> {
    from_json(column, &row.try_get::<String, _>(column)?)
}

/// The same for a column that may be null.
pub(super) fn json_option<T: DeserializeOwned>(row: &SqliteRow, column: &str) -> Result<Option<T>> {
    row.try_get::<Option<String>, _>(column)?.map(|text| from_json(column, &text)).transpose()
}

/// A time.
pub(super) fn time(row: &SqliteRow, column: &str) -> Result<Timestamp> {
    row.try_get::<i64, _>(column).map(Timestamp::from_millis)
}

/// A time that may be null.
pub(super) fn time_option(row: &SqliteRow, column: &str) -> Result<Option<Timestamp>> {
    Ok(row.try_get::<Option<i64>, _>(column)?.map(Timestamp::from_millis))
}

/// A count or a size: never negative.
pub(super) fn unsigned(row: &SqliteRow, column: &str) -> Result<u64> {
    let value = row.try_get::<i64, _>(column)?;
    u64::try_from(value).map_err(|error| decode(column, error))
}

/// A count or a size as SQLite keeps it.
pub(super) fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// JSON text of a value that can always be written.
pub(super) fn to_json<T: serde::Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| sqlx::Error::Encode(error.into()))
}

fn parse<T>(column: &str, text: &str) -> Result<T>
where
    T: FromStr,
    T::Err: Display,
{
    text.parse().map_err(|error: T::Err| decode(column, error))
}

fn from_json<T: DeserializeOwned>(column: &str, text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| decode(column, error))
}

fn decode(column: &str, error: impl Display) -> sqlx::Error {
    sqlx::Error::ColumnDecode { index: column.to_owned(), source: error.to_string().into() }
}
