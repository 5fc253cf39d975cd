//! What a run came to.

use std::fmt;

/// How many that were acknowledged as in the database, and as journaled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lost {
    pub durable: usize,
    pub journaled: usize,
}

impl Lost {
    pub fn count(&mut self, is_lost: bool, is_durable: bool) {
        *(if is_durable { &mut self.durable } else { &mut self.journaled }) += usize::from(is_lost);
    }
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {}", self.durable, self.journaled)
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Messages that were acknowledged, of conversations that nobody deleted.
    pub acknowledged: usize,
    pub journaled: usize,
    pub lost: Lost,
    /// Messages that do not follow the one that they were acknowledged to follow.
    pub misplaced: usize,
    /// Conversations that were begun, and that nobody deleted.
    pub conversations: usize,
    pub lost_conversations: Lost,
    pub deleted: usize,
    pub resurrected: Lost,
    pub reads: usize,
    /// Reads, and parents of what was said, that lacked what the reader had written there, or anybody two seconds before; or that found what was
    /// deleted.
    pub stale: usize,
    pub lost_titles: Lost,
    /// Messages that were sent again and taken for others.
    pub conflicts: usize,
    /// Conversations that an instance shows otherwise than the database when all is at rest.
    pub differing: usize,
    pub refused: usize,
    /// What of the lost was journaled and had both its homes die in one window.
    pub had_no_home: usize,
}

impl Verdict {
    /// The same without what is not wrong. Of what was journaled, what had no home any more may be lost, and nothing else.
    pub fn of_what_is_wrong(self) -> Self {
        let mut wrong =
            Self { acknowledged: 0, journaled: 0, conversations: 0, deleted: 0, reads: 0, refused: 0, ..self };
        let lost = [&mut wrong.lost, &mut wrong.lost_conversations, &mut wrong.lost_titles, &mut wrong.resurrected];
        if lost.iter().map(|lost| lost.journaled).sum::<usize>() == self.had_no_home {
            for lost in lost {
                lost.journaled = 0;
            }
            wrong.had_no_home = 0;
        }
        wrong
    }
}

/// A row of the table that `scripts/history-lab` prints.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} ({} journaled) | {} | {} | {} | {} | {} | {} | {} | {}",
            self.acknowledged,
            self.journaled,
            self.lost,
            self.conversations,
            self.lost_conversations,
            self.deleted,
            self.resurrected,
            self.reads,
            self.stale,
            self.lost_titles
        )
    }
}
