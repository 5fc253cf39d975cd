//! The executable with the settings that the templates give it, on servers that know it by its identity only. What differs from Azure: Redis and
//! PostgreSQL are reached without TLS and have other names, so that they are said to be reached by identity.

use std::{
    collections::BTreeMap,
    path::Path,
    process::{Command, Output},
};

use serde_json::json;
use tempfile::TempDir;

use super::{
    QUEUE,
    identity::{LONG, storage_token},
};
use crate::{
    architecture::azure::template::{self, IDENTITY_NAME, PRINCIPAL_ID, Parts},
    harness::{ADMIN_PASSWORD, AUTHORITY, Azurite, Identity, Postgres, Process, Redis, samples},
};

/// Stands for the function that PostgreSQL on Azure has for principals of Entra.
const PRINCIPALS: &str =
    "CREATE FUNCTION pgaadauth_create_principal_with_oid(name text, oid text, kind text, admin boolean, mfa boolean)
    RETURNS text LANGUAGE plpgsql AS $$ BEGIN EXECUTE format('CREATE ROLE %I LOGIN', name); RETURN name; END $$";

/// The administrator of the servers that tests start.
const ADMINISTRATOR: &str = "ret";

/// Runs the deployment's SQL as `scripts/azure/database` does.
fn give_role(postgres: &Postgres) {
    let mut psql = Command::new("psql");
    psql.args(["--quiet", "--no-psqlrc", "--host", "127.0.0.1", "--port", &postgres.port().to_string()]);
    psql.args(["--username", ADMINISTRATOR, "--dbname", "postgres"]);
    for (name, value) in [
        ("identity", IDENTITY_NAME),
        ("principal_id", PRINCIPAL_ID),
        ("database", postgres.name()),
        ("administrator", ADMINISTRATOR),
    ] {
        psql.args(["--set", &format!("{name}={value}")]);
    }
    let ran = psql.arg("--file").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("infra/sql/app-role.sql")).output();
    let ran = ran.expect("psql comes with PostgreSQL: scripts/setup");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
}

fn ret(arguments: &[&str], settings: &BTreeMap<String, String>, input: &str) -> Output {
    use std::io::Write as _;
    let mut command = Command::new(env!("CARGO_BIN_EXE_ret"));
    command.args(arguments).envs(settings).stdin(std::process::Stdio::piped());
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// The role, the schema and the first administrator, before the service starts.
fn set_up(postgres: &Postgres) {
    give_role(postgres);
    let folder = TempDir::new().unwrap();
    let settings = [("DATABASE_URL", postgres.url()), ("RET_RUNTIME_ROOT", folder.path().to_str().unwrap().to_owned())];
    let settings = settings.map(|(name, value)| (name.to_owned(), value)).into();
    let done = |arguments: &[&str], input: &str| {
        let ended = ret(arguments, &settings, input);
        assert!(ended.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&ended.stderr));
        String::from_utf8(ended.stdout).unwrap()
    };
    assert!(done(&["migrate"], "").starts_with("the schema was at none"));
    give_role(postgres);
    assert_eq!(done(&["user", "list"], ""), "", "an account was made");
    done(&["user", "add", "admin", "--admin"], &format!("{ADMIN_PASSWORD}\n"));
}

/// The app's settings for these servers.
fn settings(postgres: &Postgres, redis: &Redis, azurite: &Azurite, identity: &Identity) -> BTreeMap<String, String> {
    let (blobs, queues) = (azurite.blob_endpoint(), azurite.queue_endpoint());
    let mut settings = template::settings(
        Parts::All,
        &[
            ("database.outputs.host", "127.0.0.1"),
            ("database.outputs.port", &postgres.port().to_string()),
            ("database.outputs.databaseName", postgres.name()),
            ("redis.server", &format!("127.0.0.1:{}", redis.port())),
            ("hostStorage.queueEndpoint", &queues),
            ("sessionFiles.blobEndpoint", &blobs),
            // Left out here: the stand-in for Cosmos DB takes keys, and there is no model.
            ("sessionCache.store", "postgres"),
            ("models.endpoint", ""),
        ],
    );
    // What the platform does: it puts the secret in the place of its reference, and tells where tokens are had.
    settings.insert("JWT_SECRET_KEY".into(), "k".repeat(64));
    settings.extend(identity.settings());
    // What differs.
    let redis = settings["REDIS_CONNECTION_STRING"].replace("rediss://", "redis://");
    settings.insert("REDIS_CONNECTION_STRING".into(), redis);
    settings.insert("RET_SERVER_IDENTITY".into(), "true".into());
    settings.insert("SSL_CERT_FILE".into(), AUTHORITY.to_owned());
    settings
}

#[tokio::test(flavor = "multi_thread")]
async fn the_settings_of_the_templates_start_a_service_that_is_ready() {
    let Some(azurite) = Azurite::with_certificate().await else { return };
    let (Some(postgres), Some(redis)) = (Postgres::alone().await, Redis::start().await) else { return };
    let token = storage_token(LONG);
    let identity = Identity::start(&token, LONG).await;
    postgres.execute_in("postgres", PRINCIPALS.to_owned()).await;
    tokio::task::block_in_place(|| set_up(&postgres));
    // A token is as good as a password there, and nothing else is let in.
    postgres.execute(format!("ALTER ROLE \"{IDENTITY_NAME}\" PASSWORD '{token}'")).await;
    let mut admin = redis::Client::open(redis.url()).unwrap().get_connection().unwrap();
    let mut let_in = redis::cmd("ACL");
    let_in.arg("SETUSER").arg(PRINCIPAL_ID).arg("on").arg(format!(">{token}")).arg("~*").arg("+@all");
    let_in.query::<()>(&mut admin).unwrap();

    let mut settings = settings(&postgres, &redis, &azurite, &identity);
    let folder = TempDir::new().unwrap();
    settings.insert("RET_RUNTIME_ROOT".into(), folder.path().join("ret").to_str().unwrap().to_owned());
    let given: Vec<_> = settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let process = Process::start_as_handler(&given).await;
    let client = process.admin().await;
    let ready = client.get("/api/ready").await.expect(200).json();
    assert_eq!(ready["status"], "ready", "{ready}");
    client.upload("orders.xml", samples::ORDERS).await.expect(201);
    let accepted = client.post("/api/convert", json!({})).await.expect(202).json();
    let announced = azurite.messages(QUEUE).await;
    assert_eq!(announced, [json!({ "job_id": accepted["job_id"] }).to_string()]);

    settings.insert("FUNCTIONS_CUSTOMHANDLER_PORT".into(), "0".into());
    let doctor = tokio::task::block_in_place(|| ret(&["doctor"], &settings, ""));
    let said = String::from_utf8_lossy(&doctor.stdout).into_owned();
    assert!(doctor.status.success() && said.contains("everything is well"), "{said}");
    for part in ["REDIS_CONNECTION_STRING", "queue of the Functions host", "database", "session_files"] {
        assert!(said.contains(&format!("ok    {part}")), "{part}: {said}");
    }
}
