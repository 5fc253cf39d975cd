//! The values of one column, held until they are written.

use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{LogicalType, Repetition, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::writer::SerializedColumnWriter;
use parquet::schema::types::{Type, TypePtr};

use crate::conversion::formats::xlsx::days_since_1899_12_30;
use crate::conversion::plan::Column;
use crate::conversion::shape::{ColumnType, date, number};

/// Digits of a decimal that 64 bits hold.
const PRECISION: i32 = 18;
/// The smallest number with more.
const BEYOND: u64 = 1_000_000_000_000_000_000;
/// 1970-01-01, counted as spreadsheets count.
const EPOCH: i32 = 25_569;

/// The values of one column of the rows held, and for each row whether there is one.
pub(super) struct Values {
    present: Vec<i16>,
    typed: Typed,
}

enum Typed {
    Integers(Vec<i64>),
    /// Numbers with so many decimals, without their point.
    Decimals(Vec<i64>, u8),
    Doubles(Vec<f64>),
    Booleans(Vec<bool>),
    Days(Vec<i32>),
    /// Texts one after the other, and where each ends.
    Texts(Vec<u8>, Vec<usize>),
}

impl Values {
    pub(super) fn new(column: &Column) -> Self {
        let typed = match (column.column_type, column.decimals) {
            (ColumnType::Integer, _) => Typed::Integers(Vec::new()),
            (ColumnType::Decimal, Some(decimals)) => Typed::Decimals(Vec::new(), decimals),
            (ColumnType::Decimal, None) => Typed::Doubles(Vec::new()),
            (ColumnType::Boolean, _) => Typed::Booleans(Vec::new()),
            (ColumnType::Date, _) => Typed::Days(Vec::new()),
            (ColumnType::DateTime | ColumnType::Time | ColumnType::Text, _) => Typed::Texts(Vec::new(), Vec::new()),
        };
        Self { present: Vec::new(), typed }
    }

    /// Adds a cell; answers the bytes it takes, or `None` for a value that does not fit.
    pub(super) fn push(&mut self, cell: Option<&str>) -> Option<usize> {
        // There is no empty number.
        let cell = cell.filter(|value| !value.is_empty() || matches!(self.typed, Typed::Texts(..)));
        self.present.push(i16::from(cell.is_some()));
        let held = size_of::<i16>();
        cell.map_or(Some(held), |value| Some(self.typed.push(value)? + held))
    }

    /// Whether no rows are held.
    pub(super) fn is_empty(&self) -> bool {
        self.present.is_empty()
    }

    /// The column in the schema of the file.
    pub(super) fn field(&self, name: &str) -> Result<TypePtr, ParquetError> {
        self.typed.field(name)
    }

    /// Writes the values held, and holds none.
    pub(super) fn write(&mut self, mut column: SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        let present = &self.present;
        match &mut self.typed {
            Typed::Integers(values) | Typed::Decimals(values, _) => write::<Int64Type>(&mut column, values, present)?,
            Typed::Doubles(values) => write::<DoubleType>(&mut column, values, present)?,
            Typed::Booleans(values) => write::<BoolType>(&mut column, values, present)?,
            Typed::Days(values) => write::<Int32Type>(&mut column, values, present)?,
            Typed::Texts(bytes, ends) => {
                let all = Bytes::from(std::mem::take(bytes));
                let mut start = 0;
                let next = |end: usize| ByteArray::from(all.slice(std::mem::replace(&mut start, end)..end));
                let mut texts = ends.drain(..).map(next).collect();
                write::<ByteArrayType>(&mut column, &mut texts, present)?;
            }
        }
        self.present.clear();
        column.close()
    }
}

fn write<T: DataType>(
    column: &mut SerializedColumnWriter<'_>,
    values: &mut Vec<T::T>,
    present: &[i16],
) -> Result<(), ParquetError> {
    column.typed::<T>().write_batch(values, Some(present), None)?;
    values.clear();
    Ok(())
}

impl Typed {
    fn field(&self, name: &str) -> Result<TypePtr, ParquetError> {
        let (physical, logical) = match self {
            Self::Integers(_) => (Physical::INT64, None),
            Self::Decimals(_, decimals) => {
                (Physical::INT64, Some(LogicalType::decimal(i32::from(*decimals), PRECISION)))
            }
            Self::Doubles(_) => (Physical::DOUBLE, None),
            Self::Booleans(_) => (Physical::BOOLEAN, None),
            Self::Days(_) => (Physical::INT32, Some(LogicalType::Date)),
            Self::Texts(..) => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        };
        let field = Type::primitive_type_builder(name, physical).with_repetition(Repetition::OPTIONAL);
        let field = match self {
            Self::Decimals(_, decimals) => field.with_precision(PRECISION).with_scale(i32::from(*decimals)),
            _ => field,
        };
        Ok(Arc::new(field.with_logical_type(logical).build()?))
    }

    /// Adds a value and answers its bytes; `None` if it would not come back the same.
    fn push(&mut self, value: &str) -> Option<usize> {
        match self {
            Self::Integers(values) => {
                number(value.as_bytes()).filter(|decimals| *decimals == 0)?;
                values.push(value.parse().ok()?);
                Some(size_of::<i64>())
            }
            Self::Decimals(values, wanted) => {
                number(value.as_bytes()).filter(|decimals| decimals == wanted)?;
                let digits: String = value.chars().filter(|c| *c != '.').collect();
                let scaled: i64 = digits.parse().ok()?;
                values.push(Some(scaled).filter(|scaled| scaled.unsigned_abs() < BEYOND)?);
                Some(size_of::<i64>())
            }
            Self::Doubles(values) => {
                number(value.as_bytes())?;
                let double: f64 = value.parse().ok()?;
                values.push(Some(double).filter(|double| double.to_string() == value)?);
                Some(size_of::<f64>())
            }
            Self::Booleans(values) => {
                values.push(match value {
                    "true" => true,
                    "false" => false,
                    _ => return None,
                });
                Some(size_of::<bool>())
            }
            Self::Days(values) => {
                values.push(day(value)?);
                Some(size_of::<i32>())
            }
            Self::Texts(bytes, ends) => {
                bytes.extend_from_slice(value.as_bytes());
                ends.push(bytes.len());
                Some(value.len() + size_of::<usize>() + size_of::<ByteArray>())
            }
        }
    }
}

/// Days since 1970-01-01.
fn day(value: &str) -> Option<i32> {
    if !date(value.as_bytes()) {
        return None;
    }
    let part = |range: std::ops::Range<usize>| value.get(range)?.parse().ok();
    Some(days_since_1899_12_30(part(0..4)?, part(5..7)?, part(8..10)?) - EPOCH)
}
