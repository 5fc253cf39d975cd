//! What the store of session files in Blob Storage promises beside what all promise.

use std::{os::unix::fs::MetadataExt as _, sync::Arc, time::Duration};

use bytes::Bytes;
use futures::TryStreamExt as _;
use ret::{
    adapters::{
        azure::{BlobClocks, BlobDisk, BlobFiles, StorageAccess, StorageService},
        system::SystemClock,
    },
    domain::{FileKey, SessionId},
    ports::{SessionFiles, error::StoreErrorKind},
};
use tempfile::TempDir;
use uuid::Uuid;

use crate::harness::Azurite;

const SESSION: SessionId = SessionId(Uuid::from_u128(1));

/// A store on an account of its own, and the same through another process.
struct Bench {
    azurite: Azurite,
    files: Arc<BlobFiles>,
    other: Arc<BlobFiles>,
    _root: TempDir,
}

impl Bench {
    async fn start() -> Option<Self> {
        let (azurite, root) = (Azurite::account().await?, TempDir::new().unwrap());
        let open = || Arc::new(open(&azurite.connection_string(), &root));
        let (files, other) = (open(), open());
        files.create_session(SESSION, Bytes::from_static(b"{}")).await.unwrap();
        Some(Self { azurite, files, other, _root: root })
    }

