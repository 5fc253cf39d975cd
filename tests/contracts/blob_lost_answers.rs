//! Calls to Blob Storage that did their work and whose answers did not come.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use ret::{
    domain::{FileKey, SessionId, Timestamp},
    ports::SessionFiles as _,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use uuid::Uuid;

use super::blob_files::open;
use crate::harness::Azurite;

const SESSION: SessionId = SessionId(Uuid::from_u128(1));

/// What stands in the first line of a request that puts blocks together.
const COMMIT: &[u8] = b"comp=blocklist";

/// Stands before a server, and swallows so many answers to requests that put blocks together.
struct Swallower {
    port: u16,
    left: Arc<AtomicUsize>,
}

impl Swallower {
    async fn before(server: u16, answers: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (port, left) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(answers)));
        let swallowing = Arc::clone(&left);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, server, Arc::clone(&swallowing)));
            }
        });
        Self { port, left }
    }
}

/// Passes bytes on until an answer is to be swallowed; then the client's connection breaks.
async fn pass(mut client: TcpStream, server: u16, left: Arc<AtomicUsize>) -> std::io::Result<()> {
    let mut server = TcpStream::connect(("127.0.0.1", server)).await?;
    let (mut asked, mut answered) = (vec![0; 64 << 10], vec![0; 64 << 10]);
    let mut commits = false;
    loop {
        tokio::select! {
            bytes = client.read(&mut asked) => {
                let bytes = &asked[..bytes?];
                if bytes.is_empty() {
                    return Ok(());
                }
                commits |= bytes.starts_with(b"PUT") && bytes.windows(COMMIT.len()).any(|part| part == COMMIT);
                server.write_all(bytes).await?;
            }
            bytes = server.read(&mut answered) => {
                let bytes = bytes?;
                let is_swallowed = |left: usize| left.checked_sub(usize::from(commits));
                if bytes == 0 || commits && left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, is_swallowed).is_ok() {
                    return Ok(());
                }
                commits = false;
                client.write_all(&answered[..bytes]).await?;
            }
        }
    }
}

/// A file that was begun and is given up, while so many answers are swallowed; what is there at last.
async fn given_up(answers: usize) -> Option<(Azurite, Swallower, TempDir)> {
    let (azurite, root) = (Azurite::account().await?, TempDir::new().unwrap());
    let swallower = Swallower::before(azurite.blob_port(), answers).await;
    let connection = azurite.connection_string();
    let through = connection.replace(&format!(":{}/", azurite.blob_port()), &format!(":{}/", swallower.port));
    let files = open(&through, &root);
    files.create_session(SESSION, Bytes::from_static(b"{}")).await.unwrap();
    let key = FileKey::new(SESSION, "input/1/a.xml");
    let mut writer = files.write(&key).await.unwrap();
    writer.write(vec![b' '; 9 << 20].into()).await.unwrap();
    drop(writer);
    while swallower.left.load(Ordering::SeqCst) > 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
        assert_eq!(files.bytes_of(&key).await.unwrap(), None, "nobody takes it for a file");
    }
    Some((azurite, swallower, root))
}

async fn until_only_the_mark_is_left(azurite: &Azurite) {
    for attempt in 0.. {
        let left = azurite.blobs("sessions");
        if left == [format!("{SESSION}/metadata.json")] {
            return;
        }
        assert!(attempt < 200, "{left:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_given_up_file_whose_drop_was_tried_again_is_gone() {
    let Some((azurite, ..)) = given_up(1).await else { return };
    until_only_the_mark_is_left(&azurite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_given_up_file_whose_drop_got_no_answer_is_gone() {
    // As often as the call is tried.
    let Some((azurite, ..)) = given_up(3).await else { return };
    until_only_the_mark_is_left(&azurite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_process_left_of_a_drop_is_no_file_and_goes_with_the_cleanup() {
    let (Some(azurite), root) = (Azurite::account().await, TempDir::new().unwrap()) else { return };
    let files = open(&azurite.connection_string(), &root);
    files.create_session(SESSION, Bytes::from_static(b"{}")).await.unwrap();
    azurite.put_dropped_blob("sessions", &format!("{SESSION}/input/1/a.xml"));
    let key = FileKey::new(SESSION, "input/1/a.xml");
    assert_eq!(files.bytes_of(&key).await.unwrap(), None);
    assert!(files.read(&key, None).await.unwrap().is_none());
    assert!(files.local_copy(&key).await.unwrap().is_none());
    assert_eq!(files.copy(&key, &FileKey::new(SESSION, "input/2/a.xml")).await.unwrap(), None);
    files.remove_abandoned(SESSION, Timestamp::from_millis(0)).await.unwrap();
    assert_eq!(azurite.blobs("sessions"), [format!("{SESSION}/metadata.json")]);
}
