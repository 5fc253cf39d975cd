//! What was acknowledged, and what a reader has to find of it.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Mutex, MutexGuard},
    time::{Duration, Instant},
};

use super::{deaths::Deaths, verdict::Verdict};

/// An acknowledged durable write is seen by everybody after this.
const SEEN_BY_ALL_AFTER: Duration = Duration::from_secs(2);

/// Who writes or reads, and through what.
#[derive(Clone, Copy, Debug)]
pub struct Who {
    pub client: usize,
    /// Which life of which instance.
    pub life: usize,
}

/// An acknowledgement.
#[derive(Clone, Copy, Debug)]
struct Acknowledged {
    at: Instant,
    is_durable: bool,
    by: Who,
}

impl Acknowledged {
    fn now(by: Who, is_durable: bool) -> Self {
        Self { at: Instant::now(), is_durable, by }
    }

    /// Whoever reads through the process that took it finds it; and if it is in the database, its writer everywhere, and everybody after a while.
    fn is_seen_by(&self, reader: Who) -> bool {
        let is_for_all = self.by.client == reader.client || self.at.elapsed() > SEEN_BY_ALL_AFTER;
        self.by.life == reader.life || (self.is_durable && is_for_all)
    }

    /// Whether it was journaled, and both its homes died before they were two again.
    fn had_no_home(&self, deaths: &Deaths) -> bool {
        !self.is_durable && deaths.took_both(self.at, self.by.life)
    }
}

struct Message {
    id: String,
    parent: Option<String>,
    acknowledged: Acknowledged,
}

/// What is known of one conversation.
struct Account {
    begun: Acknowledged,
    messages: Vec<Message>,
    /// `Err` from when it is asked for: until it is acknowledged either outcome is right.
    deletion: Option<Result<Acknowledged, ()>>,
    title: (String, Acknowledged),
    /// Names of which it is not known whether they were kept.
    perhaps: BTreeSet<String>,
}

/// A conversation as it is shown: its messages with their parents, and its name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    pub messages: BTreeMap<String, Option<String>>,
    pub title: String,
}

#[derive(Default)]
pub struct Ledger {
    book: Mutex<Book>,
    /// Whether instances have clocks that differ: then a name of unknown fate may come to be the last at any time.
    clocks_differ: bool,
}

#[derive(Default)]
struct Book {
    accounts: HashMap<String, Account>,
    open: Vec<String>,
    ended: Vec<String>,
}

impl Ledger {
    pub fn new(clocks_differ: bool) -> Self {
        Self { book: Mutex::default(), clocks_differ }
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap()
    }

    pub fn begin(&self, conversation: &str, title: &str, by: Who, is_durable: bool) {
        let begun = Acknowledged::now(by, is_durable);
        let title = (title.to_owned(), begun);
        let account = Account { begun, messages: Vec::new(), deletion: None, title, perhaps: BTreeSet::new() };
        let mut book = self.book();
        book.accounts.insert(conversation.to_owned(), account);
        book.open.push(conversation.to_owned());
    }

    pub fn conversations(&self) -> Vec<String> {
        self.book().accounts.keys().cloned().collect()
    }

    /// One of those that nobody has deleted.
    pub fn open(&self, drawn: usize) -> Option<String> {
        pick(&self.book().open, drawn)
    }

    /// One of those that somebody wanted deleted.
    pub fn ended(&self, drawn: usize) -> Option<String> {
        pick(&self.book().ended, drawn)
    }

    pub fn is_open(&self, conversation: &str) -> bool {
        self.book().accounts[conversation].deletion.is_none()
    }

    pub fn acknowledge(&self, conversation: &str, id: &str, parent: Option<&str>, by: Who, is_durable: bool) {
        let message = Message {
            id: id.to_owned(),
            parent: parent.map(str::to_owned),
            acknowledged: Acknowledged::now(by, is_durable),
        };
        self.book().accounts.get_mut(conversation).unwrap().messages.push(message);
    }

    /// The message that this client wrote last in the conversation.
    pub fn last_of(&self, conversation: &str, client: usize) -> Option<String> {
        let book = self.book();
        let mut latest = book.accounts[conversation].messages.iter().rev();
        latest.find(|message| message.acknowledged.by.client == client).map(|message| message.id.clone())
    }

    /// Whether this client has last written in the conversation through another process.
    pub fn wrote_elsewhere(&self, conversation: &str, who: Who) -> bool {
        let book = self.book();
        let mut by = book.accounts[conversation].messages.iter().rev().map(|message| message.acknowledged.by);
        by.find(|by| by.client == who.client).is_some_and(|by| by.life != who.life)
    }

    /// Some message that the reader has to find.
    pub fn known_to(&self, conversation: &str, reader: Who, drawn: usize) -> Option<String> {
        let book = self.book();
        let messages = &book.accounts[conversation].messages;
        let drawn = messages.get(drawn.checked_rem(messages.len())?)?;
        drawn.acknowledged.is_seen_by(reader).then(|| drawn.id.clone())
    }

