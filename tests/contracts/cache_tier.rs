//! What every tier under the session cache promises that keeps entries for all instances until they end.

use std::{any::Any, num::NonZeroU32, sync::Arc, time::Duration};

use bytes::Bytes;
use ret::{
    adapters::{
        cosmos::{CosmosAccess, CosmosTier},
        postgres::{PostgresDatabase, PostgresLogin},
        sqlite_cache::SqliteCacheTier,
        system::SystemClock,
    },
    domain::Timestamp,
    ports::{CacheTier, cache_tier::CacheEntry},
};

use crate::harness::{COSMOS_KEY, Cosmos, Postgres};

/// A tier with nothing in it, seen from two instances.
pub struct Tier {
    here: Arc<dyn CacheTier>,
    there: Arc<dyn CacheTier>,
    _server: Box<dyn Any + Send + Sync>,
}

impl Tier {
    /// `None` only if there are to be no servers.
    async fn postgres() -> Option<Self> {
        let server = Postgres::database().await?;
        let instance = || -> Arc<dyn CacheTier> {
            let (connections, clock) = (NonZeroU32::new(2).unwrap(), Arc::new(SystemClock));
            Arc::new(PostgresDatabase::open(&server.url(), PostgresLogin::AsGiven, connections, clock).unwrap())
        };
        Some(Self { here: instance(), there: instance(), _server: Box::new(server) })
    }

    async fn cosmos() -> Option<Self> {
        let server = Cosmos::database().await?;
        let instance = || -> Arc<dyn CacheTier> {
            let access = CosmosAccess::Key(COSMOS_KEY.into());
            Arc::new(CosmosTier::new(&server.endpoint(), server.database_name(), access).unwrap())
        };
        Some(Self { here: instance(), there: instance(), _server: Box::new(server) })
    }

    #[expect(clippy::unused_async, reason = "as those on servers")]
    async fn file() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cache.db");
        let instance = || -> Arc<dyn CacheTier> { Arc::new(SqliteCacheTier::open(&path).unwrap()) };
        Some(Self { here: instance(), there: instance(), _server: Box::new(folder) })
    }
}

/// Makes a test of each behaviour for each tier.
macro_rules! tiers {
    ($($behaviour:ident),+ $(,)?) => { tiers!(@each [postgres, cosmos, file] $($behaviour),+); };
    (@each [$($tier:ident),+] $behaviours:tt) => { $(tiers!(@one $tier $behaviours);)+ };
    (@each [$($tier:ident),+] $($behaviour:ident),+) => { tiers!(@each [$($tier),+] ($($behaviour),+)); };
    (@one $tier:ident ($($behaviour:ident),+)) => {
        mod $tier {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $behaviour() {
                let Some(tier) = super::Tier::$tier().await else { return };
                super::$behaviour(tier).await;
            })+
        }
    };
}

tiers!(
    keeps_what_is_set_for_all_instances,
    lives_to_the_millisecond,
    prefixes_are_taken_literally,
    what_has_ended_is_removed,
    any_number_of_entries_is_removed,
    keeps_large_values_of_any_bytes,
    writers_do_not_get_in_each_others_way,
);

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(1_772_359_200_000 + millis)
}

fn entry(value: &str, ends: Timestamp) -> CacheEntry {
    CacheEntry { value: Bytes::copy_from_slice(value.as_bytes()), expires_at: ends }
}

async fn keeps_what_is_set_for_all_instances(tier: Tier) {
    let Tier { here, there, .. } = &tier;
    assert_eq!(here.get("a", at(0)).await.unwrap(), None);
    here.set("a", &entry("1", at(100)), at(0)).await.unwrap();
    assert_eq!(there.get("a", at(0)).await.unwrap(), Some(entry("1", at(100))));
    there.set("a", &entry("2", at(50)), at(0)).await.unwrap();
    assert_eq!(here.get("a", at(0)).await.unwrap(), Some(entry("2", at(50))));
    here.set("empty", &entry("", at(100)), at(0)).await.unwrap();
    assert_eq!(there.get("empty", at(0)).await.unwrap(), Some(entry("", at(100))));
    assert!(there.delete("a", at(0)).await.unwrap());
    assert!(!here.delete("a", at(0)).await.unwrap());
    assert_eq!(here.get("a", at(0)).await.unwrap(), None);
}

