//! Tables as resources: `ret://tables/line`, and `ret://tables/line?offset=100&limit=50` for other rows.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use rmcp::model::{Resource, ResourceTemplate};
use serde_json::json;
use url::Url;

use crate::services::{
    agents::{MAX_ROWS_READ, ROWS_READ, RowsRead},
    conversions::TableReport,
};

/// Of every resource.
pub(super) const MEDIA_TYPE: &str = "application/json";

const ROOT: &str = "ret://tables";

/// All but the characters that mean nothing else anywhere in an address.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Rows of a table that a resource names.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) table: String,
    pub(super) offset: u64,
    pub(super) limit: u32,
}

/// Why an address names no rows.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Misread {
    /// It is not one of ours.
    Foreign,
    /// It names a table, and what of it in a way that is none.
    Parameter(String),
}

impl Place {
    pub(super) fn read(uri: &str) -> Result<Self, Misread> {
        let (table, url) = table_of(uri).ok_or(Misread::Foreign)?;
        let mut place = Self { table, offset: 0, limit: ROWS_READ };
        let refused = |what: String| Err(Misread::Parameter(what));
        for (name, value) in url.query_pairs() {
            match (&*name, value.parse::<u64>().ok()) {
                ("offset", Some(offset)) => place.offset = offset,
                ("offset", None) => return refused("offset: takes a whole number from 0".to_owned()),
                ("limit", limit) => match limit.and_then(|limit| u32::try_from(limit).ok()) {
                    Some(limit) if (1..=MAX_ROWS_READ).contains(&limit) => place.limit = limit,
                    _ => return refused(format!("limit: takes a whole number from 1 to {MAX_ROWS_READ}")),
                },
                _ => return refused(format!("{name}: there is no such parameter; there are offset and limit")),
            }
        }
        Ok(place)
    }

    fn uri(&self) -> String {
        format!("{}?offset={}&limit={}", uri_of(&self.table), self.offset, self.limit)
    }
}

/// The table that an address of ours names, and the address.
fn table_of(uri: &str) -> Option<(String, Url)> {
    let url = Url::parse(uri).ok()?;
    let is_ours = url.scheme() == "ret" && url.host_str() == Some("tables") && url.port().is_none();
    let mut segments = url.path_segments()?;
    let (name, None) = (segments.next()?, segments.next()) else { return None };
    let table = percent_decode_str(name).decode_utf8().ok()?.into_owned();
    (is_ours && !table.is_empty() && url.fragment().is_none()).then_some((table, url))
}

fn uri_of(table: &str) -> String {
    format!("{ROOT}/{}", utf8_percent_encode(table, ESCAPED))
}

pub(super) fn described(table: &TableReport) -> Resource {
    let limits = format!("reading gives the first {ROWS_READ} of {} rows as JSON, long cells cut", table.rows);
    Resource::new(uri_of(&table.name), &table.name)
        .with_description(format!("{} columns; {limits}", table.columns.len()))
        .with_mime_type(MEDIA_TYPE)
}

pub(super) fn template() -> ResourceTemplate {
    ResourceTemplate::new(format!("{ROOT}/{{table}}{{?offset,limit}}"), "rows of a table")
        .with_description(format!(
            "the rows after the first `offset`, at most `limit` ({ROWS_READ} if not given, {MAX_ROWS_READ} at most), as JSON"
        ))
        .with_mime_type(MEDIA_TYPE)
}

/// What reading gives, which says itself what of the table it is.
pub(super) fn text(read: &RowsRead, place: &Place) -> String {
    let RowsRead { table, rows, next } = read;
    let next = next.map(|offset| Place { table: table.name.clone(), offset, ..*place }.uri());
    let last = place.offset + rows.len() as u64;
    let shown = match (rows.is_empty(), &next) {
        (true, _) => format!("none of the {} rows", table.rows),
        (false, None) => format!("rows {} to {last} of {}", place.offset + 1, table.rows),
        (false, Some(_)) => {
            format!("rows {} to {last} of {}; the next ones are at `next`", place.offset + 1, table.rows)
        }
    };
    let columns: Vec<_> =
        table.columns.iter().map(|column| json!({ "name": column.name, "type": column.column_type })).collect();
    json!({
        "table": table.name, "shown": format!("{shown}; cells are cut after 2,000 characters"), "columns": columns, "rows": rows,
        "next": next,
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(table: &str, offset: u64, limit: u32) -> Result<Place, Misread> {
        Ok(Place { table: table.into(), offset, limit })
    }

    #[test]
    fn addresses_name_tables_and_rows() {
        assert_eq!(Place::read("ret://tables/line"), place("line", 0, ROWS_READ));
        assert_eq!(Place::read("ret://tables/line?offset=7&limit=50"), place("line", 7, 50));
        for name in ["a b", "ä/ö?#", "50%", "1+1=2&c", "x.y-z_~"] {
            assert_eq!(Place::read(&uri_of(name)), place(name, 0, ROWS_READ), "{}", uri_of(name));
            let other = place(name, 3, 9).unwrap();
            assert_eq!(Place::read(&other.uri()), Ok(other));
        }
    }

    #[test]
    fn other_addresses_name_nothing() {
        for uri in [
            "",
            "line",
            "file:///etc/passwd",
            "ret://tables",
            "ret://tables/",
            "ret://tables/a/b",
            "ret://other/line",
            "ret://tables:1/line",
            "ret://tables/line#x",
            "ret://tables/%ff",
        ] {
            assert_eq!(Place::read(uri), Err(Misread::Foreign), "{uri}");
        }
    }

    #[test]
    fn it_is_said_which_rows_can_be_asked_for() {
        for (asked, told) in [
            ("limit=0", "limit: takes a whole number from 1 to 1000"),
            ("limit=1001", "limit: takes a whole number from 1 to 1000"),
            ("limit=all", "limit: takes a whole number from 1 to 1000"),
            ("offset=-1", "offset: takes a whole number from 0"),
            ("sql=x", "sql: there is no such parameter; there are offset and limit"),
        ] {
            let read = Place::read(&format!("ret://tables/line?{asked}"));
            assert_eq!(read, Err(Misread::Parameter(told.to_owned())), "{asked}");
        }
    }
}
