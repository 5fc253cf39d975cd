//! Parquet files read back, cell by cell.

use bytes::Bytes;
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
    let full = vec![Some("-5"), Some("1.50"), Some("0.5"), Some("true"), Some("1969-12-31"), Some(moment), Some("é")];
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
    for (place, value) in [(0, "007"), (0, "1.5"), (1, "1.5"), (1, "1e5"), (2, "0.50"), (3, "1"), (4, "2024-02-30")] {
        let mut row = vec![None; 7];
        row[place] = Some(value);
        let mut writer = ParquetWriter::new(&one_of_each(), usize::MAX, Vec::new()).unwrap();
        let error = writer.cells(row.into_iter()).unwrap_err();
        let WriteError::Row(error) = error else { panic!("{error:?}") };
        assert_eq!(error.code, ErrorCode::ShapeMismatch, "{value}");
    }
}
