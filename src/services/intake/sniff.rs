//! Tells what a file is from its first bytes.

/// What the first bytes look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// Nothing at all.
    Empty,
    /// The first character after a byte order mark and white space is `<`.
    Xml,
    /// The signature of a ZIP archive, an empty or a split one included.
    Zip,
    /// Something else.
    Other,
}

const ZIP_SIGNATURES: [&[u8]; 3] = [b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"];

/// How the characters of the beginning are laid out; enough to find a `<`, not to decode the document.
#[derive(Clone, Copy)]
struct Layout {
    unit_bytes: usize,
    /// Which byte of a unit holds an ASCII character.
    ascii_at: usize,
}

/// Tells what a file is that starts with `prefix`, which should be some kilobytes unless the file is shorter.
pub(super) fn sniff(prefix: &[u8]) -> Content {
    if prefix.is_empty() {
        return Content::Empty;
    }
    if ZIP_SIGNATURES.iter().any(|signature| prefix.starts_with(signature)) {
        return Content::Zip;
    }
    let (layout, mark_bytes) = layout_of(prefix);
    let mut units = prefix[mark_bytes..].chunks_exact(layout.unit_bytes).map(|unit| ascii_of(unit, layout));
    match units.find(|unit| !matches!(unit, Some(b' ' | b'\t' | b'\r' | b'\n'))) {
        Some(Some(b'<')) => Content::Xml,
        _ => Content::Other,
    }
}

/// The layout, and how many bytes the byte order mark takes.
fn layout_of(prefix: &[u8]) -> (Layout, usize) {
    let layout = |unit_bytes, ascii_at| Layout { unit_bytes, ascii_at };
    match prefix {
        [0xEF, 0xBB, 0xBF, ..] => (layout(1, 0), 3),
        [0, 0, 0xFE, 0xFF, ..] => (layout(4, 3), 4),
        [0xFF, 0xFE, 0, 0, ..] => (layout(4, 0), 4),
        [0xFE, 0xFF, ..] => (layout(2, 1), 2),
        [0xFF, 0xFE, ..] => (layout(2, 0), 2),
        [0, 0, 0, 1..=255, ..] => (layout(4, 3), 0),
        [1..=255, 0, 0, 0, ..] => (layout(4, 0), 0),
        [0, 1..=255, ..] => (layout(2, 1), 0),
        [1..=255, 0, ..] => (layout(2, 0), 0),
        _ => (layout(1, 0), 0),
    }
}

fn ascii_of(unit: &[u8], layout: Layout) -> Option<u8> {
    let others_are_zero = unit.iter().enumerate().all(|(at, byte)| at == layout.ascii_at || *byte == 0);
    unit.get(layout.ascii_at).copied().filter(|_| others_are_zero)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(text: &str, big_endian_bytes: fn(u32) -> Vec<u8>) -> Vec<u8> {
        text.chars().flat_map(|c| big_endian_bytes(c.into())).collect()
    }

    #[test]
    fn xml_is_known_in_every_layout() {
        let layouts: [fn(u32) -> Vec<u8>; 5] = [
            |c| vec![c as u8],
            |c| (c as u16).to_be_bytes().to_vec(),
            |c| (c as u16).to_le_bytes().to_vec(),
            |c| c.to_be_bytes().to_vec(),
            |c| c.to_le_bytes().to_vec(),
        ];
        for layout in layouts {
            for text in ["<a/>", " \r\n\t<a/>"] {
                assert_eq!(sniff(&units(text, layout)), Content::Xml, "{text:?}");
            }
            assert_eq!(sniff(&units("a<b>", layout)), Content::Other);
            assert_eq!(sniff(&units("   ", layout)), Content::Other);
        }
        for layout in &layouts[1..] {
            assert_eq!(sniff(&units("\u{FEFF} <a/>", *layout)), Content::Xml);
        }
        assert_eq!(sniff("\u{FEFF}\n<a/>".as_bytes()), Content::Xml);
    }

    #[test]
    fn other_content_is_not_taken_for_xml() {
        assert_eq!(sniff(b""), Content::Empty);
        for other in [
            &b"{}"[..],
            b"\x89PNG\r\n",
            b"\0\0\0\0<",
            b"PK",
            b"\xFF\xFE",
            b"\xFF\xFE\x3C",
            b"%PDF-1.7\n<",
            b"\x3C\x01\x00",
        ] {
            let wanted = if other[0] == b'<' { Content::Xml } else { Content::Other };
            assert_eq!(sniff(other), wanted, "{other:?}");
        }
    }

    #[test]
    fn archives_are_known_by_their_signature() {
        for zip in [b"PK\x03\x04....", b"PK\x05\x06....", b"PK\x07\x08...."] {
            assert_eq!(sniff(zip), Content::Zip);
        }
        assert_eq!(sniff(b"PK\x01\x02"), Content::Other);
    }
}
