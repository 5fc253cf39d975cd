//! The schema of a database of rows, as whoever sets one up wants to know it.

/// How the schema of a database stands to that of this build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchemaStanding {
    /// It is the same.
    Current,
    /// Migrations are missing, or all of it.
    Behind,
    /// A newer version has added to it, and this build works beside that.
    Ahead,
}

/// What a database that is there has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SchemaState {
    /// The number of the last migration that was made; `None` without any.
    pub version: Option<i64>,
    /// How that stands to this build.
    pub standing: SchemaStanding,
}

/// What bringing a schema up to date has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Migrated {
    /// The number of the last migration that was there; `None` without any.
    pub before: Option<i64>,
    /// What is there now.
    pub after: SchemaState,
}
