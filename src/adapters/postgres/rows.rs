//! From columns to domain types, and what the server does not take.

use std::{fmt::Display, str::FromStr};

use serde::de::DeserializeOwned;
use sqlx::{Row, postgres::PgRow};
use uuid::Uuid;

use crate::domain::Timestamp;

type Result<T> = std::result::Result<T, sqlx::Error>;

/// An id.
pub(super) fn id(row: &PgRow, column: &str) -> Result<Uuid> {
    row.try_get(column)
}

/// A column whose text is parsed: roles, states.
pub(super) fn parsed<T>(row: &PgRow, column: &str) -> Result<T>
where
    T: FromStr,
    T::Err: Display,
{
    row.try_get::<&str, _>(column)?.parse().map_err(|error: T::Err| decode(column, error))
}

/// A column that holds many of them.
pub(super) fn parsed_all<T, C>(row: &PgRow, column: &str) -> Result<C>
where
    T: FromStr,
    T::Err: Display,
    C: FromIterator<T>,
{
    let texts = row.try_get::<Vec<String>, _>(column)?;
    texts.iter().map(|text| text.parse().map_err(|error: T::Err| decode(column, error))).collect()
}

/// A column that holds JSON.
pub(super) fn json<T: DeserializeOwned>(row: &PgRow, column: &str) -> Result<T> {
    from_json(column, row.try_get(column)?)
}

/// The same for a column that may be null.
pub(super) fn json_option<T: DeserializeOwned>(row: &PgRow, column: &str) -> Result<Option<T>> {
    row.try_get::<Option<&str>, _>(column)?.map(|text| from_json(column, text)).transpose()
}

/// A time.
pub(super) fn time(row: &PgRow, column: &str) -> Result<Timestamp> {
    row.try_get::<i64, _>(column).map(Timestamp::from_millis)
}

/// A time that may be null.
pub(super) fn time_option(row: &PgRow, column: &str) -> Result<Option<Timestamp>> {
    Ok(row.try_get::<Option<i64>, _>(column)?.map(Timestamp::from_millis))
}

/// A count or a size: never negative.
pub(super) fn unsigned<T: TryFrom<i64, Error: Display>>(row: &PgRow, column: &str) -> Result<T> {
    T::try_from(row.try_get::<i64, _>(column)?).map_err(|error| decode(column, error))
}

/// A count or a size that may be null.
pub(super) fn unsigned_option(row: &PgRow, column: &str) -> Result<Option<u64>> {
    let value = row.try_get::<Option<i64>, _>(column)?;
    value.map(|value| u64::try_from(value).map_err(|error| decode(column, error))).transpose()
}

/// A count or a size as the server keeps it.
pub(super) fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// JSON text of a value that can always be written. A NUL character is an escape in it.
pub(super) fn to_json<T: serde::Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| sqlx::Error::Encode(error.into()))
}

/// Whether the server takes the text: it refuses a NUL character. What is looked up by such a text is not there.
pub(super) fn is_storable(text: &str) -> bool {
    !text.contains('\0')
}

/// The text up to where the server would refuse it. No stored text lies between the two, so a list goes on after both at the same place.
pub(super) fn storable_part(text: &str) -> &str {
    text.split('\0').next().unwrap_or_default()
}

fn from_json<T: DeserializeOwned>(column: &str, text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| decode(column, error))
}

fn decode(column: &str, error: impl Display) -> sqlx::Error {
    sqlx::Error::ColumnDecode { index: column.to_owned(), source: error.to_string().into() }
}
