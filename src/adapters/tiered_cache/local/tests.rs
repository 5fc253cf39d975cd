//! What the tier in the process keeps, and what it does not.

use futures::FutureExt as _;

use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_000_000);

fn local() -> Local {
    Local::new(NonZeroUsize::new(10).unwrap())
}

fn known(text: &'static str) -> Option<Known> {
    Some(Known { value: Some(Bytes::from_static(text.as_bytes())), expires_at: NOW.plus(HOUR), seen_at: NOW })
}

const HOUR: std::time::Duration = std::time::Duration::from_secs(3600);

fn begin_look_up(local: &mut Local, key: &str) -> Option<Turn> {
    begin_look_up_at(local, key, NOW)
}

fn begin_look_up_at(local: &mut Local, key: &str, now: Timestamp) -> Option<Turn> {
    let mut begun = None;
    drop(local.join(key, now, |turn| {
        begun = Some(turn);
        futures::future::pending().boxed().shared()
    }));
    begun
}

fn value(local: &mut Local, key: &str) -> Option<Bytes> {
    local.get(key, NOW).flatten()
}

#[test]
fn many_wait_for_one_look_up() {
    let mut local = local();
    let first = begin_look_up(&mut local, "a").unwrap();
    assert_eq!(begin_look_up(&mut local, "a"), None);
    local.end_look_up("a", first, known("1"));
    assert_eq!(value(&mut local, "a").unwrap(), "1");
}

#[test]
fn nobody_waits_for_a_look_up_that_may_have_seen_what_is_too_old() {
    let mut local = local();
    let slow = begin_look_up(&mut local, "a").unwrap();
    let later = NOW.plus(STALENESS_OF_TIERS);
    let next = begin_look_up_at(&mut local, "a", later).unwrap();
    local.end_look_up("a", slow, known("old"));
    assert_eq!(local.get("a", NOW), None, "its turn is over");
    local.end_look_up("a", next, known("new"));
    assert_eq!(value(&mut local, "a").unwrap(), "new");
}

#[test]
fn a_look_up_that_a_write_overtook_is_not_kept() {
    for clears in [false, true] {
        let mut local = local();
        let look_up = begin_look_up(&mut local, "a").unwrap();
        if clears {
            local.forget_prefix("a");
        } else {
            let write = local.begin_write("a");
            local.end_write("a", write, known("new"));
        }
        local.end_look_up("a", look_up, known("old"));
        assert_ne!(value(&mut local, "a"), known("old").unwrap().value);
    }
}

#[test]
fn a_look_up_begun_during_a_write_is_not_kept_nor_joined_after_it() {
    let mut local = local();
    let write = local.begin_write("a");
    let look_up = begin_look_up(&mut local, "a").unwrap();
    local.end_write("a", write, known("new"));
    assert!(begin_look_up(&mut local, "a").is_some(), "who asks after the write does not wait for an earlier look-up");
    local.end_look_up("a", look_up, known("old"));
    assert_eq!(local.get("a", NOW), None);
}

#[test]
fn writes_at_the_same_time_leave_nothing_known() {
    let mut local = local();
    let (one, two) = (local.begin_write("a"), local.begin_write("a"));
    local.end_write("a", one, known("1"));
    local.end_write("a", two, known("2"));
    assert_eq!(local.get("a", NOW), None);
}

#[test]
fn what_is_known_is_trusted_for_the_staleness() {
    let mut local = local();
    let write = local.begin_write("a");
    local.end_write("a", write, known("1"));
    let last = NOW.plus(STALENESS_OF_TIERS - std::time::Duration::from_millis(1));
    assert!(local.get("a", last).is_some());
    assert_eq!(local.get("a", NOW.plus(STALENESS_OF_TIERS)), None);
    assert_eq!(local.get("a", NOW.minus(HOUR)), None, "a clock that steps back does not prolong it");
}

#[test]
fn the_names_are_those_of_what_is_known() {
    let mut local = Local::new(NonZeroUsize::new(3).unwrap());
    let keys = ["s:1:a", "s:1:b", "s:10:a", "s:1", "s:2:a", "s:1:b"];
    for key in keys {
        let write = local.begin_write(key);
        local.end_write(key, write, known("1"));
    }
    let names: Vec<&str> = local.names.iter().map(|name| &**name).collect();
    assert_eq!(names, ["s:1", "s:1:b", "s:2:a"]);
    assert_eq!(local.stats.evictions, 3);
    local.forget_prefix("s:1");
    assert_eq!((local.names.len(), local.known.len()), (1, 1));
    assert!(value(&mut local, "s:2:a").is_some());
    local.forget_ended(NOW.plus(HOUR));
    assert_eq!((local.names.len(), local.known.len()), (0, 0));
}

#[test]
fn large_values_are_not_kept() {
    let mut local = local();
    let write = local.begin_write("a");
    let large = Known { value: Some(vec![0; VALUE_BYTES_AT_MOST + 1].into()), ..known("").unwrap() };
    local.end_write("a", write, Some(large));
    assert_eq!(local.get("a", NOW), None);
}
