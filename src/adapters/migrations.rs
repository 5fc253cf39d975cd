//! Whether this version works with the schema that it finds: one rule for both databases of rows.
//!
//! A database may have migrations of a newer version. They only add, so an older version works beside them, except for those whose name ends with
//! `breaks below N`: these ask for a version that has migration N.

use sqlx::migrate::Migrator;

use crate::ports::schema::SchemaStanding;

/// Stands in a migration's name before the number of the oldest that a version must have to work with it.
const BREAKS_BELOW: &str = "breaks below ";

/// A migration that a database has.
pub(super) struct Applied {
    pub(super) version: i64,
    /// Its file's name without number and ending, with spaces for underscores.
    pub(super) description: String,
    pub(super) checksum: Vec<u8>,
}

/// How what a database has stands to what this version knows; an error in words if this version must not use it.
pub(super) fn standing(applied: &[Applied], migrator: &Migrator) -> Result<SchemaStanding, String> {
    let newest = migrator.iter().last().map_or(0, |known| known.version);
    let mut known_ones = 0;
    for one in applied {
        match migrator.iter().find(|known| known.version == one.version) {
            Some(known) if *known.checksum == *one.checksum => known_ones += 1,
            None if one.version > newest => check_newer(one, newest)?,
            _ => {
                return Err(format!(
                    "the database has another migration {} than this version: it belongs to another program; \
                     name another database",
                    one.version
                ));
            }
        }
    }
    let is_complete = known_ones == migrator.iter().count();
    match (is_complete, applied.len() > known_ones) {
        (true, false) => Ok(SchemaStanding::Current),
        (true, true) => Ok(SchemaStanding::Ahead),
        (false, false) => Ok(SchemaStanding::Behind),
        (false, true) => {
            Err("the database has migrations of a newer version, and not all of this version: it belongs to \
                              another program; name another database"
                .to_owned())
        }
    }
}

/// Whether a version whose last migration is `newest` works beside a newer one.
fn check_newer(newer: &Applied, newest: i64) -> Result<(), String> {
    let Some((_, needed)) = newer.description.rsplit_once(BREAKS_BELOW) else { return Ok(()) };
    // What cannot be read asks for the version that has it.
    let needed = needed.parse().unwrap_or(newer.version);
    if newest >= needed {
        return Ok(());
    }
    Err(format!(
        "the database was made by a newer version, which has migration {} ({}), and this version ends with migration \
         {newest}: start a version that has migration {needed}, or restore the database as it was before",
        newer.version, newer.description
    ))
}

#[cfg(test)]
mod tests {
    use sqlx::migrate::Migrator;

    use super::*;

    fn migrator() -> Migrator {
        sqlx::migrate!("migrations/postgres")
    }

    fn all() -> Vec<Applied> {
        let applied = |known: &sqlx::migrate::Migration| Applied {
            version: known.version,
            description: known.description.to_string(),
            checksum: known.checksum.to_vec(),
        };
        migrator().iter().map(applied).collect()
    }

    fn with(version: i64, description: &str) -> Result<SchemaStanding, String> {
        let mut applied = all();
        applied.push(Applied { version, description: description.into(), checksum: vec![1] });
        standing(&applied, &migrator())
    }

    #[test]
    fn what_is_missing_is_behind() {
        assert_eq!(standing(&all(), &migrator()), Ok(SchemaStanding::Current));
        assert_eq!(standing(&[], &migrator()), Ok(SchemaStanding::Behind));
        let mut applied = all();
        applied.pop();
        assert_eq!(standing(&applied, &migrator()), Ok(SchemaStanding::Behind));
    }

    #[test]
    fn a_newer_version_that_only_added_is_ahead() {
        assert_eq!(with(9_999, "nicknames"), Ok(SchemaStanding::Ahead));
    }

    #[test]
    fn a_migration_that_breaks_older_versions_is_refused_below_the_number_it_names() {
        let newest = all().last().unwrap().version;
        assert_eq!(with(9_999, &format!("drop nicknames breaks below {newest:04}")), Ok(SchemaStanding::Ahead));
        let problem = with(9_999, &format!("drop nicknames breaks below {:04}", newest + 1)).unwrap_err();
        assert!(problem.contains("newer version, which has migration 9999"), "{problem}");
        assert!(problem.contains(&format!("start a version that has migration {}", newest + 1)), "{problem}");
        let problem = with(9_999, "drop nicknames breaks below that").unwrap_err();
        assert!(problem.contains("start a version that has migration 9999"), "{problem}");
    }

    #[test]
    fn another_programs_database_is_refused() {
        let mut applied = all();
        applied[0].checksum = vec![2];
        assert!(standing(&applied[..1], &migrator()).unwrap_err().contains("another program"));
        assert!(with(0, "before the first").unwrap_err().contains("another program"));
        let newer = Applied { version: 9_999, description: "nicknames".into(), checksum: vec![1] };
        assert!(standing(&[newer], &migrator()).unwrap_err().contains("not all of this version"));
    }
}
