//! Entries that are refused while the others go on.

use super::*;

#[test]
fn what_is_neither_is_rejected_whatever_its_name() {
    for content in [&b""[..], b"{}", b"a,b\n1,2\n", &[0_u8; 100_000]] {
        let (summary, sink) = walk_upload("a.xml", content);
        assert_eq!((rejections(&summary), summary.kind), (vec![("a.xml", Code::NotXml)], UploadKind::Other));
        assert!(sink.finished.is_empty());
    }
    check_bad_member(stored("readme.xml", b"just text"), Code::NotXml);
    check_bad_member(stored("empty.xml", b""), Code::NotXml);
}

#[test]
fn names_that_could_point_elsewhere_are_refused() {
    for name in ["../evil.xml", "a/../../e.xml", "..\\evil.xml", "/etc/x", "//etc/x", "C:\\x.xml", "C:x.xml", "./C:/x"]
    {
        check_bad_member(stored(name, XML), Code::ZipBadName);
    }
    check_bad_member(stored(&"x".repeat(300), XML), Code::ZipBadName);
}

#[test]
fn names_with_control_characters_are_refused_and_made_printable() {
    for name in ["ok.xml\0.png", "a\r\nb.xml", "a\u{1b}[2J.xml"] {
        let (summary, sink) = walk_upload("up.zip", &archive(&[stored(name, XML), good("good.xml")]));
        assert_eq!(summary.rejected[0].code, Code::ZipBadName);
        assert!(!summary.rejected[0].path.contains(char::is_control));
        assert_eq!(sink.paths(), ["up.zip/good.xml"]);
    }
}

#[test]
fn names_that_are_not_utf8_are_read_in_the_old_code_page() {
    let member = good("x").with(|member| member.name = b"gr\x94\xE1e.xml".to_vec());
    let (summary, sink) = walk_upload("up.zip", &archive(&[member]));
    assert_eq!((sink.paths(), summary.rejected_total), (vec!["up.zip/größe.xml"], 0));
}

#[test]
fn a_second_name_in_the_extra_field_is_refused() {
    let unicode_path = |name: &[u8], of: &[u8]| {
        let mut extra = vec![0x75, 0x70];
        extra.extend((5 + name.len() as u16).to_le_bytes());
        extra.push(1);
        extra.extend(crc32fast::hash(of).to_le_bytes());
        extra.extend(name);
        extra
    };
    let member = good("ok.xml").with(|member| {
        member.flags = 0;
        member.extra = unicode_path(b"../../evil.xml", b"ok.xml");
    });
    let (summary, sink) = walk_upload("up.zip", &archive(&[member]));
    assert!(matches!(summary.rejected[0].code, Code::ZipInconsistent | Code::ZipBadName), "{summary:?}");
    assert!(sink.finished.is_empty());
}

#[test]
fn two_entries_that_come_to_one_path_do_not_replace_each_other() {
    check_bad_member_second(good("./good.xml"), "up.zip/./good.xml");
    let inner = archive(&[good("b.xml")]);
    let upload = archive(&[stored("a.zip", &inner), good("a.zip/b.xml")]);
    let (summary, sink) = walk_upload("up.zip", &upload);
    assert_eq!(sink.paths(), ["up.zip/a.zip/b.xml"]);
    assert_eq!(rejections(&summary), [("up.zip/a.zip/b.xml", Code::ZipDuplicateName)]);
}

#[track_caller]
fn check_bad_member_second(bad: Member, path: &str) {
    let (summary, sink) = walk_upload("up.zip", &archive(&[good("good.xml"), bad]));
    assert_eq!(rejections(&summary), [(path, Code::ZipDuplicateName)]);
    assert_eq!(sink.paths(), ["up.zip/good.xml"]);
}

#[test]
fn links_devices_pipes_and_sockets_are_refused() {
    for kind in [0o120_000_u32, 0o060_000, 0o020_000, 0o010_000, 0o140_000, 0o040_000] {
        check_bad_member(
            stored("x.xml", XML).with(|member| member.external = (kind | 0o777) << 16),
            Code::ZipSpecialFile,
        );
    }
    let without_kind = good("x.xml").with(|member| member.external = 0o644 << 16);
    assert_eq!(walk_upload("up.zip", &archive(&[without_kind])).0.documents, 1);
}

