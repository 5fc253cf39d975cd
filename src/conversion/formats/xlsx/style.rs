//! The styles of cells: few, fixed, and told apart by how a value is to be shown.

use std::fmt::Write as _;

/// Decimals of a number that have a style of their own.
pub(super) const MOST_DECIMALS: u8 = 14;
/// The first number that a workbook may give to a number format of its own.
const FIRST_FORMAT: usize = 164;

/// How a cell shows its value. The place in [`Style::ALL`] order is what cells refer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// As the spreadsheet likes it.
    General,
    /// The cells of the first row.
    Header,
    /// A whole number, never as a power of ten.
    Whole,
    /// A day.
    Day,
    /// A moment with so many decimals of a second, 0 to 3.
    Moment(u8),
    /// A number with so many decimals, 1 to [`MOST_DECIMALS`].
    Fixed(u8),
}

impl Style {
    fn all() -> impl Iterator<Item = Self> {
        let named = [Self::General, Self::Header, Self::Whole, Self::Day];
        named.into_iter().chain((0..=3).map(Self::Moment)).chain((1..=MOST_DECIMALS).map(Self::Fixed))
    }

    /// The number by which a cell refers to the style.
    pub(super) fn number(self) -> u8 {
        match self {
            Self::General => 0,
            Self::Header => 1,
            Self::Whole => 2,
            Self::Day => 3,
            Self::Moment(decimals) => 4 + decimals,
            Self::Fixed(decimals) => 7 + decimals,
        }
    }

    fn format_code(self) -> Option<String> {
        let zeros = |count: u8| "0".repeat(usize::from(count));
        match self {
            Self::General | Self::Header => None,
            Self::Whole => Some("0".into()),
            Self::Day => Some(r"yyyy\-mm\-dd".into()),
            Self::Moment(0) => Some(r"yyyy\-mm\-dd\Thh:mm:ss".into()),
            Self::Moment(decimals) => Some(format!(r"yyyy\-mm\-dd\Thh:mm:ss.{}", zeros(decimals))),
            Self::Fixed(decimals) => Some(format!("0.{}", zeros(decimals))),
        }
    }
}

/// The part `xl/styles.xml`.
pub(super) fn styles_part() -> String {
    let (mut formats, mut cells) = (String::new(), String::new());
    let mut count = 0;
    for style in Style::all() {
        let format = match style.format_code() {
            None => 0,
            Some(code) => {
                let id = FIRST_FORMAT + count;
                count += 1;
                // Writing to a string cannot fail.
                let _ = write!(formats, r#"<numFmt numFmtId="{id}" formatCode="{code}"/>"#);
                id
            }
        };
        let font = u8::from(style == Style::Header);
        let _ = write!(
            cells,
            r#"<xf numFmtId="{format}" fontId="{font}" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>"#
        );
    }
    let styles = Style::all().count();
    format!(
        concat!(
            r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#,
            r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">"#,
            r#"<numFmts count="{count}">{formats}</numFmts>"#,
            r#"<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>"#,
            r#"<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>"#,
            r#"<fills count="2"><fill><patternFill patternType="none"/></fill>"#,
            r#"<fill><patternFill patternType="gray125"/></fill></fills>"#,
            r#"<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>"#,
            r#"<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>"#,
            r#"<cellXfs count="{styles}">{cells}</cellXfs>"#,
            r#"<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>"#,
            "</styleSheet>",
        ),
        count = count,
        formats = formats,
        styles = styles,
        cells = cells,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_are_numbered_in_the_order_in_which_they_stand() {
        for (place, style) in (0..).zip(Style::all()) {
            assert_eq!(style.number(), place, "{style:?}");
        }
    }

    #[test]
    fn the_part_is_well_formed_and_says_its_counts() {
        let part = styles_part();
        let document = roxmltree::Document::parse(&part).unwrap();
        for (list, item) in [("numFmts", "numFmt"), ("fonts", "font"), ("cellXfs", "xf")] {
            let list = document
                .descendants()
                .find(|node| node.has_tag_name(("http://schemas.openxmlformats.org/spreadsheetml/2006/main", list)));
            let list = list.unwrap();
            let items = list.children().filter(|node| node.tag_name().name() == item).count();
            assert_eq!(list.attribute("count"), Some(items.to_string().as_str()));
        }
    }
}
