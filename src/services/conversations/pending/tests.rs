use futures::FutureExt as _;
use uuid::Uuid;

use super::*;
use crate::domain::{
    Timestamp,
    conversation::{Entry, Field, Register, Revision},
};

fn change(conversation: u128) -> Change {
    let entry = Entry { revision: Revision::new(1), at: Timestamp::from_millis(0), value: "\"a\"".into() };
    let (conversation, owner) = (ConversationId(Uuid::from_u128(conversation)), UserId(Uuid::nil()));
    Change { conversation, owner, register: Register::Field(Field::Title), entry }
}

const PAST: Way = Way::Past { makes_it: true };

fn numbers(batch: Option<&Batch>) -> Vec<Number> {
    batch.unwrap_or_default().iter().map(|(number, _)| *number).collect()
}

#[test]
fn a_writer_is_told_when_all_that_was_taken_on_together_is_settled() {
    let queue = Queue::default();
    let (numbers, mut told) = queue.take_on(vec![change(1), change(1), change(1)], &PAST, true);
    queue.settle(numbers[2], Told::Joined(Joined::Kept));
    queue.settle(numbers[0], Told::Refused("too long".into()));
    assert!(told.try_recv().is_err(), "one is left");
    queue.settle(numbers[1], Told::Joined(Joined::Kept));
    assert_eq!(told.try_recv(), Ok(Told::Refused("too long".into())), "what was not kept counts");
    assert!(queue.is_empty());
}

#[test]
fn nothing_is_in_two_batches_and_what_is_given_back_is_in_the_next() {
    let queue = Queue::default();
    let (all, _told) = queue.take_on((0..=BATCH_CHANGES).map(|_| change(1)).collect(), &PAST, true);
    let (first, second) = all.split_at(BATCH_CHANGES);
    assert!(queue.begin_draining());
    let mut one = queue.drainer();
    assert!(queue.begin_draining(), "another at its side");
    let mut other = queue.drainer();
    assert_eq!(numbers(one.next_batch()), first);
    assert_eq!(numbers(other.next_batch()), second);
    queue.settle(first[0], Told::Joined(Joined::Kept));
    one.give_back();
    assert_eq!(numbers(one.next_batch()), first[1..], "what was settled is not given back");
    one.is_joined();
    assert!(one.next_batch().is_none(), "nor what is in the database");
    assert!(!queue.is_empty(), "where it waits to be cleared");
}

#[test]
fn what_is_less_than_a_batch_is_drained_by_one() {
    let queue = Queue::default();
    let (_, _told) = queue.take_on(vec![change(1), change(2)], &PAST, true);
    assert!(queue.begin_draining());
    assert!(!queue.begin_draining());
}

#[test]
fn who_cannot_join_a_batch_does_not_hold_the_others_up() {
    let queue = Queue::default();
    let (_, _told) = queue.take_on(vec![change(1)], &PAST, true);
    assert!(queue.begin_draining());
    let mut stuck = queue.drainer();
    stuck.next_batch();
    stuck.fails(true);
    assert!(!queue.begin_draining(), "there is nothing else");
    let (other, _told) = queue.take_on(vec![change(2)], &PAST, true);
    assert!(queue.begin_draining());
    assert_eq!(numbers(queue.drainer().next_batch()), other);
    stuck.is_joined();
    let (_, _told) = queue.take_on(vec![change(3)], &PAST, true);
    assert!(!queue.begin_draining(), "it goes on by itself");
}

#[test]
fn what_a_drainer_leaves_by_a_panic_is_for_others() {
    let queue = Queue::default();
    let (first, _told) = queue.take_on(vec![change(1)], &PAST, true);
    assert!(queue.begin_draining());
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let mut drainer = queue.drainer();
        assert_eq!(numbers(drainer.next_batch()), first);
        panic!("a store does not hold what it promises");
    }));
    assert!(panicked.is_err());
    assert!(queue.begin_draining(), "its place is free again");
    assert_eq!(numbers(queue.drainer().next_batch()), first);
}

fn gathers(queue: &Queue) -> bool {
    queue.gather().now_or_never().is_none()
}

#[tokio::test]
async fn what_nobody_waits_for_gathers_until_somebody_does() {
    let queue = Queue::default();
    assert!(!gathers(&queue), "there is nothing");
    let (_, _told) = queue.take_on(vec![change(1)], &PAST, false);
    assert!(gathers(&queue));
    let began = Instant::now();
    queue.gather().await;
    assert!(began.elapsed() >= GATHER);
    let (_, _told) = queue.take_on(vec![change(2)], &PAST, true);
    assert!(!gathers(&queue));
    let queue = Queue::default();
    let (_, _told) = queue.take_on((0..BATCH_CHANGES).map(|_| change(1)).collect(), &PAST, false);
    assert!(!gathers(&queue), "a whole batch is there");
}

#[tokio::test]
async fn a_batch_waits_a_little_while_more_are_on_the_way_than_are_there() {
    let queue = Queue::default();
    let mut on_the_way: Vec<_> = (0..3).map(|_| queue.coming()).collect();
    assert!(!gathers(&queue), "there is nothing");
    let (_, _told) = queue.take_on(vec![change(1)], &PAST, true);
    let mut gathering = Box::pin(queue.gather());
    assert!(futures::poll!(&mut gathering).is_pending());
    let (_, _told) = queue.take_on(vec![change(2)], &PAST, true);
    assert!(futures::poll!(&mut gathering).is_pending(), "three are on the way");
    on_the_way.pop();
    assert!(futures::poll!(&mut gathering).is_ready(), "one gave up");
    on_the_way.push(queue.coming());
    let began = Instant::now();
    queue.gather().await;
    assert!(began.elapsed() >= GATHER_AWAITED, "and not for ever");
}

#[test]
fn a_drainer_ends_when_nothing_is_left_and_begins_again_with_the_next_change() {
    let queue = Queue::default();
    assert!(!queue.begin_draining(), "nothing to drain");
    let (first, _told) = queue.take_on(vec![change(1)], &PAST, true);
    assert!(queue.begin_draining());
    let mut drainer = queue.drainer();
    drainer.next_batch();
    queue.settle(first[0], Told::Joined(Joined::Kept));
    assert!(drainer.next_batch().is_none());
    drop(drainer);
    let (_, _told) = queue.take_on(vec![change(1)], &PAST, true);
    assert!(queue.begin_draining());
}
