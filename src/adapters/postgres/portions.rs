//! Removals of any number of rows, in portions: one statement for all of them would reach its time limit where there are very many, and
//! then never get through.

use super::{PostgresDatabase, lease::Statement};
use crate::ports::StoreError;

/// How a removal is divided.
#[derive(Clone, Copy, Debug)]
pub(super) struct Portions {
    /// Rows of one statement.
    pub(super) rows: i64,
    /// Statements of one call; what is left goes with a later one.
    pub(super) at_most: usize,
}

/// What has ended: a timer comes back for the rest. So few rows at once because values of the session cache may be some megabytes.
pub(super) const OF_WHAT_ENDED: Portions = Portions { rows: 100, at_most: 1000 };

/// All that there is: small rows, which nobody adds to meanwhile.
pub(super) const OF_A_CLOSED_SESSION: Portions = Portions { rows: 1000, at_most: usize::MAX };

impl PostgresDatabase {
    /// Removes by a statement that takes the number of rows which may go at once; how many went. Each portion is a transaction.
    pub(super) async fn remove_in_portions<'q>(
        &self,
        operation: &'static str,
        portions: Portions,
        statement: impl Fn(i64) -> Statement<'q>,
    ) -> Result<u64, StoreError> {
        let mut removed = 0;
        for _ in 0..portions.at_most {
            let portion = self.execute(operation, || statement(portions.rows)).await?;
            removed += portion;
            if portion < portions.rows.unsigned_abs() {
                break;
            }
        }
        Ok(removed)
    }
}