#[test]
fn an_entry_that_inflates_out_of_proportion_is_stopped_early() {
    let mut bomb = b"<a>".to_vec();
    bomb.resize(16 << 20, b' ');
    let mut sink = Collected::discarding();
    let upload = archive(&[deflated("bomb.xml", &bomb), good("good.xml")]);
    let summary = walk_into("up.zip", &upload, &ArchiveLimits::default(), &mut sink).unwrap();
    assert_eq!(rejections(&summary), [("up.zip/bomb.xml", Code::ZipRatio)]);
    assert_eq!((sink.aborted.as_slice(), sink.paths()), (&["up.zip/bomb.xml".to_owned()][..], vec!["up.zip/good.xml"]));
    assert!(sink.written < 4 << 20, "{} bytes came through", sink.written);
    assert!(sink.largest_chunk <= 64 << 10);

    // Below the floor the ratio does not matter.
    bomb.truncate(1 << 20);
    assert_eq!(walk_upload("up.zip", &archive(&[deflated("a.xml", &bomb)])).0.documents, 1);
    // Nor does an archive escape by being one itself.
    let nested = archive(&[stored("zeros.zip", &archive(&[deflated("z", &vec![0; 8 << 20])]))]);
    assert_eq!(rejections(&walk_upload("up.zip", &nested).0), [("up.zip/zeros.zip/z", Code::NotXml)]);
}

#[test]
fn more_bytes_than_declared_are_refused() {
    check_bad_member(good("x.xml").with(|member| member.bytes = 4), Code::ZipSizeMismatch);
    check_bad_member(good("x.xml").with(|member| member.bytes = 0), Code::ZipSizeMismatch);
    check_bad_member(stored("x.xml", XML).with(|member| member.bytes = 7), Code::ZipSizeMismatch);
}

#[test]
fn fewer_bytes_than_declared_are_refused() {
    check_bad_member(good("x.xml").with(|member| member.bytes += 1), Code::ZipSizeMismatch);
    check_bad_member(stored("x.xml", XML).with(|member| member.bytes = u32::MAX - 1), Code::ZipSizeMismatch);
}

#[test]
fn a_wrong_checksum_is_found_before_the_document_is_finished() {
    let content = [b"<a>".as_slice(), &vec![b'x'; 200_000], b"</a>"].concat();
    let upload = archive(&[stored("x.xml", &content).with(|member| member.crc ^= 1), good("good.xml")]);
    let (summary, sink) = walk_upload("up.zip", &upload);
    assert_eq!(rejections(&summary), [("up.zip/x.xml", Code::ZipCrcMismatch)]);
    assert_eq!((sink.aborted.as_slice(), sink.paths()), (&["up.zip/x.xml".to_owned()][..], vec!["up.zip/good.xml"]));
    check_bad_member(stored("short.xml", XML).with(|member| member.crc ^= 1), Code::ZipCrcMismatch);
    let inner = archive(&[good("a.xml")]);
    check_bad_member(stored("in.zip", &inner).with(|member| member.crc ^= 1), Code::ZipCrcMismatch);
}

#[test]
fn damaged_packed_data_is_refused() {
    check_bad_member(good("x.xml").with(|member| member.packed[0] = 0xFF), Code::ZipCorrupt);
    check_bad_member(good("x.xml").with(|member| member.packed.truncate(4)), Code::ZipCorrupt);
}

#[test]
fn encrypted_entries_are_named() {
    for flags in [0x0001, 0x0041, 0x2001] {
        check_bad_member(stored("x.xml", b"0123456789ab<a/>").with(|member| member.flags |= flags), Code::ZipEncrypted);
    }
    let masked = stored("x.xml", b"0123456789ab").with(|member| member.flags |= 0x2041).with_local(|local| {
        local.name = b"1".to_vec();
        local.crc = 0;
    });
    check_bad_member(masked, Code::ZipEncrypted);
    let aes = stored("x.xml", XML).with(|member| (member.flags, member.method) = (0x0801, 99));
    let (summary, _) = walk_upload("up.zip", &archive(&[aes]));
    assert!(matches!(summary.rejected[0].code, Code::ZipEncrypted | Code::ZipCorrupt), "{summary:?}");
}

#[test]
fn unsupported_methods_are_named() {
    for method in [1, 2, 6, 9, 10, 12, 14, 18, 19, 93, 95, 97, 98, 255] {
        check_bad_member(stored("x.xml", XML).with(|member| member.method = method), Code::ZipUnsupportedMethod);
    }
}
