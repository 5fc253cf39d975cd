//! The whole tour, wherever the service runs and whatever it keeps its data in. `scripts/tour` walks it against a service by its URL.

mod walk;

use crate::{
    harness::{ADMIN_PASSWORD, Process, Servers, TestApp, Transport, Way},
    platform,
};

async fn tour(app: &TestApp) {
    walk::walk(&app.client(), "admin", ADMIN_PASSWORD, |_| {}).await;
    assert_eq!(app.session_files(), Vec::<String>::new(), "nothing is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn on_the_embedded_stores() {
    for way in [Way::Alone, Way::ThroughHost] {
        tour(&TestApp::start_embedded(way, &[]).await).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_servers() {
    for way in [Way::Alone, Way::ThroughHost] {
        let Some(servers) = Servers::fresh().await else { return };
        tour(&TestApp::start_on_servers(way, servers, &[]).await).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn over_a_url() {
    let process = Process::start(&[]).await;
    let client = crate::harness::Client::new(Transport::remote(&format!("http://{}/", process.address)));
    walk::walk(&client, "admin", ADMIN_PASSWORD, |_| {}).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_process_for_each_group_that_share_nothing_but_servers() {
    let Some((platform, servers)) = platform::on_servers().await else { return };
    let http = platform.start("http").await;
    let _worker = platform.start("function:convert_worker").await;
    walk::walk(&platform::client(&http), "admin", ADMIN_PASSWORD, |_| {}).await;
    assert_eq!(servers.azurite.blobs("sessions"), Vec::<String>::new());
}
