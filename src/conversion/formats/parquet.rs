//! Rows as Apache Parquet. Every column has the narrowest type that gives back the very text of the document, else it is text:
//! moments are text because a cell may have a time zone and the one below it none.

use std::io::{self, Write};
use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{Type, TypePtr};

use super::WriteError;
use super::xlsx::days_since_1899_12_30;
use crate::conversion::emit::Row;
use crate::conversion::error::{Error, ErrorCode};
use crate::conversion::plan::{Column, Table};
use crate::conversion::shape::{ColumnType, date, number};

/// Digits of a decimal that 64 bits hold.
const PRECISION: i32 = 18;
/// The smallest number with more.
const BEYOND: u64 = 1_000_000_000_000_000_000;
/// 1970-01-01, counted as spreadsheets count.
const EPOCH: i32 = 25_569;

/// Writes one table as a Parquet file. Rows are held, typed, until there are enough for a row group.
pub struct ParquetWriter<W: Write + Send> {
    file: SerializedFileWriter<Slot<W>>,
    columns: Vec<Values>,
    names: Vec<String>,
    row_group_bytes: usize,
    /// Bytes of the rows held.
    bytes: usize,
}

/// The values of one column of the rows held, and for each row whether there is one.
struct Values {
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

impl<W: Write + Send> ParquetWriter<W> {
    /// Begins the file of a table; a row group is written when its rows hold so many bytes.
    ///
    /// # Errors
    /// Failures of `out`.
    pub fn new(table: &Table, row_group_bytes: usize, out: W) -> Result<Self, WriteError> {
        let columns: Vec<_> = table.columns.iter().map(Values::new).collect();
        let fields = table.columns.iter().zip(&columns).map(|(column, values)| values.typed.field(&column.name));
        let fields = fields.collect::<Result<Vec<_>, _>>().map_err(failure)?;
        let schema = Type::group_type_builder("row").with_fields(fields).build().map_err(failure)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_created_by("ret".to_owned())
            .build();
        let file =
            SerializedFileWriter::new(Slot(Some(out)), Arc::new(schema), Arc::new(properties)).map_err(failure)?;
        let names = table.columns.iter().map(|column| column.name.clone()).collect();
        Ok(Self { file, columns, names, row_group_bytes, bytes: 0 })
    }

    /// Writes a row.
    ///
    /// # Errors
    /// `shape_mismatch` for a value that its column's type does not give back; failures of the output. The writer is spent then.
    pub fn row(&mut self, row: Row<'_>) -> Result<(), WriteError> {
        self.cells(row.cells())
    }

    fn cells<'a>(&mut self, cells: impl Iterator<Item = Option<&'a str>>) -> Result<(), WriteError> {
        for (place, (values, cell)) in self.columns.iter_mut().zip(cells).enumerate() {
            let held = values.push(cell);
            self.bytes += held.ok_or_else(|| unexpected(&self.names[place], cell.unwrap_or_default()))?;
        }
        if self.bytes >= self.row_group_bytes { self.flush() } else { Ok(()) }
    }

    /// Completes the file and gives the output back.
    ///
    /// # Errors
    /// Failures of the output.
    pub fn finish(mut self) -> Result<W, WriteError> {
        self.flush()?;
        self.file.finish().map_err(failure)?;
        let out = self.file.inner_mut().0.take();
        out.ok_or_else(|| io::Error::other("the output was given back before").into())
    }

    fn flush(&mut self) -> Result<(), WriteError> {
        self.bytes = 0;
        if self.columns.first().is_none_or(|first| first.present.is_empty()) {
            return Ok(());
        }
        let mut group = self.file.next_row_group().map_err(failure)?;
        for values in &mut self.columns {
            if let Some(column) = group.next_column().map_err(failure)? {
                values.write(column).map_err(failure)?;
            }
        }
        group.close().map(drop).map_err(|error| failure(error).into())
    }
}

impl<W: Write + Send> std::fmt::Debug for ParquetWriter<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ParquetWriter").finish_non_exhaustive()
    }
}

