//! Every format, from the upload to the downloaded file, read back by a reader that shares nothing with the writer and compared
//! with the CSV cell by cell.

use std::io::Cursor;

use calamine::{Data, ExcelDateTime, Reader, Xlsx};
use serde_json::{Value, json};

use crate::harness::{Client, TestApp, samples};

/// A table's rows as the text of the document.
type Rows = Vec<Vec<String>>;

/// Documents of which every kind of value stands in some cell.
fn documents() -> Vec<u8> {
    samples::zip(&[
        ("VALUES/values.xml", include_bytes!("../data/formats/values.xml")),
        ("ORDERS/orders.xml", samples::ORDERS.as_bytes()),
        ("BOOKS/books.xml", samples::BOOKS.as_bytes()),
    ])
}

/// Converts everything; answers each table's report with its file.
async fn converted(client: &Client, request: Value) -> Vec<(Value, Vec<u8>)> {
    let job = client.convert(request).await;
    assert_eq!(job["state"], "succeeded", "{job}");
    let mut files = Vec::new();
    for table in job["result"]["tables"].as_array().unwrap() {
        let answer = client.get(&format!("/api/files/{}", table["path"].as_str().unwrap())).await.expect(200);
        assert_eq!(answer.body.len() as u64, table["bytes"].as_u64().unwrap());
        files.push((table.clone(), answer.body.to_vec()));
    }
    files
}

/// The rows of each table as CSV has them, header first.
async fn expected(client: &Client) -> Vec<Rows> {
    let read = |file: &[u8]| {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(file);
        reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
    };
    converted(client, json!({})).await.iter().map(|(_, file)| read(file)).collect()
}

async fn client_with_documents(app: &TestApp) -> Client {
    let client = app.user("ada").await;
    client.upload("all.zip", documents()).await.expect(201);
    client
}

