//! Processing instructions, and the XML declaration that looks like one.

use super::chars::{first_bad_name_character, is_space, scan_name, skip_space, starts_name};
use super::document::Document;
use super::fault::{Fault, excerpt};
use super::handler::Handler;
use super::options::{NamespaceRules, OR_IGNORE_NAMESPACES};
use super::position::View;
use super::section::SectionKind;
use crate::conversion::error::Error;

const XML_DECLARATION: &str = "the XML declaration";

/// What the XML declaration of a document says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Declared {
    /// The encoding named, and the offset at which its name stands.
    pub(super) encoding: Option<(String, usize)>,
    /// Whether it says `standalone="yes"`.
    pub(super) standalone: bool,
}

impl Document {
    /// Reads `<?`. `None` if the text ends before the target of the instruction does.
    pub(super) fn instruction<H: Handler>(
        &mut self,
        handler: &mut H,
        text: &str,
        at: usize,
        view: View<'_>,
    ) -> Result<Option<usize>, Error> {
        let rules = self.options.namespace_rules;
        let target =
            read_target(self.within_limit(text, at), at, rules).map_err(|fault| self.lines.error(view, fault))?;
        match target {
            None => Ok(None),
            Some(end) => self.open_section(handler, SectionKind::Instruction, text, at, end, view).map(Some),
        }
    }
}

/// Reads `<?target` at `at` and answers where the target ends: before white space or `?>`.
fn read_target(text: &str, at: usize, rules: NamespaceRules) -> Result<Option<usize>, Fault> {
    let bytes = text.as_bytes();
    let start = at + 2;
    let scanned = scan_name(bytes, start);
    let Some(&after) = bytes.get(scanned.end) else { return Ok(None) };
    let target = &text[start..scanned.end];
    if !bytes.get(start).is_some_and(|&first| starts_name(first)) {
        return Err(Fault::malformed(at, "a name must follow <?, without white space before it"));
    }
    if scanned.needs_check()
        && let Some(bad) = first_bad_name_character(target)
    {
        return Err(Fault::malformed(start + bad, "this character cannot stand in a name"));
    }
    if target.eq_ignore_ascii_case("xml") {
        let detail = "an XML declaration stands at the very beginning of a document, in lower case, or not at all; \
                      remove this one or what stands before it";
        return Err(Fault::malformed(at, detail));
    }
    if scanned.has_colon() && !rules.allow_colon() {
        let name = excerpt(target);
        let detail =
            format!("the name {name} of a processing instruction holds a colon; rename it{OR_IGNORE_NAMESPACES}");
        return Err(Fault::malformed(at, detail));
    }
    match (after, bytes.get(scanned.end + 1)) {
        (b'?', None) => Ok(None),
        (b'?', Some(b'>')) => Ok(Some(scanned.end)),
        (space, _) if is_space(space) => Ok(Some(scanned.end)),
        _ => Err(Fault::malformed(
            scanned.end,
            "white space or ?> is missing after the name of a processing instruction",
        )),
    }
}

/// Reads the XML declaration with which `text` begins, and answers what it says and where it ends; `None` if the text ends
/// before it does.
pub(super) fn read_xml_declaration(text: &str) -> Result<Option<(Declared, usize)>, Fault> {
    let Some(close) = memchr::memmem::find(text.as_bytes(), b"?>") else { return Ok(None) };
    let mut fields = Fields { text: &text[..close], at: "<?xml".len() };
    let mut declared = Declared::default();

    let version = fields.next()?.filter(|field| field.name == "version");
    let Some(version) = version else {
        let detail = "the version is missing in the XML declaration; write version=\"1.0\" first";
        return Err(Fault::malformed("<?xml".len(), detail));
    };
    check_version(&version)?;
    let mut field = fields.next()?;
    if let Some(encoding) = field.take_if(|field| field.name == "encoding") {
        check_encoding_name(&encoding)?;
        declared.encoding = Some((encoding.value.to_owned(), encoding.at));
        field = fields.next()?;
    }
    if let Some(standalone) = field.take_if(|field| field.name == "standalone") {
        declared.standalone = match standalone.value {
            "yes" => true,
            "no" => false,
            _ => return Err(Fault::malformed(standalone.at, "standalone is either yes or no")),
        };
        field = fields.next()?;
    }
    match field {
        None => Ok(Some((declared, close + 2))),
        Some(field) => {
            let detail = format!(
                "{} cannot stand here; {XML_DECLARATION} holds version, encoding and standalone, in this order",
                excerpt(field.name)
            );
            Err(Fault::malformed(field.at, detail))
        }
    }
}

