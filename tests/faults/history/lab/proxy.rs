//! A line between an instance and a server that can be cut, held up, and led elsewhere.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::copy_bidirectional,
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

/// The line, from an address of its own.
pub struct Proxy {
    pub address: SocketAddr,
    upstream: Arc<Mutex<SocketAddr>>,
    line: watch::Sender<Line>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    pub async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let upstream = Arc::new(Mutex::new(SocketAddr::from(([127, 0, 0, 1], port))));
        let line = watch::Sender::new(Line::Whole);
        let accepting = tokio::spawn(accept(listener, Arc::clone(&upstream), line.clone()));
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

async fn accept(listener: TcpListener, upstream: Arc<Mutex<SocketAddr>>, line: watch::Sender<Line>) {
    while let Ok((near, _)) = listener.accept().await {
        let to = *upstream.lock().unwrap();
        let line = line.subscribe();
        tokio::spawn(carry(near, to, line));
    }
}

/// Carries one connection until the line changes.
async fn carry(mut near: TcpStream, to: SocketAddr, mut line: watch::Receiver<Line>) {
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
                    let _ = copy_bidirectional(&mut near, &mut far).await;
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