/// Files are listed under their media type, described, packed and looked into, whatever their format.
async fn assert_served(client: &Client, files: &[(Value, Vec<u8>)], format: &str, content_type: &str) {
    let package = client.get("/api/files/output/datapackage.json").await.expect(200).json();
    let download = client.get("/api/download").await.expect(200);
    let mut archive = zip::ZipArchive::new(Cursor::new(download.body.to_vec())).unwrap();
    for (number, (table, file)) in files.iter().enumerate() {
        let path = table["path"].as_str().unwrap().strip_prefix("output/").unwrap();
        assert!(path.ends_with(&format!(".{format}")) && table["format"] == format, "{table}");
        let answer = client.get(&format!("/api/files/output/{path}")).await.expect(200);
        assert_eq!(answer.headers["content-type"], content_type);
        let resource = &package["resources"][number];
        assert_eq!((&resource["format"], &resource["path"]), (&json!(format), &json!(path)));
        assert_eq!(resource["mediatype"], content_type.split(';').next().unwrap());
        let mut packed = Vec::new();
        std::io::copy(&mut archive.by_name(path).unwrap(), &mut packed).unwrap();
        assert!(packed == *file, "{path} is packed as it is");
        let preview = client.get(&format!("/api/files/output/{path}?preview=2")).await.expect(200).json();
        assert_eq!(preview["columns"].as_array().unwrap().len(), table["columns"].as_array().unwrap().len());
        assert_eq!(preview["rows"].as_array().unwrap().len() as u64, table["rows"].as_u64().unwrap().min(2));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn json_lines_have_the_cells_of_csv() {
    let app = TestApp::start().await;
    let client = client_with_documents(&app).await;
    let expected = expected(&client).await;
    let files = converted(&client, json!({ "format": "jsonl" })).await;
    assert_served(&client, &files, "jsonl", "application/x-ndjson; charset=utf-8").await;
    assert_eq!(files.len(), expected.len());
    for ((table, file), expected) in files.iter().zip(expected) {
        let text = std::str::from_utf8(file).unwrap();
        let rows: Rows = text.lines().map(|line| json_row(line, &expected[0])).collect();
        assert_eq!(rows, expected[1..], "{table}");
    }
}

/// The members of an object in the order of the columns, numbers with the digits that stand in the line.
fn json_row(line: &str, columns: &[String]) -> Vec<String> {
    let members: std::collections::HashMap<String, Box<serde_json::value::RawValue>> =
        serde_json::from_str(line).unwrap();
    assert_eq!(members.len(), columns.len(), "{line}");
    let places: Vec<_> = columns.iter().map(|name| line.find(&format!("{}:", json!(name))).unwrap()).collect();
    assert!(places.is_sorted(), "members stand in the order of the columns: {line}");
    let text = |name: &String| match members[name].get() {
        "null" => String::new(),
        string if string.starts_with('"') => serde_json::from_str(string).unwrap(),
        verbatim => verbatim.to_owned(),
    };
    columns.iter().map(text).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn workbooks_show_the_cells_of_csv() {
    let app = TestApp::start().await;
    let client = client_with_documents(&app).await;
    let expected = expected(&client).await;
    let files = converted(&client, json!({ "format": "xlsx" })).await;
    let media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    assert_served(&client, &files, "xlsx", media_type).await;
    assert_eq!(files.len(), expected.len());
    let mut kinds = std::collections::BTreeSet::new();
    for ((table, file), expected) in files.iter().zip(expected) {
        let mut workbook = Xlsx::new(Cursor::new(file)).unwrap();
        assert_eq!(workbook.sheet_names(), [table["name"].as_str().unwrap()]);
        let range = workbook.worksheet_range_at(0).unwrap().unwrap();
        for (row, cells) in expected.iter().enumerate() {
            for (column, cell) in cells.iter().enumerate() {
                let place = (u32::try_from(row).unwrap(), u32::try_from(column).unwrap());
                let read = range.get_value(place).unwrap_or(&Data::Empty);
                kinds.insert(kind(read));
                assert_eq!(shown_like(read, cell), *cell, "row {row} of {table}: {read:?}");
            }
        }
        assert_eq!(range.get_size().1, expected[0].len());
    }
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), ["boolean", "empty", "moment", "number", "text"]);
}

fn kind(data: &Data) -> &'static str {
    match data {
        Data::Int(_) | Data::Float(_) => "number",
        Data::String(_) => "text",
        Data::Bool(_) => "boolean",
        Data::DateTime(_) => "moment",
        Data::Empty => "empty",
        other => panic!("{other:?} was never written"),
    }
}

/// A cell as text, in the form that the expected text has: so many decimals, a day alone or with a time.
fn shown_like(data: &Data, expected: &str) -> String {
    match data {
        Data::Float(number) => {
            let decimals = expected.split_once('.').map_or(0, |(_, decimals)| decimals.len());
            format!("{number:.decimals$}")
        }
        Data::DateTime(moment) => shown_moment(moment, expected),
        other => other.to_string(),
    }
}

fn shown_moment(moment: &ExcelDateTime, expected: &str) -> String {
    let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    if expected.len() == date.len() {
        return date;
    }
    let time = format!("{hour:02}:{minute:02}:{second:02}");
    let decimals = expected.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let fraction = if decimals == 0 { String::new() } else { format!(".{}", &format!("{milli:03}")[..decimals]) };
    format!("{date}T{time}{fraction}")
}

