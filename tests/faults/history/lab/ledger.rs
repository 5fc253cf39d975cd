//! What was acknowledged, and what of it is there at the end.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt,
    sync::{Mutex, MutexGuard},
    time::{Duration, Instant},
};

/// An acknowledged durable write is seen by everybody after this.
const SEEN_BY_ALL_AFTER: Duration = Duration::from_secs(2);

#[derive(Default)]
pub struct Ledger(Mutex<HashMap<String, Account>>);

/// What is known of one conversation.
#[derive(Default)]
pub struct Account {
    acknowledged: BTreeMap<String, Acknowledged>,
    deletion: Deletion,
    /// The last name that was acknowledged, unless one came later whose fate is not known.
    title: Option<String>,
}

#[derive(Clone, Copy)]
struct Acknowledged {
    at: Instant,
    is_durable: bool,
    /// Which life of which instance took it.
    by: usize,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Deletion {
    #[default]
    None,
    /// Asked for, answered or not: either outcome is right.
    Unknown,
    Acknowledged,
}

/// What the run came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Messages that were acknowledged, of conversations that nobody deleted.
    pub acknowledged: usize,
    pub journaled: usize,
    pub lost: usize,
    pub lost_journaled: usize,
    pub deleted: usize,
    pub resurrected: usize,
    pub reads: usize,
    /// Reads in which a message was missing that the reader had written there, or anybody two seconds before.
    pub stale_reads: usize,
    pub lost_titles: usize,
    pub refused: usize,
}

impl Ledger {
    fn accounts(&self) -> MutexGuard<'_, HashMap<String, Account>> {
        self.0.lock().unwrap()
    }

    pub fn open(&self, conversation: &str) {
        self.accounts().insert(conversation.to_owned(), Account::default());
    }

    pub fn conversations(&self) -> Vec<String> {
        self.accounts().keys().cloned().collect()
    }

    pub fn acknowledge(&self, conversation: &str, message: &str, is_durable: bool, by: usize) {
        let acknowledged = Acknowledged { at: Instant::now(), is_durable, by };
        let mut accounts = self.accounts();
        accounts.get_mut(conversation).unwrap().acknowledged.insert(message.to_owned(), acknowledged);
    }

    pub fn is_open(&self, conversation: &str) -> bool {
        self.accounts()[conversation].deletion == Deletion::None
    }

    /// Before a deletion is asked for: from then on nothing of the conversation is counted.
    pub fn deletion_is_asked_for(&self, conversation: &str) {
        self.accounts().get_mut(conversation).unwrap().deletion = Deletion::Unknown;
    }

    pub fn deletion_is_acknowledged(&self, conversation: &str) {
        self.accounts().get_mut(conversation).unwrap().deletion = Deletion::Acknowledged;
    }

    pub fn name(&self, conversation: &str, title: Option<&str>) {
        self.accounts().get_mut(conversation).unwrap().title = title.map(str::to_owned);
    }

    /// What a read that begins now, through this life of an instance, has to hold.
    pub fn must_be_read(&self, conversation: &str, by: usize) -> BTreeSet<String> {
        let accounts = self.accounts();
        let must = accounts[conversation]
            .acknowledged
            .iter()
            .filter(|(_, one)| one.by == by || (one.is_durable && one.at.elapsed() > SEEN_BY_ALL_AFTER));
        must.map(|(message, _)| message.clone()).collect()
    }

    /// Compares with what is there: conversations that are not deleted, their messages and titles.
    pub fn check(&self, there: &HashMap<String, (BTreeSet<String>, String)>, verdict: &mut Verdict) {
        for (conversation, account) in self.accounts().iter() {
            let found = there.get(conversation);
            match account.deletion {
                Deletion::Unknown => {}
                Deletion::Acknowledged => {
                    verdict.deleted += 1;
                    verdict.resurrected += usize::from(found.is_some());
                }
                Deletion::None => {
                    let is_there = |message: &String| found.is_some_and(|(messages, _)| messages.contains(message));
                    for (message, one) in &account.acknowledged {
                        verdict.acknowledged += 1;
                        verdict.journaled += usize::from(!one.is_durable);
                        if !is_there(message) {
                            *(if one.is_durable { &mut verdict.lost } else { &mut verdict.lost_journaled }) += 1;
                        }
                    }
                    let wanted = account.title.as_ref();
                    verdict.lost_titles +=
                        usize::from(wanted.is_some_and(|wanted| found.is_none_or(|(_, title)| title != wanted)));
                }
            }
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} acknowledged ({} journaled) | {} + {} lost | {} deleted, {} resurrected | {} reads, {} stale | {} names lost | {} refused",
            self.acknowledged,
            self.journaled,
            self.lost,
            self.lost_journaled,
            self.deleted,
            self.resurrected,
            self.reads,
            self.stale_reads,
            self.lost_titles,
            self.refused
        )
    }
}
