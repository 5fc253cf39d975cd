//! A line between an instance and a server that can be cut, held up, and led elsewhere.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, copy, copy_bidirectional},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

/// What becomes of what goes over the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    Whole,
    /// Connections are refused, those that are there end.
    Cut,
    /// Connections are there, and nothing comes through.
    Silent,
}

/// Whether what is sent is passed on as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passes {
    Everything,
    /// Every connection has journals under names of its own, which nobody finds who comes later.
    JournalsRenamed,
}

/// What the name of every journal begins with.
const JOURNAL: &[u8; 7] = b"ret:w:{";

static CONNECTIONS: AtomicUsize = AtomicUsize::new(0);

/// The line, from an address of its own.
pub struct Proxy {
    pub address: SocketAddr,
    upstream: Arc<Mutex<SocketAddr>>,
    line: watch::Sender<Line>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    pub async fn to(port: u16, passes: Passes) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let upstream = Arc::new(Mutex::new(SocketAddr::from(([127, 0, 0, 1], port))));
        let line = watch::Sender::new(Line::Whole);
        let accepting = tokio::spawn(accept(listener, Arc::clone(&upstream), line.clone(), passes));
        Self { address, upstream, line, accepting }
    }

    pub fn set(&self, line: Line) {
        self.line.send_replace(line);
    }

    /// Leads new connections to another server, and ends those that are there.
    pub fn lead_to(&self, port: u16) {
        *self.upstream.lock().unwrap() = SocketAddr::from(([127, 0, 0, 1], port));
        self.set(Line::Cut);
        self.set(Line::Whole);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, upstream: Arc<Mutex<SocketAddr>>, line: watch::Sender<Line>, passes: Passes) {
    while let Ok((near, _)) = listener.accept().await {
        let to = *upstream.lock().unwrap();
        let line = line.subscribe();
        tokio::spawn(carry(near, to, line, passes));
    }
}

/// Carries one connection until the line changes.
async fn carry(mut near: TcpStream, to: SocketAddr, mut line: watch::Receiver<Line>, passes: Passes) {
    let now = *line.borrow_and_update();
    match now {
        Line::Cut => {}
        // What is read here and not sent on fills the sender's own buffer, as a line does that drops packets.
        Line::Silent => drop(line.changed().await),
        Line::Whole => {
            let carried = async {
                if let Ok(mut far) = TcpStream::connect(to).await {
                    let _ = far.set_nodelay(true);
                    let _ = near.set_nodelay(true);
                    let _ = match passes {
                        Passes::Everything => copy_bidirectional(&mut near, &mut far).await.map(drop),
                        Passes::JournalsRenamed => {
                            let ((from, mut back), (mut answers, to)) = (near.split(), far.split());
                            tokio::try_join!(rename_journals(from, to), copy(&mut answers, &mut back)).map(drop)
                        }
                    };
                }
            };
            tokio::select! {
                () = carried => {}
                _ = line.changed() => {}
            }
            // What was on its way is lost; the connection hangs for as long as the line is silent.
            while *line.borrow_and_update() == Line::Silent && line.changed().await.is_ok() {}
        }
    }
}

/// Passes on what is sent, with other names of the same length for journals.
async fn rename_journals(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin) -> std::io::Result<()> {
    let number = CONNECTIONS.fetch_add(1, Ordering::Relaxed) % 1000;
    let name = format!("{number:03}:w:{{");
    assert_eq!(name.len(), JOURNAL.len());
    let mut held = Vec::new();
    while from.read_buf(&mut held).await? > 0 {
        while let Some(at) = held.windows(JOURNAL.len()).position(|part| part == JOURNAL) {
            held[at..at + JOURNAL.len()].copy_from_slice(name.as_bytes());
        }
        // What may be the beginning of a name waits for the rest; a command does not end so.
        let begun = (1..JOURNAL.len()).rev().find(|length| held.ends_with(&JOURNAL[..*length])).unwrap_or(0);
        let rest = held.split_off(held.len() - begun);
        to.write_all(&held).await?;
        held = rest;
    }
    to.shutdown().await
}