fn check_version(version: &Field<'_>) -> Result<(), Fault> {
    let minor = version.value.strip_prefix("1.").unwrap_or_default();
    if !minor.is_empty() && minor.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(());
    }
    Err(Fault::malformed(version.at, "the version of XML is 1.0; write version=\"1.0\""))
}

fn check_encoding_name(encoding: &Field<'_>) -> Result<(), Fault> {
    let mut bytes = encoding.value.bytes();
    let starts_well = bytes.next().is_some_and(|first| first.is_ascii_alphabetic());
    if starts_well && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)) {
        return Ok(());
    }
    Err(Fault::malformed(encoding.at, "this is not the name of an encoding; write for instance encoding=\"UTF-8\""))
}

/// One `name="value"` of the XML declaration.
struct Field<'a> {
    name: &'a str,
    value: &'a str,
    /// Offset of the value.
    at: usize,
}

struct Fields<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Fields<'a> {
    /// The next field, `None` at the end.
    fn next(&mut self) -> Result<Option<Field<'a>>, Fault> {
        let bytes = self.text.as_bytes();
        let start = skip_space(bytes, self.at);
        if start == bytes.len() {
            return Ok(None);
        }
        if start == self.at {
            return Err(Fault::malformed(self.at, "white space is missing in the XML declaration"));
        }
        let name_end = scan_name(bytes, start).end;
        let equals = skip_space(bytes, name_end);
        if name_end == start || bytes.get(equals) != Some(&b'=') {
            return Err(Fault::malformed(
                start,
                "the XML declaration holds fields like version=\"1.0\" only; this is none",
            ));
        }
        let open = skip_space(bytes, equals + 1);
        let Some(&quote @ (b'"' | b'\'')) = bytes.get(open) else {
            return Err(Fault::malformed(open, "a value in quotes is missing in the XML declaration"));
        };
        let value_start = open + 1;
        let Some(length) = memchr::memchr(quote, &bytes[value_start..]) else {
            return Err(Fault::malformed(open, "the closing quote is missing in the XML declaration"));
        };
        self.at = value_start + length + 1;
        let value = &self.text[value_start..value_start + length];
        Ok(Some(Field { name: &self.text[start..name_end], value, at: value_start }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: NamespaceRules = NamespaceRules::Apply;

    fn declared(text: &str) -> Result<Option<(Option<String>, bool, usize)>, Fault> {
        let found = read_xml_declaration(text)?;
        Ok(found.map(|(declared, end)| (declared.encoding.map(|(name, _)| name), declared.standalone, end)))
    }

    #[test]
    fn xml_declarations_are_read() {
        assert_eq!(declared("<?xml version='1.0'?>rest"), Ok(Some((None, false, 21))));
        let full = "<?xml\n version = \"1.1\"\tencoding='UTF-8' standalone='yes' ?>";
        assert_eq!(declared(full), Ok(Some((Some("UTF-8".to_owned()), true, full.len()))));
        assert_eq!(declared("<?xml version='1.0' standalone='no'"), Ok(None));
    }

    #[test]
    fn malformed_xml_declarations_are_faults() {
        for bad in [
            "",
            " ",
            " version='1.0",
            " version=1.0",
            " version='2.0'",
            " version='1.'",
            " version='1.0a'",
            " encoding='UTF-8'",
            " encoding='UTF-8' version='1.0'",
            " version='1.0'encoding='UTF-8'",
            " version='1.0' encoding=''",
            " version='1.0' encoding='-8'",
            " version='1.0' encoding='a b'",
            " version='1.0' standalone='yes' encoding='UTF-8'",
            " version='1.0' standalone='YES'",
            " version='1.0' version='1.0'",
            " version='1.0' other='x'",
            " version='1.0' ?",
            " VERSION='1.0'",
            " version '1.0'",
        ] {
            let text = format!("<?xml{bad}?>");
            assert!(declared(&text).is_err(), "{text}");
        }
    }

    #[test]
    fn targets_are_names_other_than_xml() {
        assert_eq!(read_target("<?a b?>", 0, RULES), Ok(Some(3)));
        assert_eq!(read_target("..<?a-b?>", 2, RULES), Ok(Some(7)));
        assert_eq!(read_target("<?xml-stylesheet href?>", 0, RULES), Ok(Some(16)));
        for part in ["<?", "<?a", "<?a?", "<?xm"] {
            assert_eq!(read_target(part, 0, RULES), Ok(None), "{part}");
        }
        for bad in ["<? a?>", "<??>", "<?1a?>", "<?xml?>", "<?XmL ?>", "<?a:b ?>", "<?a\"?>", "<?a?b?>", "<?a× ?>"] {
            assert!(read_target(bad, 0, RULES).is_err(), "{bad}");
        }
    }
}
