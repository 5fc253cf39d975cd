//! What the scripts answer.

use redis::Value;

use super::encoding;
use crate::{
    domain::{
        UserId,
        conversation::{Revision, State},
    },
    ports::{
        hot_conversations::{FillLease, Incarnation, Journaled, LookUp, Written},
        temporary_conversations::{Put, Share},
    },
};

/// The parts of a script's answer: a word, and what belongs to it. `None` here and below: it is not of the form that the scripts give.
pub(super) struct Reply {
    word: String,
    rest: std::vec::IntoIter<Value>,
}

impl Reply {
    pub(super) fn of(value: Value) -> Option<Self> {
        let Value::Array(parts) = value else { return None };
        let mut rest = parts.into_iter();
        let word = text(rest.next()?)?;
        Some(Self { word, rest })
    }

    pub(super) fn look_up(mut self) -> Option<LookUp> {
        match &*self.word {
            "found" => {
                let (incarnation, tag) = (self.incarnation()?, self.text()?);
                let Journaled { owner, state } = registers(self.rest.next()?)?;
                Some(LookUp::Found { incarnation, tag, owner: owner?, state })
            }
            "none" => {
                let (incarnation, token) = (self.incarnation()?, self.text()?);
                let journal = registers(self.rest.next()?)?;
                Some(LookUp::Missing { lease: FillLease { token, incarnation }, journal })
            }
            _ => None,
        }
    }

    pub(super) fn written(mut self) -> Option<Written> {
        match &*self.word {
            "kept" => Some(Written::Kept { incarnation: self.incarnation()?, tag: self.text()? }),
            "none" => Some(Written::NoCopy),
            "gone" => Some(Written::Gone),
            "forbidden" => Some(Written::Forbidden),
            "behind" => Some(Written::Behind(encoding::read(&bytes(self.rest.next()?)?)?.revision)),
            "exists" => Some(Written::Exists(encoding::read(&bytes(self.rest.next()?)?)?)),
            _ => None,
        }
    }

    pub(super) fn put(mut self) -> Option<Put> {
        match &*self.word {
            "kept" => Some(Put::Kept),
            "none" => Some(Put::Unknown),
            "forbidden" => Some(Put::Forbidden),
            "behind" => Some(Put::Behind(Revision::new(self.text()?.parse().ok()?))),
            "no room" => self.share().map(Put::NoRoom),
            _ => None,
        }
    }

    fn share(&mut self) -> Option<Share> {
        match &*self.text()? {
            "number" => Some(Share::Number),
            "session" => Some(Share::Session),
            "all" => Some(Share::All),
            _ => None,
        }
    }

    fn text(&mut self) -> Option<String> {
        text(self.rest.next()?)
    }

    fn incarnation(&mut self) -> Option<Incarnation> {
        self.text().map(Incarnation::from)
    }
}

/// Registers and the owner, from a hash.
pub(super) fn registers(value: Value) -> Option<Journaled> {
    let mut found = Journaled { owner: None, state: State::new() };
    for (field, value) in pairs(value)? {
        match (&*text(field)?, bytes(value)?) {
            ("o", owner) => found.owner = Some(UserId(std::str::from_utf8(&owner).ok()?.parse().ok()?)),
            (own, _) if own.starts_with('.') => {}
            (register, entry) => found.state.put(register.parse().ok()?, encoding::read(&entry)?),
        }
    }
    Some(found)
}

fn pairs(value: Value) -> Option<Vec<(Value, Value)>> {
    match value {
        Value::Map(pairs) => Some(pairs),
        Value::Array(items) => {
            let mut items = items.into_iter();
            let mut pairs = Vec::with_capacity(items.len() / 2);
            while let Some(field) = items.next() {
                pairs.push((field, items.next()?));
            }
            Some(pairs)
        }
        _ => None,
    }
}

fn text(value: Value) -> Option<String> {
    String::from_utf8(bytes(value)?).ok()
}

fn bytes(value: Value) -> Option<Vec<u8>> {
    match value {
        Value::BulkString(bytes) => Some(bytes),
        Value::SimpleString(text) => Some(text.into_bytes()),
        Value::Int(number) => Some(number.to_string().into_bytes()),
        _ => None,
    }
}
