//! The least that axum can be: what `cargo bench --bench runtime` compares the start of RET with.
#![expect(clippy::disallowed_methods, reason = "it has no settings but this one")]

use axum::{Router, routing::get};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let port = std::env::var("FUNCTIONS_CUSTOMHANDLER_PORT").unwrap_or_default();
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    axum::serve(listener, Router::new().route("/", get(|| async { "hello" }))).await
}
