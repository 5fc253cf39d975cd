//! Writes a document for measuring to the standard output: `cargo run --release --example corpora -- flat 10 > flat.xml`
//! makes 10 MB. Kinds: flat, nested, attributes, text, paths, long-text, deep.

#![expect(clippy::print_stderr, reason = "an example is a program of its own")]

use std::{env, io, process::ExitCode};

#[path = "../tests/figures/documents.rs"]
mod documents;

use documents::Kind;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [kind, megabytes] = arguments.as_slice() else { return usage() };
    let (Some(kind), Ok(megabytes)) = (named(kind), megabytes.parse::<u64>()) else { return usage() };
    match kind.write(megabytes * 1_000_000, &mut io::stdout().lock()) {
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the document could not be written: {error}");
            ExitCode::FAILURE
        }
    }
}

fn named(kind: &str) -> Option<Kind> {
    Some(match kind {
        "flat" => Kind::Flat,
        "nested" => Kind::Nested,
        "attributes" => Kind::Attributes,
        "text" => Kind::Text,
        "paths" => Kind::Paths,
        "long-text" => Kind::LongText,
        "deep" => Kind::Deep,
        _ => return None,
    })
}

fn usage() -> ExitCode {
    eprintln!("usage: corpora flat|nested|attributes|text|paths|long-text|deep MEGABYTES");
    ExitCode::from(2)
}
