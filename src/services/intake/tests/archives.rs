//! Archives that are refused as a whole.

use super::*;

#[test]
fn two_entries_of_one_name_spoil_the_archive() {
    check_bad_archive(&archive(&[good("a.xml"), good("a.xml")]), Code::ZipDuplicateName);
}

#[test]
fn entries_that_share_bytes_spoil_the_archive() {
    // A hundred entries of the directory on one local header.
    let kernel = good("a.xml");
    let mut body = Vec::new();
    body.extend(&archive(std::slice::from_ref(&kernel))[..30 + 5 + kernel.packed.len()]);
    let aliases: Vec<Member> = (0..100).map(|n| good(&format!("{n}.xml"))).collect();
    check_bad_archive(&finish(body, aliases.iter().map(|alias| (alias, 0))), Code::ZipOverlap);

    // Quoted overlap: the data of the first entry is the local header and the data of the second.
    let second = archive(&[good("b.xml")]);
    let local_of_second = &second[..30 + 5 + good("b.xml").packed.len()];
    let first = stored("a.xml", local_of_second);
    let mut body = archive(std::slice::from_ref(&first));
    body.truncate(30 + 5 + local_of_second.len());
    check_bad_archive(&finish(body, [(&first, 0), (&good("b.xml"), 35)].into_iter()), Code::ZipOverlap);
}

#[test]
fn headers_that_contradict_each_other_spoil_the_archive() {
    let changes: [fn(&mut Member); 5] = [
        |local| local.name = b"b.xml".to_vec(),
        |local| local.bytes += 1,
        |local| local.crc ^= 1,
        |local| local.method = 0,
        |local| local.flags |= 1,
    ];
    for change in changes {
        check_bad_archive(&archive(&[good("a.xml").with_local(change), good("g.xml")]), Code::ZipInconsistent);
    }
}

#[test]
fn an_entry_that_the_directory_hides_spoils_the_archive() {
    let hidden = good("h.xml").with(|member| member.listed = false);
    check_bad_archive(&archive(&[hidden, good("g.xml")]), Code::ZipInconsistent);
}

#[test]
fn an_archive_without_entries_is_refused() {
    check_bad_archive(&archive(&[]), Code::ZipEmpty);
    // A second, empty end record in the comment of the first.
    let mut fake = archive(&[good("a.xml")]);
    let at = fake.len();
    fake.extend(end_record(0, 0, at as u32));
    let comment = (fake.len() - at) as u16;
    fake[at - 2..at].copy_from_slice(&comment.to_le_bytes());
    check_bad_archive(&fake, Code::ZipEmpty);
}

#[test]
fn an_archive_that_is_cut_off_or_split_is_corrupt() {
    let whole = archive(&[good("a.xml"), good("b.xml")]);
    for end in [4, 30, whole.len() / 2, whole.len() - 22, whole.len() - 1] {
        check_bad_archive(&whole[..end], Code::ZipCorrupt);
    }
    check_bad_archive(b"no archive at all", Code::ZipCorrupt);
    let mut split = whole.clone();
    let disk = split.len() - 22 + 4;
    split[disk] = 1;
    check_bad_archive(&split, Code::ZipCorrupt);
    let mut start_lost = whole;
    start_lost.drain(..10);
    assert!(walk_upload("up.zip", &start_lost).1.finished.is_empty());
}

#[test]
fn descriptors_after_the_data_are_fine() {
    let upload = archive(&["a.xml", "b.xml"].map(|name| good(name).with(|member| member.descriptor = true)));
    assert_eq!(walk_upload("up.zip", &upload).1.paths(), ["up.zip/a.xml", "up.zip/b.xml"]);
}
