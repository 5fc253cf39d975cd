//! What every catalog promises.

use ret::{
    domain::{Area, Document, DocumentId, SessionId, StoredFile, UploadId},
    ports::catalog::{NewUpload, Published, ScannedDocument},
};

use super::{Bench, suite_of_rows};

suite_of_rows!(
    publishes_all_or_nothing,
    an_upload_of_the_same_name_replaces,
    removal_takes_what_hangs_on_it,
    sessions_are_apart,
    lists_by_page,
    no_character_fails_a_look_up,
    paths_of_any_length_keep_their_order,
    archives_of_thousands_are_published_at_once,
);

fn file(bench: &Bench, area: Area, path: &str, key: &str) -> StoredFile {
    StoredFile {
        area,
        path: path.into(),
        key: key.into(),
        bytes: 10,
        sha256: None,
        content_type: "application/xml".into(),
        modified_at: bench.now(),
    }
}

/// An archive `name` with two documents.
pub fn archive(bench: &Bench, session: SessionId, name: &str) -> NewUpload {
    let id = UploadId(bench.stores.ids.next());
    let extracted: Vec<_> = ["a.xml", "b.xml"]
        .iter()
        .map(|inner| file(bench, Area::Extracted, &format!("{name}/{inner}"), &format!("extracted/{id}/{inner}")))
        .collect();
    let documents = extracted
        .iter()
        .map(|stored| ScannedDocument {
            document: Document {
                id: DocumentId(bench.stores.ids.next()),
                upload: id,
                path: stored.path.clone(),
                group: if stored.path.ends_with("a.xml") { "A" } else { "B" }.into(),
                bytes: 10,
                key: stored.key.clone(),
                root: Some("r".into()),
                record_path: Some("/r/x".into()),
                records_estimate: Some(3),
                problem: None,
            },
            shape: Some(format!("shape of {}", stored.path)),
        })
        .collect();
    let file = file(bench, Area::Input, name, &format!("input/{id}/{name}"));
    NewUpload { id, session, at: bench.now(), file, extracted, documents }
}

async fn publishes_all_or_nothing(bench: Bench) {
    let session = bench.session().await;
    let catalog = &bench.stores.catalog;
    let upload = archive(&bench, session.id, "one.zip");
    assert_eq!(
        catalog.publish_uploads(std::slice::from_ref(&upload)).await.unwrap(),
        Published::Done { obsolete: vec![] }
    );
    assert_eq!(catalog.list_files(session.id, None, None, 100).await.unwrap().len(), 3);
    let documents = catalog.list_documents(session.id, None, None, 100).await.unwrap();
    assert_eq!(documents, upload.documents.iter().map(|scanned| scanned.document.clone()).collect::<Vec<_>>());
    let shape = catalog.get_shape(session.id, documents[0].id).await.unwrap();
    assert_eq!(shape.as_deref(), Some("shape of one.zip/a.xml"));
    assert_eq!(catalog.total_bytes().await.unwrap(), 30);
    bench.stores.sessions.close(session.id, bench.now()).await.unwrap();
    let late = archive(&bench, session.id, "two.zip");
    assert_eq!(catalog.publish_uploads(std::slice::from_ref(&late)).await.unwrap(), Published::SessionClosed);
    assert_eq!(catalog.list_files(session.id, None, None, 100).await.unwrap().len(), 3);
}

async fn an_upload_of_the_same_name_replaces(bench: Bench) {
    let session = bench.session().await;
    let catalog = &bench.stores.catalog;
    let (first, second) = (archive(&bench, session.id, "one.zip"), archive(&bench, session.id, "one.zip"));
    catalog.publish_uploads(std::slice::from_ref(&first)).await.unwrap();
    let Published::Done { mut obsolete } = catalog.publish_uploads(std::slice::from_ref(&second)).await.unwrap() else {
        panic!()
    };
    let mut expected: Vec<_> =
        std::iter::once(&first.file).chain(&first.extracted).map(|stored| stored.key.clone()).collect();
    obsolete.sort();
    expected.sort();
    assert_eq!(obsolete, expected);
    let documents = catalog.list_documents(session.id, None, None, 100).await.unwrap();
    assert_eq!(documents.len(), 2, "nothing is doubled");
    assert!(documents.iter().all(|document| document.upload == second.id));
}

