//! The parts of a workbook beside its sheets.

use super::cell::push_escaped;

/// Parts that are the same in every workbook, by path. The first tells the type of every part: sheets by their extension, so that
/// their number need not be known when writing begins.
pub(super) const FIXED_PARTS: [(&str, &str); 2] = [
    (
        "[Content_Types].xml",
        concat!(
            r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#,
            r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">"#,
            r#"<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>"#,
            r#"<Default Extension="xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>"#,
            r#"<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>"#,
            r#"<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>"#,
            "</Types>",
        ),
    ),
    (
        "_rels/.rels",
        concat!(
            r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#,
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">"#,
            r#"<Relationship Id="rId1" Target="xl/workbook.xml" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/>"#,
            "</Relationships>",
        ),
    ),
];

/// What stands before the rows of a sheet: its first row stays in sight.
pub(super) const SHEET_START: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#,
    r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">"#,
    r#"<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>"#,
    "</sheetView></sheetViews><sheetData>",
);

/// What stands after the rows of a sheet.
pub(super) const SHEET_END: &str = "</sheetData></worksheet>";

/// The path of the n-th sheet's part, counted from 1.
pub(super) fn sheet_path(number: usize) -> String {
    format!("xl/worksheets/sheet{number}.xml")
}

/// The part `xl/workbook.xml`.
pub(super) fn workbook_part(sheets: &[String]) -> Vec<u8> {
    let start = concat!(
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#,
        r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main""#,
        r#" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">"#,
        "<bookViews><workbookView/></bookViews><sheets>",
    );
    let mut part = start.as_bytes().to_vec();
    for (number, name) in (1..).zip(sheets) {
        part.extend_from_slice(b"<sheet name=\"");
        push_escaped(name, &mut part);
        part.extend_from_slice(format!(r#"" sheetId="{number}" r:id="rId{number}"/>"#).as_bytes());
    }
    part.extend_from_slice(b"</sheets></workbook>");
    part
}

/// The part `xl/_rels/workbook.xml.rels`, for so many sheets.
pub(super) fn relationships_part(sheets: usize) -> String {
    const TYPES: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let sheet = |number| {
        format!(r#"<Relationship Id="rId{number}" Type="{TYPES}/worksheet" Target="worksheets/sheet{number}.xml"/>"#)
    };
    let all: String = (1..=sheets).map(sheet).collect();
    let styles = sheets + 1;
    format!(
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{all}<Relationship Id="rId{styles}" Type="{TYPES}/styles" Target="styles.xml"/></Relationships>"#
    )
}
