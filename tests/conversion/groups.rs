//! Several documents, one set of tables.

use ret::conversion::{Layout, Options};

use super::convert;

fn relational() -> Options {
    Options { layout: Layout::Relational, ..Options::default() }
}

#[test]
fn a_path_that_repeats_in_one_document_is_a_table_for_all() {
    let converted = convert(&["<r a='1'><i>x</i></r>", "<r a='2'><i>y</i><i>z</i></r>"], &relational());
    assert_eq!(converted.csv("r"), "_id,_document,a\n1,0.xml,1\n2,1.xml,2\n");
    assert_eq!(converted.csv("i"), "_id,_parent,_ord,_document,i\n1,1,1,0.xml,x\n2,2,1,1.xml,y\n3,2,2,1.xml,z\n");
}

#[test]
fn a_path_that_is_prose_in_one_document_is_prose_for_all() {
    let converted = convert(&["<r><p>a<b>x</b></p><q/></r>", "<r><p>a<b>x</b>c</p></r>"], &relational());
    assert_eq!(converted.csv("r"), "_id,_document,p,q\n1,0.xml,ax,\n2,1.xml,axc,\n");
}

#[test]
fn flat_rows_tell_their_document() {
    let options = Options { layout: Layout::Flat, ..Options::default() };
    let converted = convert(&["<r><i><a>1</a></i></r>", "<r><i><a>2</a></i><i><a>3</a></i></r>"], &options);
    assert_eq!(converted.csv("i"), "_document,a\n0.xml,1\n1.xml,2\n1.xml,3\n");
}