async fn removal_takes_what_hangs_on_it(bench: Bench) {
    let session = bench.session().await;
    let catalog = &bench.stores.catalog;
    let upload = archive(&bench, session.id, "one.zip");
    catalog.publish_uploads(std::slice::from_ref(&upload)).await.unwrap();
    let removed = catalog.remove_file(session.id, Area::Extracted, "one.zip/a.xml").await.unwrap();
    assert_eq!(removed.keys, [upload.extracted[0].key.clone()]);
    let documents = catalog.list_documents(session.id, None, None, 100).await.unwrap();
    assert_eq!(documents.iter().map(|document| document.path.as_str()).collect::<Vec<_>>(), ["one.zip/b.xml"]);
    let removed = catalog.remove_file(session.id, Area::Input, "one.zip").await.unwrap();
    assert_eq!(removed.keys.len(), 2);
    assert!(catalog.list_documents(session.id, None, None, 100).await.unwrap().is_empty());
    assert!(catalog.list_files(session.id, None, None, 100).await.unwrap().is_empty());
    assert!(catalog.remove_file(session.id, Area::Input, "one.zip").await.unwrap().keys.is_empty());
}

async fn sessions_are_apart(bench: Bench) {
    let (ours, theirs) = (bench.session().await, bench.session().await);
    let catalog = &bench.stores.catalog;
    catalog.publish_uploads(&[archive(&bench, ours.id, "one.zip")]).await.unwrap();
    let upload = archive(&bench, theirs.id, "one.zip");
    assert_eq!(
        catalog.publish_uploads(std::slice::from_ref(&upload)).await.unwrap(),
        Published::Done { obsolete: vec![] }
    );
    assert!(catalog.get_shape(ours.id, upload.documents[0].document.id).await.unwrap().is_none());
    catalog.remove_file(ours.id, Area::Input, "one.zip").await.unwrap();
    assert_eq!(catalog.list_files(theirs.id, None, None, 100).await.unwrap().len(), 3);
    assert!(catalog.get_file(ours.id, Area::Input, "one.zip").await.unwrap().is_none());
}

