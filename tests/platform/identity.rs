//! The identity that the platform gives to the process: from the platform's endpoint to the servers that know the process by it.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;

use super::QUEUE;
use crate::harness::{AUTHORITY, Azurite, Identity, Process, Redis, client_that_trusts_it, samples};

/// What tokens for storage are for.
const STORAGE: &str = "https://storage.azure.com";

/// The object id of the identity.
const OBJECT: &str = "7d3f1c9e-0000-4000-8000-000000000001";

/// Tokens with less left than that are asked for anew.
pub(super) const LONG: Duration = Duration::from_secs(3600);

/// A token for storage as Azurite judges it: for what, from whom, until when. It looks at no signature.
pub(super) fn storage_token(lifetime: Duration) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let claims = json!({
        "aud": STORAGE, "iss": "https://sts.windows.net/tenant/", "oid": OBJECT, "tid": "tenant",
        "iat": now.as_secs() - 60, "nbf": now.as_secs() - 60, "exp": (now + lifetime).as_secs(),
    });
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.{}", part(r#"{"alg":"none"}"#), part(&claims.to_string()), part("no signature"))
}

/// What leads to an account by an identity.
fn settings(azurite: &Azurite, identity: &Identity) -> Vec<(String, String)> {
    let mut settings = identity.settings();
    let named = [
        ("STORAGE_BLOB_ENDPOINT", azurite.blob_endpoint()),
        ("STORAGE_QUEUE_ENDPOINT", azurite.queue_endpoint()),
        ("SSL_CERT_FILE", AUTHORITY.to_owned()),
    ];
    settings.extend(named.map(|(key, value)| (key.to_owned(), value)));
    settings
}

