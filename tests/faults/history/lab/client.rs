//! A client: begins conversations, says things, reads, names and deletes. It goes from instance to instance in the middle of a conversation, and
//! says then by `seen` which message of its own it has seen last.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use http::Method;
use serde_json::{Value, json};

use super::{
    Draw, Lab,
    ledger::{Shown, Who},
    trouble::try_to,
};
use crate::harness::{Answer, Client};

/// What clients count.
#[derive(Default)]
pub struct Counts {
    pub reads: AtomicUsize,
    pub stale: AtomicUsize,
    pub conflicts: AtomicUsize,
    pub refused: AtomicUsize,
}

fn add(count: &AtomicUsize) -> usize {
    count.fetch_add(1, Ordering::SeqCst)
}

/// A client of the laboratory.
pub struct Person {
    number: usize,
    lab: Lab,
    draw: Draw,
    /// The instance it goes to.
    at: usize,
    /// What it talks about for a while.
    conversation: String,
    /// Conversations it began: it alone names and deletes them.
    own: Vec<String>,
    said: usize,
}

impl Person {
    pub fn new(lab: &Lab, number: usize, own: Vec<String>) -> Self {
        let (draw, conversation) = (Draw(number as u64 + 1), own[0].clone());
        Self { number, lab: lab.clone(), draw, at: number, conversation, own, said: 0 }
    }

    /// Works until it is over.
    pub async fn work(mut self) {
        while !self.lab.over.load(Ordering::SeqCst) {
            if self.draw.below(20) == 0 {
                self.at += 1;
            }
            let Some((client, who)) = self.reach().await else {
                self.at += 1;
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            };
            self.turn_to_a_conversation();
            match self.draw.below(1000) {
                0..24 => self.begin(&client, who).await,
                24..40 => self.delete(&client, who).await,
                40..70 => self.name(&client, who).await,
                70..80 => self.look_for_an_ended_one(&client, who).await,
                80..260 => {
                    let conversation = self.conversation.clone();
                    self.read(&client, who, &conversation).await;
                }
                _ => self.say().await,
            }
        }
    }

    /// The instance it goes to, if that runs.
    async fn reach(&self) -> Option<(Client, Who)> {
        let instances = &self.lab.instances;
        let (client, life) = instances[self.at % instances.len()].reach().await?;
        Some((client, Who { client: self.number, life }))
    }

    fn turn_to_a_conversation(&mut self) {
        if (self.draw.below(4) == 0 || !self.lab.ledger.is_open(&self.conversation))
            && let Some(another) = self.lab.ledger.open(self.draw.below(usize::MAX))
        {
            self.conversation = another;
        }
    }

    async fn begin(&mut self, client: &Client, who: Who) {
        self.said += 1;
        let title = format!("chat {} of {}", self.said, self.number);
        let body = Some(json!({ "title": title }));
        match try_to(client, Method::POST, "/api/conversations", body).await {
            Some(answer) if answer.status == 201 => {
                let id = answer.json()["id"].as_str().unwrap().to_owned();
                self.lab.ledger.begin(&id, &title, who, is_durable(&answer));
                self.own.push(id.clone());
                self.conversation = id;
            }
            _ => self.is_refused().await,
        }
    }

    async fn say(&mut self) {
        self.said += 1;
        let conversation = self.conversation.clone();
        let Some((_, who)) = self.reach().await else { return };
        // Some are sent again when there is no answer, under the id that they have.
        let id = (self.draw.below(2) == 0).then(|| uuid::Uuid::now_v7().to_string());
        let mut body =
            json!({ "id": id, "role": "user", "content": format!("message {} of {}", self.said, self.number) });
        if let Some(parent) = self.draw_parent(&conversation, who) {
            body["parent_id"] = parent.into();
        }
        for _ in 0..=usize::from(id.is_some()) {
            let Some((client, who)) = self.reach().await else { break };
            // What it has written elsewhere it names before it goes on: else a copy that does not know of it may be written on.
            let comes_from_elsewhere = self.lab.ledger.wrote_elsewhere(&conversation, who);
            if comes_from_elsewhere && !self.read(&client, who, &conversation).await {
                continue;
            }
            if self.try_to_say(&client, who, &conversation, &body).await {
                return;
            }
            self.at += self.draw.below(2);
        }
        self.is_refused().await;
    }

    /// What the next message is to follow, if that is said: nothing, the last of its own, or any that it knows.
    fn draw_parent(&mut self, conversation: &str, who: Who) -> Option<Option<String>> {
        match self.draw.below(10) {
            0 => Some(None),
            1..4 => None,
            4..8 => self.lab.ledger.last_of(conversation, self.number).map(Some),
            _ => self.lab.ledger.known_to(conversation, who, self.draw.below(usize::MAX)).map(Some),
        }
    }