impl Values {
    fn new(column: &Column) -> Self {
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
    fn push(&mut self, cell: Option<&str>) -> Option<usize> {
        // There is no empty number.
        let cell = cell.filter(|value| !value.is_empty() || matches!(self.typed, Typed::Texts(..)));
        self.present.push(i16::from(cell.is_some()));
        let held = size_of::<i16>();
        cell.map_or(Some(held), |value| Some(self.typed.push(value)? + held))
    }

    /// Writes the values held, and holds none.
    fn write(&mut self, mut column: SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
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

/// The scan saw other values than there are.
fn unexpected(column: &str, value: &str) -> Error {
    let shown: String = value.chars().take(40).collect();
    let detail = format!(
        "the column {column} has a value of another type than when the document was scanned, '{shown}'; upload it again"
    );
    Error::new(ErrorCode::ShapeMismatch, detail)
}

/// The failure of the output itself where there is one: callers look into it.
fn failure(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(cause) => match cause.downcast::<io::Error>() {
            Ok(cause) => *cause,
            Err(cause) => io::Error::other(cause),
        },
        other => io::Error::other(other),
    }
}

/// The output, to be taken out again.
struct Slot<W>(Option<W>);

impl<W: Write> Write for Slot<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.as_mut().map_or(Ok(bytes.len()), |out| out.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.as_mut().map_or(Ok(()), Write::flush)
    }
}

#[cfg(test)]
mod tests {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field;

    use super::*;
    use crate::conversion::limits::Limits;
    use crate::conversion::options::Options;
    use crate::conversion::plan::Plan;
    use crate::conversion::shape::tests::shape_of;

    fn table(document: &str) -> Table {
        let plan = Plan::new("G", &shape_of(document), &Options::default(), &Limits::default()).unwrap();
        plan.tables()[0].clone()
    }

    fn one_of_each() -> Table {
        table(
            "<r><i n='-5' price='1.50' ratio='0.5' ok='true' day='0001-01-01' at='2024-01-01T00:00:00Z' t='x'/>\
             <i n='7' price='20.00' ratio='12.25' ok='false' day='2024-02-29' at='2024-01-01T00:00:00' t=''/></r>",
        )
    }

    fn written(table: &Table, row_group_bytes: usize, rows: &[Vec<Option<&str>>]) -> SerializedFileReader<Bytes> {
        let mut writer = ParquetWriter::new(table, row_group_bytes, Vec::new()).unwrap();
        for row in rows {
            writer.cells(row.iter().copied()).unwrap();
        }
        SerializedFileReader::new(Bytes::from(writer.finish().unwrap())).unwrap()
    }

    fn read(reader: &SerializedFileReader<Bytes>) -> Vec<Vec<Option<String>>> {
        let shown = |field: &Field| match field {
            Field::Null => None,
            Field::Str(text) => Some(text.clone()),
            Field::Double(double) => Some(double.to_string()),
            Field::Date(days) => Some(format!("day {days}")),
            other => Some(other.to_string()),
        };
        let rows = reader.get_row_iter(None).unwrap().map(Result::unwrap);
        rows.map(|row| row.get_column_iter().map(|(_, field)| shown(field)).collect()).collect()
    }

    #[test]
    fn every_type_gives_its_text_back() {
        let moment = "2024-01-01T00:00:00+01:00";
        let full =
            vec![Some("-5"), Some("1.50"), Some("0.5"), Some("true"), Some("1969-12-31"), Some(moment), Some("é")];
        let empty = vec![Some(""); 7];
        let none = vec![None; 7];
        let reader = written(&one_of_each(), usize::MAX, &[full, empty, none]);
        let text = |text: &str| Some(text.to_owned());
        let expected = [text("-5"), text("1.50"), text("0.5"), text("true"), text("day -1"), text(moment), text("é")];
        let rows = read(&reader);
        assert_eq!(rows[0], expected);
        assert_eq!(rows[1], [None, None, None, None, None, text(""), text("")], "there is no empty number");
        assert_eq!(rows[2], vec![None; 7]);
    }

    #[test]
    fn rows_go_out_in_groups() {
        let rows: Vec<_> = (0..1_000).map(|_| vec![Some("1"), None, None, None, None, None, Some("text")]).collect();
        let reader = written(&one_of_each(), 10_000, &rows);
        assert!(reader.num_row_groups() > 5, "{}", reader.num_row_groups());
        assert_eq!(read(&reader).len(), 1_000);
        assert_eq!(written(&one_of_each(), 10_000, &[]).metadata().file_metadata().num_rows(), 0);
    }

    #[test]
    fn a_value_that_would_not_come_back_is_an_error() {
        for (place, value) in [(0, "007"), (0, "1.5"), (1, "1.5"), (1, "1e5"), (2, "0.50"), (3, "1"), (4, "2024-02-30")]
        {
            let mut row = vec![None; 7];
            row[place] = Some(value);
            let mut writer = ParquetWriter::new(&one_of_each(), usize::MAX, Vec::new()).unwrap();
            let error = writer.cells(row.into_iter()).unwrap_err();
            let WriteError::Row(error) = error else { panic!("{error:?}") };
            assert_eq!(error.code, ErrorCode::ShapeMismatch, "{value}");
        }
    }
}