async fn lives_to_the_millisecond(tier: Tier) {
    let Tier { here, .. } = &tier;
    here.set("a", &entry("1", at(1500)), at(0)).await.unwrap();
    assert!(here.get("a", at(1499)).await.unwrap().is_some());
    assert!(here.get("a", at(1500)).await.unwrap().is_none());
    assert!(!here.delete("a", at(1500)).await.unwrap(), "what has ended is not there");
}

async fn prefixes_are_taken_literally(tier: Tier) {
    let Tier { here, there, .. } = &tier;
    let keys =
        ["s:1:a", "s:1:b", "s:10:a", "s:1", "s%1:x", "s_1:x", "s*:x", "s[1]:x", "s\\:x", "s:1:\u{10ffff}", "s:1:\0"];
    for key in keys {
        here.set(key, &entry(key, at(100)), at(0)).await.unwrap();
    }
    here.set("s:1:ended", &entry("x", at(5)), at(0)).await.unwrap();
    for one in ["s%", "s_1:", "s*", "s[1]", "s\\"] {
        assert_eq!(there.clear_prefix(one, at(10)).await.unwrap(), 1, "{one}");
    }
    assert_eq!(there.clear_prefix("s:1:", at(10)).await.unwrap(), 4, "what has ended does not count");
    assert_eq!(here.get("s:1:a", at(10)).await.unwrap(), None);
    assert_eq!(here.get("s:1:ended", at(0)).await.unwrap(), None, "and is gone");
    assert_eq!(here.get("s:10:a", at(10)).await.unwrap(), Some(entry("s:10:a", at(100))));
    assert_eq!(here.clear_prefix("", at(10)).await.unwrap(), 2);
}

async fn what_has_ended_is_removed(tier: Tier) {
    let Tier { here, .. } = &tier;
    for ends in [10, 20, 30] {
        here.set(&format!("k{ends}"), &entry("1", at(ends)), at(0)).await.unwrap();
    }
    assert_eq!(here.remove_expired(at(20)).await.unwrap(), 2);
    assert_eq!(here.remove_expired(at(20)).await.unwrap(), 0);
    assert!(here.get("k30", at(20)).await.unwrap().is_some());
}

async fn any_number_of_entries_is_removed(tier: Tier) {
    const MANY: u64 = 350;
    let Tier { here, there, .. } = &tier;
    let fill = async |keys: &str, ends: i64| {
        for number in 0..MANY {
            here.set(&format!("s:{keys}{number}"), &entry("1", at(ends)), at(0)).await.unwrap();
        }
    };
    fill("1:", 10).await;
    fill("2:", 100).await;
    assert_eq!(here.remove_expired(at(20)).await.unwrap(), MANY);
    fill("3:", 100).await;
    assert_eq!(there.clear_prefix("s:2:", at(20)).await.unwrap(), MANY);
    assert_eq!(there.clear_prefix("s:", at(20)).await.unwrap(), MANY);
    assert_eq!(here.clear_prefix("", at(20)).await.unwrap(), 0);
}

async fn keeps_large_values_of_any_bytes(tier: Tier) {
    let Tier { here, there, .. } = &tier;
    let value: Bytes = (0..1_500_000_u32).map(|number| number.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
    let large = CacheEntry { value, expires_at: at(100) };
    here.set("large", &large, at(0)).await.unwrap();
    assert!(there.get("large", at(0)).await.unwrap() == Some(large));
}

async fn writers_do_not_get_in_each_others_way(tier: Tier) {
    let mut writers = Vec::new();
    for number in 0..20 {
        let tier = Arc::clone(if number % 2 == 0 { &tier.here } else { &tier.there });
        writers.push(tokio::spawn(async move {
            for round in 0..10 {
                tier.set(&format!("p:{}", round % 3), &entry("1", at(100)), at(0)).await.unwrap();
                tier.clear_prefix(&format!("p:{}", number % 3), at(0)).await.unwrap();
                tier.remove_expired(at(0)).await.unwrap();
            }
        }));
    }
    let all = async {
        for writer in writers {
            writer.await.unwrap();
        }
    };
    tokio::time::timeout(Duration::from_secs(20), all).await.unwrap();
}