    /// Whether it is settled.
    async fn try_to_say(&self, client: &Client, who: Who, conversation: &str, body: &Value) -> bool {
        let ledger = &self.lab.ledger;
        let must_be_there = ledger.must_be_there(conversation, who);
        let parent = body.get("parent_id").and_then(Value::as_str);
        let must_be_known = parent.is_some_and(|parent| ledger.must_be_read(conversation, who).contains(parent));
        let path = format!("/api/conversations/{conversation}/messages");
        let Some(answer) = try_to(client, Method::POST, &path, Some(body.clone())).await else { return false };
        match answer.status.as_u16() {
            201 => {
                let said = answer.json();
                let follows = said["parent_id"].as_str();
                let asked = if body.get("parent_id").is_some() { parent } else { follows };
                let id = said["id"].as_str().unwrap();
                ledger.acknowledge(conversation, id, asked, who, is_durable(&answer));
                true
            }
            409 => {
                self.lab.counts.conflicts.fetch_add(1, Ordering::SeqCst);
                println!("taken for another: {body} in {conversation} by {who:?}");
                true
            }
            404 | 422 if ledger.is_open(conversation) => {
                let is_stale = (answer.status == 404 && must_be_there) || (answer.status == 422 && must_be_known);
                if is_stale {
                    let parent = parent.map(|parent| ledger.tell(conversation, parent));
                    self.is_stale(&format!(
                        "{} to what follows {parent:?} in {conversation} by {who:?}",
                        answer.status
                    ));
                }
                true
            }
            404 | 422 => true,
            _ => false,
        }
    }

    /// Whether the conversation was shown.
    async fn read(&mut self, client: &Client, who: Who, conversation: &str) -> bool {
        let ledger = &self.lab.ledger;
        let (there, must) = (ledger.must_be_there(conversation, who), ledger.must_be_read(conversation, who));
        let last = ledger.last_of(conversation, self.number);
        let seen = last.as_ref().map(|id| format!("?seen={id}")).unwrap_or_default();
        let path = format!("/api/conversations/{conversation}{seen}");
        let Some(answer) = try_to(client, Method::GET, &path, None).await else { return false };
        if !ledger.is_open(conversation) {
            return false;
        }
        if answer.status == 200 {
            add(&self.lab.counts.reads);
            let shown = shown(&answer.json());
            let missing: Vec<String> = must.into_iter().filter(|id| !shown.messages.contains_key(id)).collect();
            if let Some(first) = missing.first() {
                let [first, last] = [Some(first), last.as_ref()].map(|id| id.map(|id| ledger.tell(conversation, id)));
                self.is_stale(&format!("{} missing in {path} by {who:?}: {first:?}; seen {last:?}", missing.len()));
            }
        } else if answer.status == 404 {
            add(&self.lab.counts.reads);
            if there {
                self.is_stale(&format!("{path} not there by {who:?}"));
            }
        } else {
            self.at += self.draw.below(2);
        }
        answer.status == 200
    }

    async fn look_for_an_ended_one(&mut self, client: &Client, who: Who) {
        let Some(ended) = self.lab.ledger.ended(self.draw.below(usize::MAX)) else { return };
        let must_be_gone = self.lab.ledger.must_be_gone(&ended, who);
        let path = format!("/api/conversations/{ended}");
        let Some(answer) = try_to(client, Method::GET, &path, None).await else { return };
        if answer.status == 200 && must_be_gone {
            self.is_stale(&format!("{ended} is still there by {who:?}"));
        }
    }

    async fn name(&mut self, client: &Client, who: Who) {
        let Some(conversation) = self.one_of_its_own() else { return };
        self.said += 1;
        let title = format!("chat {} of {}", self.said, self.number);
        self.lab.ledger.name_is_asked_for(&conversation, &title);
        let path = format!("/api/conversations/{conversation}");
        let answer = try_to(client, Method::PATCH, &path, Some(json!({ "title": title }))).await;
        if let Some(answer) = answer.filter(|answer| answer.status == 204) {
            self.lab.ledger.name_is_acknowledged(&conversation, &title, who, is_durable(&answer));
        }
    }

    async fn delete(&mut self, client: &Client, who: Who) {
        let Some(conversation) = self.one_of_its_own() else { return };
        self.own.retain(|own| *own != conversation);
        self.lab.ledger.deletion_is_asked_for(&conversation);
        let answer = try_to(client, Method::DELETE, &format!("/api/conversations/{conversation}"), None).await;
        if let Some(answer) = answer.filter(|answer| answer.status == 204) {
            self.lab.ledger.deletion_is_acknowledged(&conversation, who, is_durable(&answer));
        }
    }

    fn one_of_its_own(&mut self) -> Option<String> {
        let drawn = self.draw.below(usize::MAX).checked_rem(self.own.len())?;
        Some(self.own[drawn].clone())
    }

    async fn is_refused(&self) {
        add(&self.lab.counts.refused);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }

    fn is_stale(&self, what: &str) {
        // The first are enough to look into.
        if add(&self.lab.counts.stale) < 20 {
            println!("stale: {what}");
        }
    }
}

fn is_durable(answer: &Answer) -> bool {
    answer.headers["x-durability"] == "durable"
}

/// What an answer shows.
pub fn shown(body: &Value) -> Shown {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let messages = body["messages"].as_array().into_iter().flatten();
    let messages: BTreeMap<_, _> =
        messages.filter_map(|message| Some((text(&message["id"])?, text(&message["parent_id"])))).collect();
    Shown { messages, title: text(&body["title"]).unwrap_or_default() }
}
