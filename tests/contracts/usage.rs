//! What every store of usage promises.

use ret::{
    domain::{AnswerTook, Day, DayOfUsage, MessageId, Role, UsagePosition, UserId},
    ports::accounts::ChangeAccount,
};
use uuid::Uuid;

use super::{Bench, suite_of_rows};

suite_of_rows!(
    answers_are_summed_by_day_person_and_model,
    amounts_of_one_answer_only_grow,
    pages_go_on_where_they_ended,
    amounts_stay_when_the_account_is_gone,
    any_number_of_old_answers_is_removed_and_the_others_stay,
);

/// So many days before today, which are not past their time: the application of the test cleans up as well.
fn before_today(bench: &Bench, days: i32) -> Day {
    Day::from_number(Day::of(bench.now()).number() - days)
}

fn took(number: u128, user: UserId, day: Day, model: &str, tokens: (u64, u64)) -> AnswerTook {
    AnswerTook {
        answer: MessageId(Uuid::from_u128(number)),
        user,
        day,
        model: model.into(),
        input_tokens: tokens.0,
        output_tokens: tokens.1,
    }
}

async fn record(bench: &Bench, all: &[AnswerTook]) {
    for took in all {
        bench.stores.usage.record(took).await.unwrap();
    }
}

async fn list(bench: &Bench, user: Option<UserId>) -> Vec<DayOfUsage> {
    bench.stores.usage.list(user, None, 1000).await.unwrap()
}

/// What is compared mostly: day, model, answers and tokens.
fn brief(days: &[DayOfUsage]) -> Vec<(Day, &str, u64, u64, u64)> {
    days.iter().map(|day| (day.day, day.model.as_str(), day.turns, day.input_tokens, day.output_tokens)).collect()
}

async fn answers_are_summed_by_day_person_and_model(bench: Bench) {
    let (ada, grace) = (bench.account("ada", Role::User).await, bench.account("grace", Role::User).await);
    let (yesterday, today) = (before_today(&bench, 1), before_today(&bench, 0));
    let all = [
        took(1, ada.id, yesterday, "small", (10, 1)),
        took(2, ada.id, yesterday, "small", (20, 2)),
        took(3, ada.id, yesterday, "large", (30, 3)),
        took(4, ada.id, today, "small", (0, 0)),
        took(5, grace.id, yesterday, "small", (1 << 40, 5)),
    ];
    record(&bench, &all).await;
    let of_ada = list(&bench, Some(ada.id)).await;
    assert_eq!(
        brief(&of_ada),
        [(today, "small", 1, 0, 0), (yesterday, "small", 2, 30, 3), (yesterday, "large", 1, 30, 3)]
    );
    assert!(of_ada.iter().all(|day| day.user == ada.id && day.username.as_deref() == Some("ada")));
    let of_grace = list(&bench, Some(grace.id)).await;
    assert_eq!(brief(&of_grace), [(yesterday, "small", 1, 1 << 40, 5)]);
    let everybody = list(&bench, None).await;
    assert_eq!(everybody.len(), 4);
    assert_eq!(everybody[0], of_ada[0]);
    assert!([&of_ada[1..], &of_grace].concat().iter().all(|day| everybody.contains(day)));
}

async fn amounts_of_one_answer_only_grow(bench: Bench) {
    let ada = bench.account("ada", Role::User).await.id;
    let day = before_today(&bench, 1);
    let (first, second) = (took(1, ada, day, "m", (10, 1)), took(1, ada, day, "m", (30, 2)));
    // Told again, late, and out of order.
    record(&bench, &[first.clone(), second.clone(), first.clone(), second, first]).await;
    assert_eq!(brief(&list(&bench, Some(ada)).await), [(day, "m", 1, 30, 2)]);
}

async fn pages_go_on_where_they_ended(bench: Bench) {
    let (ada, grace) = (bench.account("ada", Role::User).await.id, bench.account("grace", Role::User).await.id);
    let mut number = 0;
    for days in [3, 2, 0] {
        let day = before_today(&bench, days);
        for user in [ada, grace] {
            for model in ["a_b", "Z", "ä"] {
                number += 1;
                record(&bench, &[took(number, user, day, model, (number as u64, 0))]).await;
            }
        }
    }
    for user in [None, Some(grace)] {
        let all = list(&bench, user).await;
        assert_eq!(all.len(), if user.is_some() { 9 } else { 18 });
        assert!(all.is_sorted_by_key(|day| std::cmp::Reverse(day.day)));
        let (mut paged, mut after) = (Vec::new(), None);
        loop {
            let page = bench.stores.usage.list(user, after, 4).await.unwrap();
            let Some(last) = page.last() else { break };
            let position = UsagePosition::after(last);
            assert_eq!(position.to_string().parse(), Ok(position.clone()));
            after = Some(position);
            paged.extend(page);
        }
        assert_eq!(paged, all);
    }
}

async fn amounts_stay_when_the_account_is_gone(bench: Bench) {
    let (ada, _other) = (bench.account("ada", Role::User).await.id, bench.account("grace", Role::Admin).await);
    let day = before_today(&bench, 1);
    record(&bench, &[took(1, ada, day, "m", (10, 1))]).await;
    let removed = bench.stores.accounts.remove(ada, &bench.entry()).await.unwrap();
    assert!(matches!(removed, ChangeAccount::Changed(_)), "{removed:?}");
    let left = list(&bench, Some(ada)).await;
    assert_eq!((brief(&left), &left[0].username), (vec![(day, "m", 1, 10, 1)], &None));
}

async fn any_number_of_old_answers_is_removed_and_the_others_stay(bench: Bench) {
    let ada = bench.account("ada", Role::User).await.id;
    for number in 0..250 {
        record(&bench, &[took(number, ada, before_today(&bench, 1 + number as i32 % 2), "m", (1, 1))]).await;
    }
    let today = before_today(&bench, 0);
    record(&bench, &[took(1000, ada, today, "m", (7, 7))]).await;
    assert_eq!(bench.stores.usage.remove_before(today).await.unwrap(), 250);
    assert_eq!(bench.stores.usage.remove_before(today).await.unwrap(), 0);
    assert_eq!(brief(&list(&bench, None).await), [(today, "m", 1, 7, 7)]);
}