async fn lists_by_page(bench: Bench) {
    let session = bench.session().await;
    let catalog = &bench.stores.catalog;
    for name in ["b.zip", "a.zip", "c.zip"] {
        catalog.publish_uploads(&[archive(&bench, session.id, name)]).await.unwrap();
    }
    let mut paths = Vec::new();
    let mut after = None;
    loop {
        let page = catalog.list_files(session.id, None, after, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some((last.area, last.path.clone()));
        paths.extend(page.into_iter().map(|stored| format!("{}/{}", stored.area, stored.path)));
    }
    assert_eq!(paths.len(), 9);
    assert!(paths.is_sorted());
    assert_eq!(catalog.list_files(session.id, Some(Area::Input), None, 100).await.unwrap().len(), 3);
    assert_eq!(catalog.list_documents(session.id, Some("A"), None, 100).await.unwrap().len(), 3);
}

async fn no_character_fails_a_look_up(bench: Bench) {
    let session = bench.session().await.id;
    let catalog = &bench.stores.catalog;
    catalog.publish_uploads(&[archive(&bench, session, "one.zip")]).await.unwrap();
    assert_eq!(catalog.get_file(session, Area::Input, "one\0.zip").await.unwrap(), None);
    assert!(catalog.remove_file(session, Area::Input, "\0").await.unwrap().keys.is_empty());
    assert!(catalog.list_documents(session, Some("A\0"), None, 10).await.unwrap().is_empty());
    let after = async |path: &str| {
        let after = Some((Area::Extracted, path.to_owned()));
        catalog.list_files(session, None, after, 10).await.unwrap().len()
    };
    assert_eq!(after("one.zip/a.xml\0").await, 2);
    assert_eq!(after("one.zip/a.xm\0l").await, 3);
    assert_eq!(after("\0").await, 3);
    assert_eq!(bench.stores.accounts.find_by_name("ad\0min").await.unwrap().map(|found| found.user), None);
}

async fn paths_of_any_length_keep_their_order(bench: Bench) {
    let session = bench.session().await.id;
    let catalog = &bench.stores.catalog;
    let long = "ö/".repeat(5_000);
    let mut upload = archive(&bench, session, "one.zip");
    upload.documents.clear();
    upload.extracted = ["b", "a", "", "ab", "b/"]
        .iter()
        .enumerate()
        .map(|(number, end)| file(&bench, Area::Extracted, &format!("{long}{end}"), &format!("extracted/{number}")))
        .collect();
    let twice = upload.extracted[0].clone();
    catalog.publish_uploads(std::slice::from_ref(&upload)).await.unwrap();
    let mut ends = Vec::new();
    let mut after = None;
    while let [next] = &catalog.list_files(session, Some(Area::Extracted), after, 1).await.unwrap()[..] {
        ends.push(next.path.strip_prefix(&long).unwrap().to_owned());
        after = Some((next.area, next.path.clone()));
    }
    assert_eq!(ends, ["", "a", "ab", "b", "b/"]);
    assert!(catalog.get_file(session, Area::Extracted, &format!("{long}ab")).await.unwrap().is_some());
    let mut other = archive(&bench, session, "two.zip");
    other.extracted.push(twice);
    assert_eq!(catalog.publish_uploads(&[other]).await.unwrap(), Published::PathTaken);
}

async fn archives_of_thousands_are_published_at_once(bench: Bench) {
    let session = bench.session().await.id;
    let catalog = &bench.stores.catalog;
    let mut upload = archive(&bench, session, "one.zip");
    let (stored, document) = (upload.extracted.remove(0), upload.documents.remove(0));
    upload.extracted.clear();
    upload.documents.clear();
    for number in 0..2_500 {
        let path = format!("one.zip/{number:04}.xml");
        upload.extracted.push(StoredFile { path: path.clone(), key: format!("extracted/{number}"), ..stored.clone() });
        let mut scanned = document.clone();
        scanned.document.id = DocumentId(bench.stores.ids.next());
        scanned.document.path = path;
        scanned.document.records_estimate = (number % 2 == 0).then_some(number);
        scanned.shape = (number % 3 != 0).then(|| number.to_string());
        upload.documents.push(scanned);
    }
    catalog.publish_uploads(std::slice::from_ref(&upload)).await.unwrap();
    let documents = catalog.list_documents(session, None, None, 10_000).await.unwrap();
    assert!(documents.iter().eq(upload.documents.iter().map(|scanned| &scanned.document)));
    for number in [0, 1, 2_498] {
        let shape = catalog.get_shape(session, documents[number].id).await.unwrap();
        assert_eq!(shape, upload.documents[number].shape, "{number}");
    }
    let files = catalog.list_files(session, Some(Area::Extracted), None, 10_000).await.unwrap();
    assert_eq!(files, upload.extracted);
    let removed = catalog.remove_file(session, Area::Input, "one.zip").await.unwrap();
    assert_eq!(removed.keys.len(), 2_501);
    catalog.publish_uploads(std::slice::from_ref(&upload)).await.unwrap();
    bench.stores.sessions.remove(session).await.unwrap();
    assert_eq!(catalog.list_documents(session, None, None, 10_000).await.unwrap().len(), 2_500, "the session is open");
    assert_eq!(catalog.list_files(session, None, None, 10_000).await.unwrap().len(), 2_501);
    bench.stores.sessions.close(session, bench.now()).await.unwrap();
    bench.stores.sessions.remove(session).await.unwrap();
    assert!(bench.stores.sessions.get(session).await.unwrap().is_none());
    assert_eq!(catalog.total_bytes().await.unwrap(), 0);
}
