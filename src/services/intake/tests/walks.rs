//! What is found, and the limits of a whole walk.

use super::*;

#[test]
fn a_plain_document_is_told_by_its_content() {
    for name in ["a.xml", "a.txt", "a.zip"] {
        let (summary, sink) = walk_upload(name, XML);
        assert_eq!((summary.kind, summary.documents, summary.archives), (UploadKind::Xml, 1, 0));
        assert_eq!(sink.found(), [(name, "ROOT")]);
        assert_eq!((sink.finished[0].0.origin, sink.finished[0].0.bytes_hint), (Origin::Upload, 8));
        assert_eq!(sink.finished[0].1, XML);
    }
}

#[test]
fn archives_are_walked_into_with_paths_and_groups() {
    let inner = archive(&[good("1_book/data/b.xml"), good("c.xml")]);
    let upload = archive(&[
        good("a.xml"),
        stored("folder/", b""),
        good("folder/d.xml"),
        deflated("x/2_journal.zip", &inner),
        stored("no-extension", &inner),
    ]);
    let (summary, sink) = walk_upload("my.zip", &upload);
    assert_eq!(
        sink.found(),
        [
            ("my.zip/a.xml", "MY"),
            ("my.zip/folder/d.xml", "FOLDER"),
            ("my.zip/x/2_journal.zip/1_book/data/b.xml", "BOOK"),
            ("my.zip/x/2_journal.zip/c.xml", "JOURNAL"),
            ("my.zip/no-extension/1_book/data/b.xml", "BOOK"),
            ("my.zip/no-extension/c.xml", "NO-EXTENSION"),
        ]
    );
    assert!(sink.finished.iter().all(|(entry, content)| content == XML && entry.origin == Origin::Archive));
    assert_eq!((summary.rejected_total, summary.archives, summary.complete), (0, 3, true));
    assert_eq!(summary.inflated_bytes, 6 * XML.len() as u64 + 2 * inner.len() as u64);
}

#[test]
fn hidden_things_are_skipped_without_a_word() {
    let upload = archive(&[
        stored(".DS_Store", b"\0\0"),
        stored("__MACOSX/._good.xml", b"\0\x05\x16\x07"),
        stored(".git/config.xml", XML),
        stored("a/.svn/b/c.zip", b"PK\x03\x04"),
        good("good.xml"),
    ]);
    let (summary, sink) = walk_upload("up.zip", &upload);
    assert_eq!((sink.paths(), summary.rejected_total), (vec!["up.zip/good.xml"], 0));
}

#[test]
fn the_total_of_inflated_bytes_ends_the_walk() {
    let limits = ArchiveLimits { inflated_bytes: 20, ..ArchiveLimits::default() };
    let names = ["1.xml", "2.xml", "3.xml", "4.xml"];
    let (summary, sink) = walk_within("up.zip", &archive(&names.map(good)), &limits);
    assert_eq!(rejections(&summary), [("up.zip/3.xml", Code::ZipTooLarge)]);
    assert_eq!((sink.paths(), summary.complete), (vec!["up.zip/1.xml", "up.zip/2.xml"], false));

    // Nested archives count as they are unpacked, and what is in them counts again.
    let inner = archive(&names.map(good));
    let limits = ArchiveLimits { inflated_bytes: inner.len() as u64 + 9, ..ArchiveLimits::default() };
    let (summary, sink) = walk_within("up.zip", &archive(&[stored("in.zip", &inner), good("5.xml")]), &limits);
    assert_eq!(rejections(&summary), [("up.zip/in.zip/2.xml", Code::ZipTooLarge)]);
    assert_eq!(sink.paths(), ["up.zip/in.zip/1.xml"]);
}

#[test]
fn entries_are_counted_over_all_archives() {
    let three = archive(&["1.xml", "2.xml", "3.xml"].map(good));
    let limits = ArchiveLimits { entries: 2, ..ArchiveLimits::default() };
    assert_eq!(rejections(&walk_within("up.zip", &three, &limits).0), [("up.zip", Code::ZipTooManyEntries)]);

    let upload = archive(&[stored("a.zip", &three), stored("b.zip", &three), good("c.xml")]);
    let limits = ArchiveLimits { entries: 8, ..ArchiveLimits::default() };
    let (summary, sink) = walk_within("up.zip", &upload, &limits);
    assert_eq!(rejections(&summary), [("up.zip/b.zip", Code::ZipTooManyEntries)]);
    assert_eq!((sink.finished.len(), sink.paths()[3]), (4, "up.zip/c.xml"));
}

