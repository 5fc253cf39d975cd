//! Judges many documents quickly, for comparison with other parsers (see `scripts/compare-libxml2`).
//!
//! Standard input: for each document its length, four bytes with the least significant first, and its bytes. Standard output: a line
//! for each, `accepted`, or the code, the line, the column and the detail of the error, separated by tabs. With the argument
//! `skip`, external entities are skipped; with `ignore`, names do not follow Namespaces in XML.

use std::io::{self, BufWriter, Read as _, Write as _};

use ret::conversion::xml::{Handler, Locate, Parser, StartTag};
use ret::conversion::{Error, ExternalEntities, Limits, NamespaceRules, ParserOptions};

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let given = |word: &str| arguments.iter().any(|argument| argument == word);
    let options = ParserOptions {
        external_entities: if given("skip") { ExternalEntities::Skip } else { ExternalEntities::Refuse },
        namespace_rules: if given("ignore") { NamespaceRules::Ignore } else { NamespaceRules::Apply },
    };
    let mut input = io::stdin().lock();
    let mut output = BufWriter::new(io::stdout().lock());
    let mut length = [0; 4];
    while input.read(&mut length[..1])? == 1 {
        input.read_exact(&mut length[1..])?;
        let mut document = vec![0; u32::from_le_bytes(length) as usize];
        input.read_exact(&mut document)?;
        match parse(&document, options) {
            Ok(()) => writeln!(output, "accepted")?,
            Err(Error { code, position, detail }) => {
                let position = position.unwrap_or_default();
                let detail = detail.replace(['\n', '\r', '\t'], " ");
                writeln!(output, "{code}\t{}\t{}\t{detail}", position.line, position.column)?;
            }
        }
    }
    output.flush()
}

fn parse(document: &[u8], options: ParserOptions) -> Result<(), Error> {
    let mut parser = Parser::with_options(Ignored, &Limits::default(), options);
    parser.feed(document)?;
    parser.finish().map(drop)
}

struct Ignored;

impl Handler for Ignored {
    fn start(&mut self, _: &StartTag<'_>, _: &dyn Locate) -> Result<(), Error> {
        Ok(())
    }
    fn text(&mut self, _: &str, _: &dyn Locate) -> Result<(), Error> {
        Ok(())
    }
    fn end(&mut self, _: &dyn Locate) -> Result<(), Error> {
        Ok(())
    }
}
