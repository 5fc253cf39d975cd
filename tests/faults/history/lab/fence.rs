//! What can be taken out of the servers, and out of the lines to them, so that a run has to show losses. The executable has no switch for it.

use crate::harness::Postgres;

/// Something without which what was acknowledged is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fence {
    /// What the database says is committed survives its end.
    ForcedCommits,
    /// In the journal others find what an instance left.
    SharedJournal,
    /// Who writes past Redis leaves a note for those who read there.
    Notes,
    /// A deleted conversation leaves something behind.
    Tombstones,
}

impl Fence {
    pub fn name(self) -> &'static str {
        match self {
            Self::ForcedCommits => "forced commits",
            Self::SharedJournal => "a shared journal",
            Self::Notes => "notes",
            Self::Tombstones => "tombstones",
        }
    }

    /// Takes out what is in the database, when instances have made their tables there and signed somebody in.
    pub async fn take_out(self, postgres: &Postgres) {
        let statements: &[&str] = match self {
            Self::ForcedCommits => &[
                "ALTER SYSTEM SET synchronous_commit = off",
                "ALTER SYSTEM SET wal_writer_delay = '10s'",
                "SELECT pg_reload_conf()",
            ],
            Self::Notes => &[
                "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
                "CREATE TRIGGER nothing BEFORE INSERT ON conversation_forgettable FOR EACH ROW EXECUTE FUNCTION nothing()",
            ],
            Self::Tombstones => &[
                "CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.deleted_at := NULL; RETURN NEW; END'",
                "CREATE TRIGGER forget BEFORE UPDATE ON conversations FOR EACH ROW EXECUTE FUNCTION forget()",
            ],
            Self::SharedJournal => &[],
        };
        for statement in statements {
            postgres.execute((*statement).to_owned()).await;
        }
    }
}
