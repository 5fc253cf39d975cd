//! The schema of a database of rows, as whoever sets one up wants to know it.

/// What a database that is there has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SchemaState {
    /// The number of the last migration that was made; `None` without any.
    pub version: Option<i64>,
    /// Whether it is the schema of this build.
    pub is_current: bool,
}
