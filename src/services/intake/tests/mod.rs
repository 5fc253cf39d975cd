//! One test for each way in which an upload can be wrong, and for what has to work beside it.

mod archives;
mod entries;
mod walks;

use std::{fmt, path::Path};

use RejectCode as Code;

use super::{
    fixture::{
        Collected, Member, archive, deflated, end_record, file, finish, rejections, stored, walk_into, walk_upload,
        walk_within,
    },
    *,
};

const XML: &[u8] = b"<a>1</a>";

fn good(name: &str) -> Member {
    deflated(name, XML)
}

/// An archive of one member and a good one, which is the only one that must come through.
#[track_caller]
fn check_bad_member(bad: Member, code: Code) {
    let name = String::from_utf8_lossy(&bad.name).into_owned();
    let (summary, sink) = walk_upload("up.zip", &archive(&[bad, good("good.xml")]));
    assert_eq!(rejections(&summary), [(format!("up.zip/{name}").as_str(), code)], "{summary:?}");
    assert_eq!(sink.paths(), ["up.zip/good.xml"]);
}

/// An upload that is refused as a whole, with a good document beside the fault.
#[track_caller]
fn check_bad_archive(content: &[u8], code: Code) {
    let (summary, sink) = walk_upload("up.zip", content);
    assert_eq!(rejections(&summary), [("up.zip", code)], "{summary:?}");
    assert!(sink.finished.is_empty() && sink.aborted.is_empty());
    assert_eq!((summary.kind, summary.archives), (UploadKind::Zip, 0));

    // Inside another archive it is one bad entry, and the others go on.
    let (summary, sink) = walk_upload("out.zip", &archive(&[stored("up.zip", content), good("good.xml")]));
    assert_eq!(rejections(&summary), [("out.zip/up.zip", code)], "{summary:?}");
    assert_eq!(sink.paths(), ["out.zip/good.xml"]);
}
