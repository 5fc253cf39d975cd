//! Walks one whole session over HTTP against a running service, and says each step; ends at the first that is not as it should be:
//!
//! ```sh
//! RET_TOUR_PASSWORD='the password of admin' scripts/tour http://127.0.0.1:7071 admin
//! ```
#![allow(dead_code, unreachable_pub, unused_imports, reason = "the tests use more of it")]
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "for use by hand")]
#![allow(clippy::disallowed_methods, clippy::large_futures, clippy::needless_pass_by_value, reason = "as in the tests")]

#[path = "../tests/harness"]
mod harness {
    mod client;
    pub mod samples;

    pub use client::{Answer, Client, Transport};
}

#[path = "../tests/tour/walk.rs"]
mod walk;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, username] = &arguments[..] else { panic!("it takes two arguments: the URL of the service, and a user") };
    let password = std::env::var("RET_TOUR_PASSWORD").expect("RET_TOUR_PASSWORD must be the user's password");
    let visitor = harness::Client::new(harness::Transport::remote(url));
    walk::walk(&visitor, username, &password, |step| println!("ok    {step}")).await;
    println!("tour complete");
}
