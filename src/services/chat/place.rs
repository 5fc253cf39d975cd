//! Places in an answer. They are counted in what the answer consists of, not in the events that told of it: so they mean the same in every
//! process, however each divides the text.

use std::{fmt, str::FromStr};

use super::ChatEvent;

/// A place in an answer: what a reader has of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Bytes of its text.
    bytes: usize,
    tools: usize,
    citations: usize,
    charts: usize,
    /// Whether the reader knows that it has begun.
    is_begun: bool,
    /// Whether the reader knows how it ended.
    is_over: bool,
}

impl Place {
    fn furthest(self, other: Self) -> Self {
        Self {
            bytes: self.bytes.max(other.bytes),
            tools: self.tools.max(other.tools),
            citations: self.citations.max(other.citations),
            charts: self.charts.max(other.charts),
            is_begun: self.is_begun || other.is_begun,
            is_over: self.is_over || other.is_over,
        }
    }

    /// The place behind an event that follows here.
    pub(super) fn behind(mut self, event: &ChatEvent) -> Self {
        match event {
            ChatEvent::Start { .. } => self.is_begun = true,
            ChatEvent::Tool { .. } => self.tools += 1,
            ChatEvent::Citation(_) => self.citations += 1,
            ChatEvent::Chart(_) => self.charts += 1,
            ChatEvent::Delta(text) => self.bytes += text.len(),
            ChatEvent::Done(_) | ChatEvent::Failed { .. } => self.is_over = true,
        }
        self
    }

    /// Bytes of the text that the reader has.
    pub(super) fn bytes(self) -> usize {
        self.bytes
    }

    /// Citations that the reader has.
    pub(super) fn citations(self) -> usize {
        self.citations
    }

    /// Charts that the reader has.
    pub(super) fn charts(self) -> usize {
        self.charts
    }

    /// Whether the reader knows that the answer has begun.
    pub(super) fn is_begun(self) -> bool {
        self.is_begun
    }

    /// Whether the reader has it all.
    pub(super) fn is_over(self) -> bool {
        self.is_over
    }
}

/// As the id of an event: `bytes-tools-citations-charts`, at the end with `-end`.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { bytes, tools, citations, charts, is_over, .. } = self;
        write!(f, "{bytes}-{tools}-{citations}-{charts}{}", if *is_over { "-end" } else { "" })
    }
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || format!("'{text}' is no id of an event");
        let (counts, is_over) = match text.trim().strip_suffix("-end") {
            Some(counts) => (counts, true),
            None => (text.trim(), false),
        };
        let counts: Vec<usize> = counts.split('-').map(str::parse).collect::<Result<_, _>>().map_err(|_| unknown())?;
        let [bytes, tools, citations, charts] = counts[..] else { return Err(unknown()) };
        Ok(Self { bytes, tools, citations, charts, is_begun: true, is_over })
    }
}

/// Leaves out of all events of an answer, from the first on, what a reader has already.
#[derive(Debug)]
pub(super) struct Resumed {
    had: Place,
    at: Place,
}

impl Resumed {
    /// A reader who has so much.
    pub(super) fn at(had: Place) -> Self {
        Self { had, at: Place::default() }
    }

    /// What is new of the next event, with the place behind it.
    pub(super) fn new_of(&mut self, event: ChatEvent) -> Option<(Place, ChatEvent)> {
        let (had, before) = (self.had, self.at);
        self.at = before.behind(&event);
        let now = self.at.furthest(had);
        if now == before.furthest(had) {
            return None;
        }
        let new = match event {
            ChatEvent::Delta(text) => ChatEvent::Delta(behind(&text, self.at.bytes - had.bytes)),
            event => event,
        };
        Some((now, new))
    }
}

/// The end of a text, at most so many bytes of it.
fn behind(text: &str, bytes: usize) -> String {
    let first = text.len().saturating_sub(bytes);
    let from = (first..text.len()).find(|at| text.is_char_boundary(*at));
    from.map_or_else(String::new, |from| text[from..].to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn events() -> Vec<ChatEvent> {
        let tool = || ChatEvent::Tool { name: "run_sql".into(), arguments: "{}".into(), error: None };
        let delta = |text: &str| ChatEvent::Delta(text.into());
        let end = ChatEvent::Failed { why: "?".into() };
        vec![tool(), ChatEvent::Chart(json!({})), delta("naïve "), tool(), delta("but "), delta("true"), end]
    }

    fn text_of(events: &[(Place, ChatEvent)]) -> String {
        let words = events.iter().map(|(_, event)| if let ChatEvent::Delta(text) = event { text } else { "" });
        words.collect()
    }

    fn behind_place(place: Place) -> Vec<(Place, ChatEvent)> {
        let mut resumed = Resumed::at(place);
        events().into_iter().filter_map(|event| resumed.new_of(event)).collect()
    }

    #[test]
    fn places_are_read_as_they_are_written() {
        for (place, _) in behind_place(Place::default()) {
            let begun = Place { is_begun: true, ..place };
            assert_eq!(place.to_string().parse(), Ok(begun));
        }
        for wrong in ["", "1", "1-2", "1-2-3", "a-0-0-0", "1-2-3-4-5", "-1-0-0-0", "1-2-3-4-ende"] {
            assert!(wrong.parse::<Place>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn behind_each_event_comes_the_rest() {
        let all = behind_place(Place::default());
        assert_eq!(all.len(), events().len());
        for (at, (place, _)) in all.iter().enumerate() {
            assert_eq!(behind_place(*place), all[at + 1..], "behind {place}");
        }
    }

    #[test]
    fn who_comes_from_where_the_text_was_divided_otherwise_misses_nothing() {
        let whole = text_of(&behind_place(Place::default()));
        for bytes in (0..=whole.len()).filter(|at| whole.is_char_boundary(*at)) {
            let place = Place { bytes, charts: 1, ..Place::default() };
            let rest = behind_place(place);
            assert_eq!(format!("{}{}", &whole[..bytes], text_of(&rest)), whole);
            assert!(!rest.iter().any(|(_, event)| matches!(event, ChatEvent::Chart(_))));
            assert!(rest.iter().all(|(at, _)| at.charts == 1 && at.bytes >= bytes));
        }
        // Nobody is told such a place; it is no reason to fail.
        assert_eq!(text_of(&behind_place(Place { bytes: 3, ..Place::default() })), "ve but true");
    }
}
