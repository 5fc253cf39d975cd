//! Redis is killed, comes back empty, or hangs: everything goes on, in time, and nothing old is told afterwards.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use ret::{
    adapters::{
        redis::{RedisLogin, RedisServer},
        system::{SystemClock, SystemRandom},
    },
    domain::rate::Quota,
    ports::{OptionalServer as _, SessionCache},
};
use tokio::net::{TcpListener, TcpStream};

use crate::harness::{Redis, Servers, Stopwatch, TestApp, Way, samples};

/// Longer than all time that the tests let pass.
const LONG: Duration = Duration::from_secs(30 * 24 * 3600);

/// Copies outlive the test as well: what is not told any more was forgotten, and has not ended.
const SETTINGS: [(&str, &str); 1] = [("REDIS_CACHE_TTL", "2592000")];

/// No request is held up longer than this by a Redis that does not answer.
const HELD_UP_AT_MOST: Duration = Duration::from_millis(1500);

/// Two instances on the same servers.
struct Bench {
    here: TestApp,
    there: TestApp,
}

impl Bench {
    async fn new() -> Option<Self> {
        let servers = Servers::fresh().await?;
        let here = TestApp::start_on_servers(Way::Alone, servers, &SETTINGS).await;
        let there = here.second_instance().await;
        Some(Self { here, there })
    }

    fn redis(&self) -> &crate::harness::Redis {
        &self.here.servers.as_ref().unwrap().redis
    }

    fn caches(&self) -> [&Arc<dyn SessionCache>; 2] {
        [&self.here, &self.there].map(|app| &app.app.stores().session_cache)
    }

    fn let_staleness_pass(&self) {
        self.here.clock.advance(ret::ports::session_cache::STALENESS_OF_TIERS);
    }

    /// Has both instances and Redis know a value.
    async fn spread(&self, key: &str, value: &'static str) {
        let [here, there] = self.caches();
        here.set(key, Bytes::from_static(value.as_bytes()), LONG).await.unwrap();
        let (started, before) = (Instant::now(), here.stats().hits_shared);
        // What an instance still owes to a server that has come back it does first.
        while here.stats().hits_shared == before {
            assert!(started.elapsed() < Duration::from_secs(60), "Redis takes no part");
            tokio::time::sleep(Duration::from_millis(10)).await;
            for cache in [there, here] {
                self.let_staleness_pass();
                assert_eq!(cache.get(key).await.unwrap().unwrap(), value);
            }
        }
    }

    /// What both instances know, once what they knew does not count any more.
    async fn known(&self, key: &str) -> [Option<Bytes>; 2] {
        self.let_staleness_pass();
        let [here, there] = self.caches();
        // The one that did not write first.
        let other = there.get(key).await.unwrap();
        [here.get(key).await.unwrap(), other]
    }

    /// What people do, with what it takes.
    async fn work(&self) {
        for app in [&self.here, &self.there] {
            let client = in_time(app.admin()).await;
            in_time(async { client.upload("books.xml", samples::BOOKS).await.expect(201) }).await;
            in_time(async { client.get("/api/files").await.expect(200) }).await;
            in_time(async { client.post("/api/logout", serde_json::json!({})).await.expect(200) }).await;
        }
    }

