//! The documents in `tests/data/xml`: those that are well-formed convert, the others are refused with the code that begins their name.

use std::path::{Path, PathBuf};

use ret::conversion::{Limits, Scanner};

fn documents(folder: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/xml").join(folder);
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut documents: Vec<_> = entries.map(|path| (path.clone(), std::fs::read(path).unwrap())).collect();
    documents.sort();
    documents
}

/// `accepted`, or the code of the error.
fn verdict(document: &[u8], chunk: usize) -> String {
    // A smaller budget than by default: the documents that go beyond it do so soon.
    let limits = Limits { entity_bytes: 64 << 10, ..Limits::default() };
    let mut scanner = Scanner::new(&limits);
    let fed = document.chunks(chunk).try_for_each(|piece| scanner.feed(piece));
    fed.and_then(|()| scanner.finish()).map_or_else(|error| error.code.to_string(), |_| "accepted".to_owned())
}

#[test]
fn well_formed_documents_are_accepted() {
    let documents = documents("wellformed");
    assert!(documents.len() > 10);
    for (path, document) in documents {
        for chunk in [1, 1_000_000] {
            assert_eq!(verdict(&document, chunk), "accepted", "{} by {chunk}", path.display());
        }
    }
}

#[test]
fn other_documents_are_refused_with_the_code_in_their_name() {
    let documents = documents("refused");
    assert!(documents.len() > 50);
    for (path, document) in documents {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let code = name.split('-').next().unwrap();
        for chunk in [1, 1_000_000] {
            assert_eq!(verdict(&document, chunk), code, "{} by {chunk}", path.display());
        }
    }
}