fn borrowed(settings: &[(String, String)]) -> Vec<(&str, &str)> {
    settings.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn files_and_the_queue_are_reached_by_tokens_that_are_renewed() {
    let Some(azurite) = Azurite::with_certificate().await else { return };
    let short = Duration::from_secs(5);
    let first_ends = Instant::now() + short;
    let identity = Identity::start(&storage_token(short), short).await;
    let process = Process::start_as_handler(&borrowed(&settings(&azurite, &identity))).await;
    let client = process.admin().await;
    client.upload("first.xml", samples::ORDERS).await.expect(201);
    client.get("/api/ready").await.expect(200);
    assert!(Instant::now() < first_ends, "the machine is too busy for a token that holds so short");
    let asked = identity.asked();
    assert!(!asked.is_empty() && asked.iter().all(|resource| resource == STORAGE), "{asked:?}");

    identity.give(&storage_token(LONG), LONG);
    // The first one is refused now.
    tokio::time::sleep_until((first_ends + Duration::from_secs(1)).into()).await;
    client.upload("second.xml", samples::BOOKS).await.expect(201);
    let accepted = client.post("/api/convert", json!({})).await.expect(202).json();
    let rung = azurite.messages(QUEUE).await;
    assert_eq!(rung, [json!({ "job_id": accepted["job_id"] }).to_string()]);

    let asked = identity.asked().len();
    identity.fail();
    for name in ["first.xml", "second.xml"] {
        client.get(&format!("/api/files/input/{name}")).await.expect(200);
    }
    client.get("/api/ready").await.expect(200);
    assert_eq!(identity.asked().len(), asked, "a token that holds is kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_files_are_away_and_come_back_with_it() {
    let Some(azurite) = Azurite::with_certificate().await else { return };
    let identity = Identity::start("a-token-of-somebody-else", LONG).await;
    identity.fail();
    let process = Process::start(&borrowed(&settings(&azurite, &identity))).await;
    let client = process.client();
    let login = json!({ "username": "admin", "password": crate::harness::ADMIN_PASSWORD });
    let refused = client.post("/api/auth/login", login.clone()).await.expect(503);
    assert!(refused.headers.contains_key("retry-after"));
    identity.give(&storage_token(LONG), LONG);
    client.post("/api/auth/login", login).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_puts_a_file_at_an_address_signed_for_the_identity() {
    let Some(azurite) = Azurite::with_certificate().await else { return };
    let identity = Identity::start(&storage_token(LONG), LONG).await;
    let process = Process::start(&borrowed(&settings(&azurite, &identity))).await;
    let client = process.admin().await;
    let wanted = json!({ "name": "2024/größe 1.xml", "bytes": samples::ORDERS.len() });
    let offer = client.post("/api/upload/tickets", wanted).await.expect(201).json();
    let address = offer["upload_url"].as_str().unwrap();
    assert!(address.starts_with(&azurite.blob_endpoint()) && address.contains(&format!("skoid={OBJECT}")), "{address}");

    let browser = client_that_trusts_it();
    let mut put = browser.put(address).body(samples::ORDERS);
    for (name, value) in offer["headers"].as_object().unwrap() {
        put = put.header(name, value.as_str().unwrap());
    }
    let put = put.send().await.unwrap();
    assert_eq!(put.status(), 201, "{}", put.text().await.unwrap());
    assert_eq!(browser.get(address).send().await.unwrap().status(), 403, "it is for writing only");
    let damaged = address.replace("sig=", "sig=A");
    let refused = browser.put(damaged).header("x-ms-blob-type", "BlockBlob").body("<a/>").send().await.unwrap();
    assert_eq!(refused.status(), 403);

    let complete = format!("/api/upload/tickets/{}/complete", offer["ticket"].as_str().unwrap());
    let report = client.post(&complete, json!({})).await.expect(201).json();
    assert_eq!((&report["documents"], &report["files"][0]["name"]), (&json!(1), &json!("2024/größe 1.xml")));
    let kept = client.get("/api/files/input/2024/gr%C3%B6%C3%9Fe%201.xml").await.expect(200).body;
    assert_eq!(kept, samples::ORDERS);
}

/// How often somebody signed in on connections that were there, and was let in.
fn signed_in_again(admin: &mut redis::Connection) -> usize {
    let all: String = redis::cmd("INFO").arg("commandstats").query(admin).unwrap();
    let Some(line) = all.lines().find(|line| line.starts_with("cmdstat_auth:")) else { return 0 };
    let count = |name: &str| {
        let field = line.split([':', ',']).find_map(|field| field.strip_prefix(name)).unwrap();
        field.parse::<usize>().unwrap()
    };
    count("calls=") - count("failed_calls=")
}

fn connections_of_the_identity(admin: &mut redis::Connection) -> Vec<String> {
    let all: String = redis::cmd("CLIENT").arg("LIST").query(admin).unwrap();
    let own = all.lines().filter(|line| line.contains(&format!("user={OBJECT} ")));
    own.map(|line| line.split(' ').next().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_is_told_the_next_token_on_the_connection_that_is_there() {
    let Some(redis) = Redis::start().await else { return };
    let mut admin = redis::Client::open(redis.url()).unwrap().get_connection().unwrap();
    let mut let_in = |rules: &[&str]| {
        let mut command = redis::cmd("ACL");
        command.arg("SETUSER").arg(OBJECT).arg("on").arg(rules).query::<()>(&mut admin).unwrap();
    };
    let_in(&[">token-1", "~*", "+@all"]);
    // So short that it is to be replaced at once.
    let identity = Identity::start("token-1", Duration::from_secs(60)).await;
    let mut settings = identity.settings();
    let url = redis.url().replace("redis://", &format!("redis://{OBJECT}@"));
    let named = [("REDIS_ENABLED", "true"), ("REDIS_CONNECTION_STRING", &url), ("RET_SERVER_IDENTITY", "true")];
    settings.extend(named.map(|(key, value)| (key.to_owned(), value.to_owned())));
    let process = Process::start(&borrowed(&settings)).await;
    let client = process.admin().await;
    assert_eq!(client.get("/api/ready").await.expect(200).json()["status"], "ready");
    assert_eq!(identity.asked()[0], "https://redis.azure.com");

    // Nobody signs in again with the token that they have, so the count stands still until there is another.
    let_in(&[">token-2"]);
    let mut asks = redis::Client::open(redis.url()).unwrap().get_connection().unwrap();
    let connections = connections_of_the_identity(&mut asks);
    let (before, started) = (signed_in_again(&mut asks), Instant::now());
    identity.give("token-2", LONG);
    while signed_in_again(&mut asks) == before {
        assert!(started.elapsed() < Duration::from_secs(60), "nobody signs in again");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let_in(&["<token-1"]);
    assert_eq!(connections_of_the_identity(&mut asks), connections, "the same connections");
    let asked = identity.asked().len();
    identity.fail();
    for _ in 0..20 {
        assert_eq!(client.get("/api/ready").await.expect(200).json()["status"], "ready");
    }
    assert_eq!(identity.asked().len(), asked, "a token that holds is kept");
}
