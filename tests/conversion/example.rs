//! The example of the engine's documentation, run.

#[path = "../../examples/convert.rs"]
#[expect(dead_code, reason = "a test calls what its main function calls")]
mod convert;

use super::LIBRARY;

#[test]
fn the_example_writes_tables_and_their_description() {
    let folder = tempfile::tempdir().unwrap();
    let (document, tables) = (folder.path().join("library.xml"), folder.path().join("tables"));
    std::fs::write(&document, LIBRARY).unwrap();
    convert::convert(&document, &tables).unwrap();
    let read = |name: &str| std::fs::read_to_string(tables.join(name)).unwrap();
    assert_eq!(read("book.csv"), "_id,_ord,id,title\n1,1,1,Emma\n2,2,2,Good Omens\n");
    assert_eq!(
        read("author.csv"),
        "_id,_parent,_ord,author\n1,1,1,Jane Austen\n2,2,1,Terry Pratchett\n3,2,2,Neil Gaiman\n"
    );
    let package: serde_json::Value = serde_json::from_str(&read("datapackage.json")).unwrap();
    assert_eq!(package["resources"][1]["bytes"], read("author.csv").len());
    assert_eq!(package["resources"][1]["schema"]["foreignKeys"][0]["reference"]["resource"], "book");
}

#[test]
fn the_example_tells_where_a_document_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let document = folder.path().join("bad.xml");
    std::fs::write(&document, "<library>\n<book></library>").unwrap();
    let error = convert::convert(&document, &folder.path().join("tables")).unwrap_err();
    assert!(error.to_string().starts_with("line 2, column 7: "), "{error}");
}
