//! What the Functions runtime costs: requests of a trivial function beside bare axum, and the start of the executable beside
//! that of an axum hello.
//!
//! ```sh
//! cargo bench --bench runtime
//! ```
//!
//! Both servers take turns in one process, under the same load from the same process; of the rounds the best counts. Starts
//! are measured from the launch of a process to its answer to the host's probe, as medians.
#![expect(clippy::print_stdout, reason = "figures are what this program is for")]

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use axum::{Router, routing::get};
use ret::runtime::{Clock, Environment, Functions, Mode, start};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const ROUNDS: usize = 15;
const CONNECTIONS: usize = 16;
const REQUESTS: usize = 2_000;
const STARTS: usize = 31;

const HELLO: &str = r#"{"bindings": [
  {"type": "httpTrigger", "name": "req", "direction": "in", "authLevel": "anonymous", "methods": ["get"], "route": "hello"},
  {"type": "http", "name": "res", "direction": "out"}]}"#;

/// As the host passes a request on.
const REQUEST: &str = "GET /api/hello HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: 127.0.0.1\r\n\
    x-ms-invocation-id: 1f8a1c0e-6e0c-4d0e-9d5e-0b7f5f9a0c11\r\n\
    X-Azure-Functions-InvocationId: 1f8a1c0e-6e0c-4d0e-9d5e-0b7f5f9a0c11\r\n\r\n";

fn main() -> Outcome<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    let (bare, through) = runtime.block_on(Box::pin(throughput()))?;
    println!("requests per second: bare axum {bare:.0}, runtime {through:.0}, ratio {:.3}", through / bare);

    let folder = tempfile::tempdir()?;
    let executable = Path::new(env!("CARGO_BIN_EXE_ret"));
    let root = folder.path().to_string_lossy().into_owned();
    let embedded = vec![("RET_RUNTIME_ROOT", root.as_str()), ("RET_ADMIN_PASSWORD", "an-admin-password")];
    let on_azure = [
        embedded.clone(),
        vec![
            ("STORAGE_QUEUE_ENDPOINT", "https://account.queue.core.windows.net"),
            ("AZURE_CLIENT_ID", "00000000-0000-0000-0000-000000000000"),
            ("IDENTITY_ENDPOINT", "http://127.0.0.1:9/identity"),
            ("IDENTITY_HEADER", "none"),
        ],
    ]
    .concat();
    // The first start makes the databases and the first account.
    answered_after(executable, &embedded)?;
    let (mut hello, mut alone, mut azure) = (Vec::new(), Vec::new(), Vec::new());
    let hello_executable = hello_executable()?;
    for _ in 0..STARTS {
        hello.push(answered_after(&hello_executable, &[])?);
        alone.push(answered_after(executable, &embedded)?);
        azure.push(answered_after(executable, &on_azure)?);
    }
    let (hello, alone, azure) = (median(hello), median(alone), median(azure));
    let allowed = hello.mul_f64(1.5) + Duration::from_millis(30);
    println!(
        "start to first answer: axum hello {hello:.1?}, embedded {alone:.1?}, adapters of Azure {azure:.1?} (allowed {allowed:.1?})"
    );
    Ok(())
}

struct SystemTimeClock;

impl Clock for SystemTimeClock {
    #[expect(clippy::disallowed_methods, reason = "a clock is where the time comes from")]
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}

/// Requests per second of bare axum and through the runtime.
async fn throughput() -> Outcome<(f64, f64)> {
    let router = || Router::new().route("/api/hello", get(|| async { "hello" }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let bare = listener.local_addr()?;
    tokio::spawn(async move { axum::serve(listener, router()).await });
    let environment = Environment::new(Mode::Handler { port: 0 }, Arc::new(SystemTimeClock));
    let server = start(Functions::new().http("hello", HELLO, router()), environment).await?;

    let mut best = [f64::MIN; 2];
    for _ in 0..ROUNDS {
        for (best, address) in best.iter_mut().zip([bare, server.address()]) {
            *best = best.max(load(address).await?);
        }
    }
    server.stop().await;
    Ok((best[0], best[1]))
}

/// Requests per second over kept connections, each with one request at a time.
async fn load(address: SocketAddr) -> Outcome<f64> {
    let started = Instant::now();
    let connections = (0..CONNECTIONS).map(|_| tokio::spawn(requests(address)));
    for connection in connections.collect::<Vec<_>>() {
        connection.await??;
    }
    Ok((CONNECTIONS * REQUESTS) as f64 / started.elapsed().as_secs_f64())
}

async fn requests(address: SocketAddr) -> std::io::Result<()> {
    let mut stream = tokio::net::TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut answer = [0; 1024];
    for _ in 0..REQUESTS {
        stream.write_all(REQUEST.as_bytes()).await?;
        let mut length = 0;
        while !answer[..length].ends_with(b"hello") {
            length += stream.read(&mut answer[length..]).await?;
        }
    }
    Ok(())
}

/// The built example.
fn hello_executable() -> Outcome<PathBuf> {
    let built = Command::new(env!("CARGO")).args(["build", "--release", "--quiet", "--example", "hello"]).status()?;
    if !built.success() {
        return Err("the example hello cannot be built".into());
    }
    let release = Path::new(env!("CARGO_BIN_EXE_ret")).parent().ok_or("no folder of builds")?;
    Ok(release.join("examples/hello"))
}

/// A process that is ended when it is done with.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// From the launch of a handler to its answer to the probe, which is sent again and again until it is answered.
fn answered_after(executable: &Path, settings: &[(&str, &str)]) -> Outcome<Duration> {
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let started = Instant::now();
    let child = Command::new(executable)
        .env("FUNCTIONS_CUSTOMHANDLER_PORT", address.port().to_string())
        .envs(settings.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let _running = Running(child);
    while started.elapsed() < Duration::from_secs(30) {
        if let Ok(mut stream) = TcpStream::connect(address) {
            stream.write_all(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")?;
            let mut answer = Vec::new();
            if stream.read_to_end(&mut answer).is_ok() && answer.starts_with(b"HTTP/1.1 ") {
                return Ok(started.elapsed());
            }
        }
        std::thread::sleep(Duration::from_micros(200));
    }
    Err(format!("{} does not answer", executable.display()).into())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