#[test]
fn archives_are_opened_ten_deep() {
    let mut upload = archive(&[good("a.xml")]);
    for _ in 1..10 {
        upload = archive(&[stored("in.zip", &upload)]);
    }
    let (summary, sink) = walk_upload("up.zip", &upload);
    assert_eq!((sink.finished.len(), summary.archives, summary.rejected_total), (1, 10, 0));

    let (summary, sink) = walk_upload("up.zip", &archive(&[stored("in.zip", &upload), good("b.xml")]));
    let deepest = format!("up.zip{}", "/in.zip".repeat(10));
    assert_eq!(rejections(&summary), [(deepest.as_str(), Code::ZipNested)]);
    assert_eq!(sink.paths(), ["up.zip/b.xml"]);
}

#[test]
fn many_rejections_are_counted_but_not_all_listed() {
    let members: Vec<Member> = (0..1_500).map(|n| stored(&format!("{n}.txt"), b"text")).collect();
    let (summary, _) = walk_upload("up.zip", &archive(&members));
    assert_eq!((summary.rejected.len(), summary.rejected_total), (MAX_LISTED_REJECTIONS, 1_500));
}

#[test]
fn paths_through_archives_have_a_greatest_length() {
    let mut upload = archive(&[good("a.xml")]);
    for _ in 0..5 {
        upload = archive(&[stored(&format!("{}.zip", "x".repeat(240)), &upload)]);
    }
    assert_eq!(walk_upload("up.zip", &upload).0.rejected[0].code, Code::ZipBadName);
}

/// Stops at the n-th call.
struct Stopping {
    calls_left: u32,
}

#[derive(Debug)]
struct Stopped;

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("stopped")
    }
}

impl std::error::Error for Stopped {}

impl Stopping {
    fn call(&mut self) -> Result<(), Stopped> {
        self.calls_left = self.calls_left.checked_sub(1).ok_or(Stopped)?;
        Ok(())
    }
}

impl DocumentSink for Stopping {
    type Error = Stopped;

    fn begin(&mut self, _: &Entry) -> Result<(), Stopped> {
        self.call()
    }

    fn write(&mut self, _: &[u8]) -> Result<(), Stopped> {
        self.call()
    }

    fn finish(&mut self) -> Result<(), Stopped> {
        self.call()
    }

    fn abort(&mut self) -> Result<(), Stopped> {
        self.call()
    }

    fn checkpoint(&mut self) -> Result<(), Stopped> {
        self.call()
    }
}

#[test]
fn the_sink_can_stop_the_walk_at_every_call() {
    let inner = archive(&[good("a.xml")]);
    let upload = archive(&[
        stored("in.zip", &inner),
        stored("bad.xml", &[b' '; 70_000].map(|_| b'<')).with(|member| member.crc ^= 1),
        good("b.xml"),
    ]);
    let mut calls = 0;
    loop {
        let mut sink = Stopping { calls_left: calls };
        match walk_into("up.zip", &upload, &ArchiveLimits::default(), &mut sink) {
            Err(IntakeError::Sink(Stopped)) => calls += 1,
            Ok(summary) => {
                assert_eq!((summary.documents, summary.rejected_total), (2, 1));
                break;
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert!(calls > 12, "only {calls} calls");
}

#[test]
fn a_spool_folder_that_is_missing_is_not_the_fault_of_the_upload() {
    let upload = file(&archive(&[stored("in.zip", &archive(&[good("a.xml")]))]));
    let missing = Path::new("/nonexistent/spool");
    let result = walk(upload, "up.zip", &ArchiveLimits::default(), missing, &mut Collected::default());
    assert!(matches!(result, Err(IntakeError::Spool(_))), "{result:?}");
}

proptest::proptest! {
    #[test]
    fn any_change_of_a_few_bytes_leads_to_an_answer(changes in proptest::collection::vec((0_usize..600, 0_u8..), 1..6)) {
        let inner = archive(&[good("a.xml"), stored("b.xml", XML)]);
        let mut upload = archive(&[good("c.xml"), stored("in.zip", &inner), good("d/e.xml")]);
        for (at, byte) in changes {
            let at = at % upload.len();
            upload[at] = byte;
        }
        let (_, sink) = walk_upload("up.zip", &upload);
        for (entry, content) in &sink.finished {
            // Either it came through whole or it is not an archive any more.
            proptest::prop_assert!(content == XML || entry.origin == Origin::Upload);
        }
    }
}
