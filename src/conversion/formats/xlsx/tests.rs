//! Workbooks read back by a reader that shares nothing with the writer.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};

use super::*;
use crate::conversion::error::Error;
use crate::conversion::error::ErrorCode;
use crate::conversion::limits::Limits;
use crate::conversion::options::Options;
use crate::conversion::plan::Plan;
use crate::conversion::shape::tests::shape_of;

fn table(document: &str) -> Table {
    let plan = Plan::new("G", &shape_of(document), &Options::default(), &Limits::default()).unwrap();
    plan.tables()[0].clone()
}

fn written(table: &Table, limits: SheetLimits, rows: &[Vec<Option<&str>>]) -> Xlsx<Cursor<Vec<u8>>> {
    let mut writer = XlsxWriter::new(table, limits, Vec::new()).unwrap();
    for row in rows {
        writer.cells(row.iter().copied()).unwrap();
    }
    let (bytes, _) = writer.finish().unwrap();
    Xlsx::new(Cursor::new(bytes)).unwrap()
}

fn numbered(count: usize) -> Vec<Vec<Option<&'static str>>> {
    const DIGITS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
    (0..count).map(|row| vec![Some(DIGITS[row % 10]), None]).collect()
}

fn two_columns() -> Table {
    table("<r><i><n>1</n><t>x</t></i><i><n>2</n></i></r>")
}

#[test]
fn a_table_goes_on_in_further_sheets_with_the_header_again() {
    let table = two_columns();
    let limits = SheetLimits { rows: 4, ..SheetLimits::default() };
    let mut workbook = written(&table, limits, &numbered(7));
    assert_eq!(workbook.sheet_names(), ["i", "i (2)", "i (3)"]);
    let mut values = Vec::new();
    for sheet in workbook.sheet_names() {
        let range = workbook.worksheet_range(&sheet).unwrap();
        assert_eq!(range.get_value((0, 0)), Some(&Data::String("n".into())), "{sheet}");
        values.extend(range.rows().skip(1).map(|row| row[0].to_string()));
    }
    assert_eq!(values, ["0", "1", "2", "3", "4", "5", "6"]);
}

#[test]
fn a_sheet_of_exactly_the_limit_is_the_only_one() {
    let limits = SheetLimits { rows: 4, ..SheetLimits::default() };
    assert_eq!(written(&two_columns(), limits, &numbered(3)).sheet_names(), ["i"]);
    assert_eq!(written(&two_columns(), limits, &numbered(4)).sheet_names(), ["i", "i (2)"]);
}

#[test]
fn a_sheet_does_not_outgrow_its_bytes() {
    let limits = SheetLimits { bytes: 100_000, ..SheetLimits::default() };
    let mut workbook = written(&two_columns(), limits, &numbered(10_000));
    let sheets = workbook.sheet_names();
    assert!(sheets.len() > 2, "{sheets:?}");
    let rows: usize = sheets.iter().map(|sheet| workbook.worksheet_range(sheet).unwrap().height() - 1).sum();
    assert_eq!(rows, 10_000);
}

#[test]
fn the_longest_cell_is_whole_and_a_longer_one_is_an_error() {
    let table = table("<r><i><a>x</a><b>y</b></i><i><a>x</a><b>y</b></i></r>");
    // Two units each: 16,383 of them and one more letter are the limit.
    for (fits, too_long) in
        [("x".repeat(CELL_UNITS), "x".repeat(CELL_UNITS + 1)), ("😀".repeat(16_383) + "y", "😀".repeat(16_384))]
    {
        let mut workbook = written(&table, SheetLimits::default(), &[vec![Some(&fits), None]]);
        let range = workbook.worksheet_range("i").unwrap();
        assert_eq!(range.get_value((1, 0)), Some(&Data::String(fits)));
        let mut writer = XlsxWriter::new(&table, SheetLimits::default(), Vec::new()).unwrap();
        let error = writer.cells([None, Some(too_long.as_str())].into_iter()).unwrap_err();
        let WriteError::Row(error) = error else { panic!("{error:?}") };
        assert_eq!(error.code, ErrorCode::CellTooLong);
        assert!(error.detail.contains("32768") && error.detail.contains("column b"), "{error}");
    }
}

#[test]
fn more_columns_than_a_sheet_has_are_refused() {
    let mut wide = two_columns();
    let column = wide.columns[0].clone();
    wide.columns =
        (0..16_384).map(|number| crate::conversion::Column { name: format!("c{number}"), ..column.clone() }).collect();
    assert!(XlsxWriter::new(&wide, SheetLimits::default(), Vec::new()).is_ok());
    wide.columns.push(column);
    let refused = XlsxWriter::new(&wide, SheetLimits::default(), Vec::new());
    assert!(matches!(refused, Err(WriteError::Row(Error { code: ErrorCode::TooManyColumns, .. }))));
}

#[test]
fn a_full_disk_is_an_error() {
    struct Full(usize);
    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 = self.0.checked_sub(bytes.len()).ok_or_else(|| std::io::Error::other("no room"))?;
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let rows = numbered(20_000);
    for room in [0, 1_000, 5_000, 20_000] {
        let mut outcome = XlsxWriter::new(&two_columns(), SheetLimits::default(), Full(room));
        if let Ok(writer) = &mut outcome {
            let failed = rows.iter().find_map(|row| writer.cells(row.iter().copied()).err());
            outcome = failed.map_or(outcome, Err);
        }
        let outcome = outcome.and_then(XlsxWriter::finish);
        let Err(WriteError::Output(error)) = outcome else { panic!("{room} bytes of room were enough") };
        assert_eq!(error.to_string(), "no room", "as the output said it");
    }
}

#[test]
#[ignore = "writes more than a million rows"]
fn a_real_sheet_is_full_at_1_048_576_rows() {
    let rows = numbered(1_048_576);
    let mut workbook = written(&two_columns(), SheetLimits::default(), &rows);
    assert_eq!(workbook.sheet_names(), ["i", "i (2)"]);
    assert_eq!(workbook.worksheet_range("i").unwrap().height(), 1_048_576);
    assert_eq!(workbook.worksheet_range("i (2)").unwrap().height(), 2);
}
