//! What every store of session files promises.

use bytes::Bytes;
use futures::TryStreamExt as _;
use ret::{
    domain::FileKey,
    ports::{error::StoreErrorKind, session_files::Removed},
};

use super::{Bench, suite};

suite!(
    nothing_shows_before_publication,
    reads_ranges,
    publishing_replaces,
    removes_by_folder,
    removal_of_a_session_is_final,
    a_local_copy_has_the_bytes,
    abandoned_files_are_found,
    a_copy_keeps_its_bytes,
    pieces_make_a_file,
    addresses_are_for_one_file,
);

async fn put(bench: &Bench, key: &FileKey, text: &str) -> u64 {
    let mut writer = bench.stores.session_files.write(key).await.unwrap();
    writer.write(Bytes::copy_from_slice(text.as_bytes())).await.unwrap();
    writer.publish().await.unwrap()
}

async fn text(bench: &Bench, key: &FileKey, range: Option<std::ops::Range<u64>>) -> Option<String> {
    let stream = bench.stores.session_files.read(key, range).await.unwrap()?;
    let chunks: Vec<Bytes> = stream.try_collect().await.unwrap();
    Some(String::from_utf8(chunks.concat()).unwrap())
}

async fn nothing_shows_before_publication(bench: Bench) {
    let key = FileKey::new(bench.session().await.id, "input/1/a.xml");
    let mut writer = bench.stores.session_files.write(&key).await.unwrap();
    writer.write(Bytes::from_static(b"<a>")).await.unwrap();
    assert_eq!(text(&bench, &key, None).await, None);
    drop(writer);
    assert_eq!(text(&bench, &key, None).await, None);
    assert!(bench.stores.session_files.list_folders(key.session, "input").await.unwrap().is_empty());
    let mut writer = bench.stores.session_files.write(&key).await.unwrap();
    writer.write(Bytes::from_static(b"<a")).await.unwrap();
    writer.write(Bytes::from_static(b"/>")).await.unwrap();
    assert_eq!(writer.publish().await.unwrap(), 4);
    assert_eq!(text(&bench, &key, None).await.unwrap(), "<a/>");
}

async fn reads_ranges(bench: Bench) {
    let key = FileKey::new(bench.session().await.id, "output/1.1/a.csv");
    put(&bench, &key, "0123456789").await;
    assert_eq!(text(&bench, &key, Some(2..5)).await.unwrap(), "234");
    assert_eq!(text(&bench, &key, Some(9..10)).await.unwrap(), "9");
    assert_eq!(text(&bench, &key, Some(0..10)).await.unwrap(), "0123456789");
}

async fn publishing_replaces(bench: Bench) {
    let key = FileKey::new(bench.session().await.id, "output/1.1/a.csv");
    put(&bench, &key, "old").await;
    put(&bench, &key, "new").await;
    assert_eq!(text(&bench, &key, None).await.unwrap(), "new");
    let scratch = bench.stores.session_files.scratch(key.session).await.unwrap();
    let local = scratch.path().join("built");
    std::fs::write(&local, "built here").unwrap();
    assert_eq!(bench.stores.session_files.publish_local(&key, &local).await.unwrap(), 10);
    assert_eq!(text(&bench, &key, None).await.unwrap(), "built here");
}

async fn removes_by_folder(bench: Bench) {
    let session = bench.session().await.id;
    for path in ["extracted/1/a", "extracted/1/b", "extracted/10/a", "input/1/a"] {
        put(&bench, &FileKey::new(session, path), "four").await;
    }
    let files = &bench.stores.session_files;
    let folders: Vec<_> =
        files.list_folders(session, "extracted").await.unwrap().into_iter().map(|folder| folder.name).collect();
    assert_eq!(folders, ["1", "10"]);
    assert_eq!(files.remove_folder(session, "extracted/1").await.unwrap(), Removed { files: 2, bytes: 8 });
    assert_eq!(files.remove_folder(session, "extracted/1").await.unwrap(), Removed::default());
    assert!(text(&bench, &FileKey::new(session, "extracted/10/a"), None).await.is_some());
    assert!(files.remove(&FileKey::new(session, "extracted/10/a")).await.unwrap());
    assert!(!files.remove(&FileKey::new(session, "extracted/10/a")).await.unwrap());
    assert!(text(&bench, &FileKey::new(session, "input/1/a"), None).await.is_some());
}

async fn removal_of_a_session_is_final(bench: Bench) {
    let session = bench.session().await.id;
    let files = &bench.stores.session_files;
    put(&bench, &FileKey::new(session, "input/1/a"), "12345").await;
    let mut open = files.write(&FileKey::new(session, "input/2/b")).await.unwrap();
    open.write(Bytes::from_static(b"not yet")).await.unwrap();
    assert_eq!(files.remove_session(session).await.unwrap(), Removed { files: 1, bytes: 5 });
    assert_eq!(files.remove_session(session).await.unwrap(), Removed::default());
    let _ = open.write(Bytes::from_static(b"still")).await;
    assert_eq!(open.publish().await.unwrap_err().kind, StoreErrorKind::Gone);
    let error = files.write(&FileKey::new(session, "input/3/c")).await.map(|_| ()).unwrap_err();
    assert_eq!(error.kind, StoreErrorKind::Gone);
    assert_eq!(files.scratch(session).await.unwrap_err().kind, StoreErrorKind::Gone);
    assert!(!files.list_sessions().await.unwrap().contains(&session));
}