    /// Whether a reader who asks now has to find the conversation.
    pub fn must_be_there(&self, conversation: &str, reader: Who) -> bool {
        let book = self.book();
        let account = &book.accounts[conversation];
        account.begun.is_seen_by(reader) || account.messages.iter().any(|one| one.acknowledged.is_seen_by(reader))
    }

    /// The messages that a reader who asks now has to find.
    pub fn must_be_read(&self, conversation: &str, reader: Who) -> BTreeSet<String> {
        let book = self.book();
        let messages = book.accounts[conversation].messages.iter();
        messages.filter(|one| one.acknowledged.is_seen_by(reader)).map(|one| one.id.clone()).collect()
    }

    /// What was acknowledged, to be told of when it is not found.
    pub fn tell(&self, conversation: &str, id: &str) -> String {
        let book = self.book();
        let messages = &book.accounts[conversation].messages;
        let found = messages.iter().find(|message| message.id == id);
        found.map_or_else(String::new, |message| {
            let Acknowledged { at, is_durable, by } = message.acknowledged;
            format!("{id} of {by:?}, durable: {is_durable}, {:?} ago", at.elapsed())
        })
    }

    /// Before a deletion is asked for: from then on nothing of the conversation is counted.
    pub fn deletion_is_asked_for(&self, conversation: &str) {
        let mut book = self.book();
        book.accounts.get_mut(conversation).unwrap().deletion = Some(Err(()));
        book.open.retain(|open| open != conversation);
        book.ended.push(conversation.to_owned());
    }

    pub fn deletion_is_acknowledged(&self, conversation: &str, by: Who, is_durable: bool) {
        let deletion = Some(Ok(Acknowledged::now(by, is_durable)));
        self.book().accounts.get_mut(conversation).unwrap().deletion = deletion;
    }

    /// Whether a reader who asks now must not find the conversation any more.
    pub fn must_be_gone(&self, conversation: &str, reader: Who) -> bool {
        let nobody = Who { client: usize::MAX, ..reader };
        matches!(self.book().accounts[conversation].deletion, Some(Ok(deleted)) if deleted.is_seen_by(nobody))
    }

    /// Before a name is given: until that is acknowledged, it or the one before is right.
    pub fn name_is_asked_for(&self, conversation: &str, title: &str) {
        self.book().accounts.get_mut(conversation).unwrap().perhaps.insert(title.to_owned());
    }

    pub fn name_is_acknowledged(&self, conversation: &str, title: &str, by: Who, is_durable: bool) {
        let mut book = self.book();
        let account = book.accounts.get_mut(conversation).unwrap();
        account.title = (title.to_owned(), Acknowledged::now(by, is_durable));
        account.perhaps.remove(title);
        if !self.clocks_differ {
            account.perhaps.clear();
        }
    }

    /// Compares with what is there: conversations that are not deleted.
    pub fn check(&self, there: &HashMap<String, Shown>, deaths: &Deaths, verdict: &mut Verdict) {
        for (conversation, account) in &self.book().accounts {
            let found = there.get(conversation);
            match account.deletion {
                Some(Err(())) => {}
                Some(Ok(deleted)) => {
                    verdict.deleted += 1;
                    verdict.resurrected.count(found.is_some(), deleted.is_durable);
                    verdict.had_no_home += usize::from(found.is_some() && deleted.had_no_home(deaths));
                }
                None => account.check(found, deaths, verdict),
            }
        }
    }
}

impl Account {
    fn check(&self, found: Option<&Shown>, deaths: &Deaths, verdict: &mut Verdict) {
        verdict.conversations += 1;
        verdict.lost_conversations.count(found.is_none(), self.begun.is_durable);
        verdict.had_no_home += usize::from(found.is_none() && self.begun.had_no_home(deaths));
        for message in &self.messages {
            let is_durable = message.acknowledged.is_durable;
            verdict.acknowledged += 1;
            verdict.journaled += usize::from(!is_durable);
            let parent = found.and_then(|found| found.messages.get(&message.id));
            verdict.lost.count(parent.is_none(), is_durable);
            verdict.had_no_home += usize::from(parent.is_none() && message.acknowledged.had_no_home(deaths));
            verdict.misplaced += usize::from(parent.is_some_and(|parent| *parent != message.parent));
        }
        if let Some(Shown { title, .. }) = found {
            let is_right = *title == self.title.0 || self.perhaps.contains(title);
            verdict.lost_titles.count(!is_right, self.title.1.is_durable);
            verdict.had_no_home += usize::from(!is_right && self.title.1.had_no_home(deaths));
        }
    }
}

fn pick(from: &[String], drawn: usize) -> Option<String> {
    from.get(drawn.checked_rem(from.len())?).cloned()
}
