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

impl Place {
    /// `None` if the address is not one of ours.
    pub(super) fn read(uri: &str) -> Option<Self> {
        let url = Url::parse(uri).ok()?;
        let is_ours = url.scheme() == "ret" && url.host_str() == Some("tables") && url.port().is_none();
        let mut segments = url.path_segments()?;
        let (name, None) = (segments.next()?, segments.next()) else { return None };
        let table = percent_decode_str(name).decode_utf8().ok()?.into_owned();
        if !is_ours || table.is_empty() || url.fragment().is_some() {
            return None;
        }
        let mut place = Self { table, offset: 0, limit: ROWS_READ };
        for (name, value) in url.query_pairs() {
            match &*name {
                "offset" => place.offset = value.parse().ok()?,
                "limit" => place.limit = value.parse().ok().filter(|limit| (1..=MAX_ROWS_READ).contains(limit))?,
                _ => return None,
            }
        }
        Some(place)
    }

    fn uri(&self) -> String {
        format!("{}?offset={}&limit={}", uri_of(&self.table), self.offset, self.limit)
    }
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

    fn place(table: &str, offset: u64, limit: u32) -> Option<Place> {
        Some(Place { table: table.into(), offset, limit })
    }

    #[test]
    fn addresses_name_tables_and_rows() {
        assert_eq!(Place::read("ret://tables/line"), place("line", 0, ROWS_READ));
        assert_eq!(Place::read("ret://tables/line?offset=7&limit=50"), place("line", 7, 50));
        for name in ["a b", "ä/ö?#", "50%", "1+1=2&c", "x.y-z_~"] {
            assert_eq!(Place::read(&uri_of(name)), place(name, 0, ROWS_READ), "{}", uri_of(name));
            let other = place(name, 3, 9).unwrap();
            assert_eq!(Place::read(&other.uri()), Some(other));
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
            "ret://tables/line?limit=0",
            "ret://tables/line?limit=1001",
            "ret://tables/line?offset=-1",
            "ret://tables/line?sql=x",
            "ret://tables/line#x",
            "ret://tables/%ff",
        ] {
            assert_eq!(Place::read(uri), None, "{uri}");
        }
    }
}