    async fn ready_again(&self) -> Duration {
        let (started, watch) = (Instant::now(), Stopwatch::start());
        for app in [&self.here, &self.there] {
            while status_of(app).await.1 != "ready" {
                assert!(started.elapsed() < Duration::from_secs(60), "never ready again");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        watch.elapsed()
    }
}

async fn status_of(app: &TestApp) -> (u16, String) {
    let ready = app.client().get("/api/ready").await;
    (ready.status.as_u16(), ready.json()["status"].as_str().unwrap().to_owned())
}

async fn in_time<T>(work: impl Future<Output = T>) -> T {
    let started = Stopwatch::start();
    let done = work.await;
    assert!(started.elapsed() < HELD_UP_AT_MOST, "took {:?}", started.elapsed());
    done
}

/// How many of 400 requests pass, which are spread over the instances.
async fn admitted(key: &str, apps: &[&TestApp]) -> u32 {
    // So long that the time which the tests let pass counts for nothing.
    let quota = Quota { requests: 100, period: Duration::from_secs(24 * 3600) };
    let mut allowed = 0;
    for number in 0..400 {
        let stores = apps[number % apps.len()].app.stores();
        allowed += u32::from(stores.rate_limits.take(key, quota, stores.clock.now()).await.unwrap().allowed);
    }
    allowed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_and_started_again_empty() {
    let Some(bench) = Bench::new().await else { return };
    for key in ["session:1:a", "session:1:b", "session:2:a", "c"] {
        bench.spread(key, "old").await;
    }
    assert_eq!(admitted("before", &[&bench.here]).await, 100);
    bench.redis().kill();
    bench.work().await;
    assert_eq!(status_of(&bench.here).await, (200, "degraded".to_owned()));
    let [here, there] = bench.caches();
    here.set("session:1:a", Bytes::from_static(b"new"), LONG).await.unwrap();
    assert!(there.delete("session:1:b").await.unwrap());
    assert_eq!(here.clear_prefix("session:2:").await.unwrap(), 1);
    let expected = [("session:1:a", Some("new")), ("session:1:b", None), ("session:2:a", None), ("c", Some("old"))];
    for (key, value) in expected {
        assert_eq!(bench.known(key).await, [value.map(Bytes::from), value.map(Bytes::from)], "{key} while it is away");
    }
    let (one, two) = (&bench.here, &bench.there);
    assert_eq!(admitted("before", &[one]).await, 0, "an outage gives no new quota to who has used it up");
    assert_eq!(admitted("meanwhile", &[one, two]).await, 200, "each instance for itself");
    bench.redis().run();
    let back = bench.ready_again().await;
    assert!(back < Duration::from_secs(2), "back after {back:?}");
    for (key, value) in expected {
        assert_eq!(bench.known(key).await, [value.map(Bytes::from), value.map(Bytes::from)], "{key} afterwards");
    }
    assert_eq!(admitted("afterwards", &[one, two]).await, 100);
    bench.spread("session:3:a", "shared again").await;
    bench.work().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hanging() {
    let Some(bench) = Bench::new().await else { return };
    for round in 0..2 {
        let [set, later, deleted, cleared, kept] =
            ["1:a", "4:a", "1:b", "2:a", "3:a"].map(|name| format!("session:{round}{name}"));
        for key in [&set, &later, &deleted, &cleared, &kept] {
            bench.spread(key, "old").await;
        }
        bench.redis().pause();
        let [here, there] = bench.caches();
        // The first calls of both instances meet a server that takes what is sent and says nothing.
        in_time(here.set(&set, Bytes::from_static(b"new"), LONG)).await.unwrap();
        in_time(there.delete(&deleted)).await.unwrap();
        in_time(here.clear_prefix(&cleared)).await.unwrap();
        let expected = [(&set, Some("new")), (&deleted, None), (&cleared, None), (&kept, Some("old"))];
        for (key, value) in expected {
            let known = in_time(bench.known(key)).await;
            assert_eq!(known, [value.map(Bytes::from), value.map(Bytes::from)], "{key} while it hangs");
        }
        bench.work().await;
        assert_eq!(status_of(&bench.here).await, (200, "degraded".to_owned()));
        // By now nothing is sent any more.
        in_time(here.set(&later, Bytes::from_static(b"new"), LONG)).await.unwrap();
        bench.redis().resume();
        let back = bench.ready_again().await;
        assert!(back < Duration::from_secs(2), "back after {back:?}");
        let (resumed, expected) = (Instant::now(), [&expected[..], &[(&later, Some("new"))]].concat());
        // Until Redis takes part again, and after.
        while resumed.elapsed() < Duration::from_secs(3) {
            tokio::time::sleep(Duration::from_millis(10)).await;
            for (key, value) in &expected {
                let value = value.map(Bytes::from);
                assert_eq!(bench.known(key).await, [value.clone(), value], "{key} after {:?}", resumed.elapsed());
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn away_from_the_start() {
    let Some(servers) = Servers::fresh().await else { return };
    servers.redis.kill();
    let here = in_time(TestApp::start_on_servers(Way::Alone, servers, &SETTINGS)).await;
    let there = here.second_instance().await;
    let bench = Bench { here, there };
    bench.work().await;
    assert_eq!(status_of(&bench.here).await, (200, "degraded".to_owned()));
    bench.redis().run();
    assert!(bench.ready_again().await < Duration::from_secs(2));
    bench.spread("session:1:a", "shared").await;
}

/// Takes connections, and lets nothing through for a while after the first one has come.
async fn slow_to_begin(server: u16, pause: Duration) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            tokio::spawn(async move {
                tokio::time::sleep(pause).await;
                let mut server = TcpStream::connect(("127.0.0.1", server)).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    port
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_takes_long_to_make_is_no_outage() {
    let Some(redis) = Redis::start().await else { return };
    let port = slow_to_begin(redis.port(), Duration::from_millis(800)).await;
    let url = format!("redis://127.0.0.1:{port}");
    let server = RedisServer::new(&url, RedisLogin::AsGiven, Arc::new(SystemClock), Arc::new(SystemRandom)).unwrap();
    let began = Instant::now();
    let together = futures::future::join_all((0..10).map(|_| server.check())).await;
    let waited = began.elapsed();
    assert!(waited < Duration::from_millis(700), "{waited:?}");
    for failure in together {
        let failure = failure.unwrap_err().to_string();
        assert!(failure.contains("still being made"), "{failure}");
    }
    let mut longest = Duration::ZERO;
    loop {
        let asked = Instant::now();
        let Err(failure) = server.check().await else { break };
        longest = longest.max(asked.elapsed());
        assert!(
            failure.to_string().contains("still being made"),
            "the server is not taken for one that is away: {failure}"
        );
        assert!(began.elapsed() < Duration::from_secs(5), "never connected");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(longest < Duration::from_millis(100), "later calls do not wait again, as this one did: {longest:?}");
}