    async fn until_nothing_is_left(&self) {
        for attempt in 0.. {
            let left = self.azurite.blobs("sessions");
            if left.is_empty() {
                return;
            }
            assert!(attempt < 200, "{left:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

pub fn open(connection: &str, root: &TempDir) -> BlobFiles {
    let access = StorageAccess::by_connection_string(StorageService::Blob, connection).unwrap();
    let clocks = BlobClocks { service: Arc::new(SystemClock), machine: Arc::new(SystemClock) };
    let disk = BlobDisk { runtime_root: root.path(), kept_bytes: 1 << 20 };
    BlobFiles::open(access, "sessions", disk, clocks).unwrap()
}

fn key(path: &str) -> FileKey {
    FileKey::new(SESSION, path)
}

async fn put(files: &BlobFiles, key: &FileKey, bytes: Bytes) -> Result<u64, StoreErrorKind> {
    let write = async {
        let mut writer = files.write(key).await?;
        writer.write(bytes).await?;
        writer.publish().await
    };
    write.await.map_err(|error| error.kind)
}

async fn get(files: &BlobFiles, key: &FileKey) -> Option<Vec<u8>> {
    let chunks: Vec<Bytes> = files.read(key, None).await.unwrap()?.try_collect().await.unwrap();
    Some(chunks.concat())
}

/// Bytes of which no two blocks are the same.
fn numbered(length: usize) -> Bytes {
    (0..length / 8).flat_map(|number| number.to_be_bytes()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_many_blocks_written_at_once_are_whole() {
    let Some(bench) = Bench::start().await else { return };
    let files = &bench.files;
    let content = numbered(5 << 20);
    let writing = (0..12).map(|number| {
        let (files, content) = (Arc::clone(files), content.clone());
        tokio::spawn(async move {
            let key = key(&format!("output/1.1/{number}.csv"));
            let mut writer = files.write(&key).await.unwrap();
            for chunk in content.chunks(300_001) {
                writer.write(Bytes::copy_from_slice(chunk)).await.unwrap();
            }
            assert_eq!(writer.publish().await.unwrap(), content.len() as u64);
            key
        })
    });
    for key in futures::future::join_all(writing.collect::<Vec<_>>()).await {
        assert!(get(files, &key.unwrap()).await.unwrap() == content);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_publishes_into_a_session_that_another_process_removes_takes_it_back() {
    let Some(bench) = Bench::start().await else { return };
    let writing = (0..40).map(|number: usize| {
        let files = Arc::clone(&bench.files);
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(number as u64 * 3)).await;
            let bytes = if number.is_multiple_of(8) { numbered(5 << 20) } else { Bytes::from_static(b"small") };
            put(&files, &key(&format!("input/{number}/a.xml")), bytes).await
        })
    });
    let writing: Vec<_> = writing.collect();
    tokio::time::sleep(Duration::from_millis(60)).await;
    let removed = bench.other.remove_session(SESSION).await.unwrap();
    let (mut published, mut refused) = (0, 0);
    for written in writing {
        match written.await.unwrap() {
            Ok(_) => published += 1,
            Err(StoreErrorKind::Gone) => refused += 1,
            Err(other) => panic!("{other:?}"),
        }
    }
    assert!(removed.files >= published && refused > 0, "{removed:?}, {published} published, {refused} refused");
    bench.until_nothing_is_left().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_given_up_leaves_no_blocks() {
    let Some(bench) = Bench::start().await else { return };
    let mut writer = bench.files.write(&key("input/1/a.xml")).await.unwrap();
    writer.write(numbered(20 << 20)).await.unwrap();
    drop(writer);
    for attempt in 0.. {
        let left = bench.azurite.blobs("sessions");
        if left == [format!("{SESSION}/metadata.json")] {
            break;
        }
        assert!(attempt < 200, "{left:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_process_left_unfinished_goes_with_its_folder() {
    let Some(bench) = Bench::start().await else { return };
    let (one, two) = (key("output/1.1/a.csv"), key("output/1.2/a.csv"));
    let mut writers = Vec::new();
    for key in [&one, &two] {
        let mut writer = bench.other.write(key).await.unwrap();
        writer.write(numbered(20 << 20)).await.unwrap();
        writers.push(writer);
    }
    assert!(bench.azurite.blobs("sessions").contains(&format!("{SESSION}/{}", one.path)));
    let removed = bench.files.remove_folder(SESSION, "output/1.1").await.unwrap();
    assert_eq!(removed, ret::ports::session_files::Removed::default(), "it was no file yet");
    let mut outcomes = Vec::new();
    for writer in writers {
        outcomes.push(writer.publish().await.map_err(|error| error.kind));
    }
    assert_eq!(outcomes, [Err(StoreErrorKind::Unavailable), Ok(20 << 20)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sql_store_is_brought_once_and_again_when_it_is_another() {
    let Some(bench) = Bench::start().await else { return };
    let Bench { files, other, .. } = &bench;
    let key = key("ai_index/1.1/tables.sqlite");
    let publish = async |content: &str| {
        let scratch = files.scratch(SESSION).await.unwrap();
        let local = scratch.path().join("built");
        std::fs::write(&local, content).unwrap();
        files.publish_local(&key, &local).await.unwrap();
        assert!(!local.exists());
        std::fs::metadata(&files.local_copy(&key).await.unwrap().unwrap().path).unwrap().ino()
    };
    let here = publish("one").await;
    for reader in [files, other] {
        let copies = (0..8).map(|_| reader.local_copy(&key));
        let copies = futures::future::try_join_all(copies).await.unwrap();
        let same: std::collections::BTreeSet<_> =
            copies.iter().map(|copy| std::fs::metadata(&copy.as_ref().unwrap().path).unwrap().ino()).collect();
        assert_eq!((same.len(), same.contains(&here)), (1, Arc::ptr_eq(reader, files)));
        assert_eq!(std::fs::read_to_string(&copies[0].as_ref().unwrap().path).unwrap(), "one");
    }
    publish("two").await;
    let copy = other.local_copy(&key).await.unwrap().unwrap();
    assert_eq!(std::fs::read_to_string(&copy.path).unwrap(), "two");
    files.remove_session(SESSION).await.unwrap();
    assert!(files.local_copy(&key).await.unwrap().is_none() && other.local_copy(&key).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_given_signature_is_enough() {
    let Some(azurite) = Azurite::account().await else { return };
    let connection = azurite.connection_string();
    let by_key = StorageAccess::by_connection_string(StorageService::Blob, &connection).unwrap();
    let door = by_key.door("x", time::OffsetDateTime::now_utc()).unwrap().url;
    let endpoint = connection.split(';').find(|field| field.starts_with("BlobEndpoint=")).unwrap();
    let root = TempDir::new().unwrap();
    let files = open(&format!("{endpoint};SharedAccessSignature={}", door.query().unwrap()), &root);
    files.create_session(SESSION, Bytes::from_static(b"{}")).await.unwrap();
    let (sent, kept) = (key("input/1.sent/größe 1.xml"), key("input/1.1/größe 1.xml"));
    put(&files, &sent, Bytes::from_static(b"<a/>")).await.unwrap();
    assert_eq!(files.copy(&sent, &kept).await.unwrap(), Some(4));
    assert_eq!(get(&files, &kept).await.unwrap(), b"<a/>");
    assert_eq!(files.list_sessions().await.unwrap(), [SESSION]);
    let until = ret::ports::Clock::now(&SystemClock).plus(Duration::from_secs(60));
    assert_eq!(files.upload_address(&sent, until).await.unwrap(), None, "nothing is there to sign with");
    assert_eq!(files.remove_session(SESSION).await.unwrap().files, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_that_was_removed_is_not_taken_for_sessions_that_have_ended() {
    let Some(bench) = Bench::start().await else { return };
    assert_eq!(bench.files.missing_place().await.unwrap(), None);
    bench.azurite.remove_container("sessions");
    let key = key("input/1/a.xml");
    for failed in [
        bench.other.write(&key).await.map(drop),
        bench.other.read(&key, None).await.map(drop),
        bench.other.bytes_of(&key).await.map(drop),
        bench.other.copy(&key, &key).await.map(drop),
    ] {
        let error = failed.unwrap_err();
        assert_eq!(error.kind, StoreErrorKind::Internal);
        assert!(error.to_string().contains("the container 'sessions' is not there"), "{error}");
    }
    assert_eq!(bench.files.missing_place().await.unwrap().as_deref(), Some("container 'sessions'"));
    bench.files.remove_session(SESSION).await.unwrap();
    bench.files.create_session(SESSION, Bytes::from_static(b"{}")).await.unwrap();
    put(&bench.files, &key, Bytes::from_static(b"<a/>")).await.unwrap();
    assert_eq!(bench.files.missing_place().await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_asked_before_the_first_call_and_an_empty_account_has_nothing() {
    let Some(azurite) = Azurite::account().await else { return };
    let root = TempDir::new().unwrap();
    let files = open(&azurite.connection_string(), &root);
    assert!(files.list_sessions().await.unwrap().is_empty());
    assert!(files.list_folders(SESSION, "input").await.unwrap().is_empty());
    assert_eq!(files.missing_place().await.unwrap().as_deref(), Some("container 'sessions'"));
    assert_eq!(files.remove_session(SESSION).await.unwrap(), ret::ports::session_files::Removed::default());
    let nowhere = open("AccountName=a;AccountKey=a2V5;BlobEndpoint=http://127.0.0.1:9/a", &root);
    let asked = std::time::Instant::now();
    let error = nowhere.list_sessions().await.unwrap_err();
    assert_eq!(error.kind, StoreErrorKind::Unavailable);
    assert!(asked.elapsed() < Duration::from_secs(3) && !error.to_string().contains("sig"), "{error}");
}