#[cfg(feature = "parquet")]
fn date_of(days: i32) -> String {
    let date = time::Date::from_julian_day(days + 2_440_588).unwrap();
    format!("{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day())
}

#[cfg(feature = "parquet")]
#[tokio::test(flavor = "multi_thread")]
async fn parquet_files_have_the_cells_of_csv() {
    use parquet::{
        file::reader::{FileReader, SerializedFileReader},
        record::Field,
    };

    let app = TestApp::start().await;
    let client = client_with_documents(&app).await;
    let expected = expected(&client).await;
    let files = converted(&client, json!({ "format": "parquet" })).await;
    assert_served(&client, &files, "parquet", "application/vnd.apache.parquet").await;
    let text = |field: &Field| match field {
        Field::Null => String::new(),
        Field::Str(text) => text.clone(),
        Field::Double(double) => double.to_string(),
        Field::Date(days) => date_of(*days),
        other => other.to_string(),
    };
    for ((table, file), expected) in files.iter().zip(expected) {
        let reader = SerializedFileReader::new(bytes::Bytes::from(file.clone())).unwrap();
        let rows = reader.get_row_iter(None).unwrap().map(Result::unwrap);
        let rows: Rows = rows.map(|row| row.get_column_iter().map(|(_, field)| text(field)).collect()).collect();
        assert_eq!(rows, expected[1..], "{table}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_no_workbook_can_hold_is_left_out_with_its_place() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let library = |length: usize| {
        format!(
            "<library>\n  <book><title>Emma</title></book>\n  <book><title>{}</title></book>\n</library>",
            "x".repeat(length)
        )
    };
    let (fits, too_long) = (library(32_767), library(32_768));
    let archive = samples::zip(&[("A/fits.xml", fits.as_bytes()), ("A/long.xml", too_long.as_bytes())]);
    client.upload("two.zip", archive).await.expect(201);
    let job = client.convert(json!({ "format": "xlsx" })).await;
    assert_eq!(job["state"], "succeeded", "{job}");
    assert_eq!(job["result"]["documents"], json!({ "converted": 1, "failed": 1 }));
    assert_eq!(job["result"]["rows"], 2);
    let error = &job["result"]["errors"][0];
    assert_eq!((error["file"].as_str(), error["code"].as_str()), (Some("two.zip/A/long.xml"), Some("cell_too_long")));
    assert_eq!((error["line"].as_u64(), error["column"].is_u64()), (Some(3), true), "{error}");
    assert!(error["detail"].as_str().unwrap().contains("32768 characters"), "{error}");
    let path = job["result"]["tables"][0]["path"].as_str().unwrap();
    let file = client.get(&format!("/api/files/{path}")).await.expect(200);
    let range = Xlsx::new(Cursor::new(file.body.to_vec())).unwrap().worksheet_range_at(0).unwrap().unwrap();
    let longest = range.rows().flatten().map(|cell| cell.to_string().len()).max();
    assert_eq!(longest, Some(32_767), "whole");

    let strict = client.convert(json!({ "format": "xlsx", "on_error": "fail" })).await;
    assert_eq!((strict["state"].as_str(), strict["error"]["code"].as_str()), (Some("failed"), Some("document_errors")));
    let csv = client.convert(json!({ "format": "csv" })).await;
    assert_eq!(csv["result"]["documents"], json!({ "converted": 2, "failed": 0 }), "other formats have no such limit");
    client.delete("/api/files/extracted/two.zip/A/fits.xml").await.expect(204);
    let none = client.convert(json!({ "format": "xlsx" })).await;
    assert_eq!(none["error"]["code"], "no_convertible_documents", "{none}");
}

#[tokio::test(flavor = "multi_thread")]
async fn running_text_and_joined_values_are_measured_too() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let prose = format!("<r><p>a <b>{}</b> c</p><p>short</p></r>", "x".repeat(40_000));
    let repeats = format!("<r><i>{}</i><i><v>1</v></i></r>", "<v>0123456789</v>".repeat(3_000));
    client.upload("prose.xml", &prose).await.expect(201);
    client.upload("repeats.xml", &repeats).await.expect(201);
    let job = client.convert(json!({ "format": "xlsx", "layout": "flat", "repeated": "join" })).await;
    let codes: Vec<_> = job["error"]["errors"].as_array().unwrap().iter().map(|error| error["code"].clone()).collect();
    assert_eq!(codes, ["cell_too_long", "cell_too_long"], "{job}");
    let job = client.convert(json!({ "format": "xlsx", "layout": "relational" })).await;
    assert_eq!(job["result"]["documents"], json!({ "converted": 1, "failed": 1 }), "the joined values alone fit");
}