async fn a_local_copy_has_the_bytes(bench: Bench) {
    let key = FileKey::new(bench.session().await.id, "input/1/a");
    assert!(bench.stores.session_files.local_copy(&key).await.unwrap().is_none());
    put(&bench, &key, "bytes").await;
    let copy = bench.stores.session_files.local_copy(&key).await.unwrap().unwrap();
    assert_eq!(std::fs::read_to_string(&copy.path).unwrap(), "bytes");
}

async fn abandoned_files_are_found(bench: Bench) {
    let session = bench.session().await.id;
    let files = &bench.stores.session_files;
    let mut writer = files.write(&FileKey::new(session, "input/1/a")).await.unwrap();
    // More than a store gathers before it sends anything.
    for _ in 0..4 {
        writer.write(Bytes::from(vec![b'.'; 4 << 20])).await.unwrap();
    }
    let long_ago = ret::domain::Timestamp::from_millis(0);
    assert_eq!(files.remove_abandoned(session, long_ago).await.unwrap(), Removed::default(), "a fresh one stays");
    let far_future = ret::domain::Timestamp::from_millis(i64::MAX);
    assert_eq!(files.remove_abandoned(session, far_future).await.unwrap().files, 1);
    assert!(writer.publish().await.is_err(), "half of it is never published");
}

async fn a_copy_keeps_its_bytes(bench: Bench) {
    let session = bench.session().await.id;
    let files = &bench.stores.session_files;
    let (sent, copy) = (FileKey::new(session, "input/1.sent/a.xml"), FileKey::new(session, "input/1.1/a.xml"));
    assert_eq!((files.bytes_of(&sent).await.unwrap(), files.copy(&sent, &copy).await.unwrap()), (None, None));
    put(&bench, &sent, "first").await;
    assert_eq!(files.bytes_of(&sent).await.unwrap(), Some(5));
    for _ in 0..2 {
        assert_eq!(files.copy(&sent, &copy).await.unwrap(), Some(5), "a copy may be repeated");
    }
    put(&bench, &sent, "second").await;
    assert_eq!(text(&bench, &copy, None).await.unwrap(), "first");
    assert_eq!(files.copy(&sent, &copy).await.unwrap(), Some(6), "and takes the place of the one before");
    assert!(files.remove(&sent).await.unwrap());
    assert_eq!(text(&bench, &copy, None).await.unwrap(), "second");
    assert_eq!(
        files.remove_session(session).await.unwrap(),
        Removed { files: 1, bytes: 6 },
        "no unfinished copy is left"
    );
    assert_eq!(files.copy(&copy, &sent).await.unwrap_err().kind, StoreErrorKind::Gone);
    assert_eq!(files.bytes_of(&copy).await.unwrap(), None);
}

async fn pieces_make_a_file(bench: Bench) {
    let session = bench.session().await.id;
    let (files, key) = (&bench.stores.session_files, FileKey::new(session, "input/1.sent/a.xml"));
    assert_eq!(files.unpublished_bytes(&key).await.unwrap(), None);
    let mut partial = files.go_on(&key).await.unwrap().unwrap();
    partial.write(Bytes::from_static(b"<ax")).await.unwrap();
    assert_eq!(partial.bytes(), 3);
    partial.cut(0).await.unwrap();
    partial.write(Bytes::from_static(b"<a")).await.unwrap();
    assert_eq!((files.bytes_of(&key).await.unwrap(), text(&bench, &key, None).await), (None, None), "nobody meets it");
    drop(partial);
    let kept = files.unpublished_bytes(&key).await.unwrap();
    let mut partial = files.go_on(&key).await.unwrap().unwrap();
    assert_eq!(partial.bytes(), kept.unwrap_or(0));
    // A store that clients send to by themselves keeps nothing of what came through the service.
    assert!(matches!(kept, None | Some(2)), "{kept:?}");
    if kept.is_none() {
        partial.write(Bytes::from_static(b"<a")).await.unwrap();
    }
    partial.write(Bytes::from_static(b"/>")).await.unwrap();
    assert_eq!(partial.publish().await.unwrap(), 4);
    assert_eq!(files.unpublished_bytes(&key).await.unwrap(), None);
    let mut next = files.go_on(&key).await.unwrap().unwrap();
    assert_eq!(next.bytes(), 0);
    next.write(Bytes::from_static(b"<b/>")).await.unwrap();
    assert_eq!(text(&bench, &key, None).await.unwrap(), "<a/>", "the one before stays until the next is whole");
    files.remove_session(session).await.unwrap();
    assert_eq!(next.publish().await.unwrap_err().kind, StoreErrorKind::Gone);
    assert_eq!(files.go_on(&key).await.map(|_| ()).unwrap_err().kind, StoreErrorKind::Gone);
}

async fn addresses_are_for_one_file(bench: Bench) {
    let session = bench.session().await.id;
    let (one, other) = (FileKey::new(session, "input/1.sent/a.xml"), FileKey::new(session, "input/2.sent/a.xml"));
    let files = &bench.stores.session_files;
    let until = bench.now().plus(std::time::Duration::from_secs(3600));
    match (files.upload_address(&one, until).await.unwrap(), files.upload_address(&other, until).await.unwrap()) {
        (Some(one), Some(other)) => {
            assert_ne!(one.url, other.url);
            assert!(one.url.starts_with("http"), "{}", one.url);
        }
        (None, None) => {}
        mixed => panic!("a store has addresses or has none: {mixed:?}"),
    }
}
