//! A handler that is only a socket in this process: it sees requests byte for byte and answers what it was given.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// Listens on a port that is fixed in `host.json`; the process that the host launches there does nothing.
pub struct RawHandler {
    pub port: u16,
    seen: Arc<Mutex<Vec<Seen>>>,
    count: watch::Receiver<usize>,
    connections: Arc<AtomicUsize>,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Seen {
    pub method: String,
    pub target: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// As it came, with the marks of chunks.
    pub body: String,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body without the marks of a single chunk.
    pub fn unchunked(&self) -> &str {
        self.body.split("\r\n").nth(1).unwrap()
    }
}

impl RawHandler {
    /// Answers the probe with 200, and every other request with these bytes and the end of the connection.
    pub async fn start(answer: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (seen, connections, (counter, count)) = (Arc::default(), Arc::default(), watch::channel(0));
        let handler = Self { port, seen: Arc::clone(&seen), count, connections: Arc::clone(&connections) };
        let answer = answer.to_owned();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::SeqCst);
                let (seen, counter, answer) = (Arc::clone(&seen), counter.clone(), answer.clone());
                tokio::spawn(async move {
                    if let Some(request) = exchange(stream, &answer).await {
                        seen.lock().unwrap().push(request);
                        counter.send_modify(|count| *count += 1);
                    }
                });
            }
        });
        handler
    }

    /// A `host.json` for this handler with these members of `customHandler` beside.
    pub fn host_json(&self, handler: Value) -> Value {
        let mut handler = handler;
        handler["description"] = json!({ "defaultExecutablePath": "sleep", "arguments": ["600"] });
        handler["port"] = json!(self.port);
        json!({ "version": "2.0", "customHandler": handler })
    }

    /// How many connections have come, that of the probe among them.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// The request of this number; the probe is number 0.
    pub async fn request(&self, number: usize) -> Seen {
        let mut count = self.count.clone();
        super::support::soon(count.wait_for(|count| *count > number)).await.unwrap();
        self.seen.lock().unwrap()[number].clone()
    }
}

async fn exchange(mut stream: TcpStream, answer: &str) -> Option<Seen> {
    let mut bytes = Vec::new();
    let seen = loop {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
        if let Some(seen) = parse(&String::from_utf8_lossy(&bytes)) {
            break seen;
        }
    };
    let is_probe = seen.target == "/";
    let ready = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    stream.write_all(if is_probe { ready } else { answer }.as_bytes()).await.ok()?;
    Some(seen)
}

/// The request, if it has come whole.
fn parse(text: &str) -> Option<Seen> {
    let (head, body) = text.split_once("\r\n\r\n")?;
    let mut lines = head.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let headers =
        lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.to_lowercase(), value.to_owned()));
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let seen = Seen { method, target, headers: headers.collect(), body: body.to_owned() };
    let is_whole = match seen.header("content-length") {
        Some(length) => body.len() >= length.parse().ok()?,
        None => seen.header("transfer-encoding").is_none() || body.ends_with("0\r\n\r\n"),
    };
    is_whole.then_some(seen)
}
