//! What rows of two tables are told apart by.

use std::{cmp::Reverse, collections::HashMap};

use super::{Comparison, Pair};
use crate::{
    ports::{differences::RowKey, tables::QueryError},
    services::conversions::{ColumnReport, TableReport},
};

/// Columns that are tried as a key; each costs a look at all rows.
const TRIED: usize = 6;

/// Columns that are compared at most; what numbers rows and tells them apart takes places too.
const MOST_COLUMNS: usize = 1_900;

/// Ends of names that say that a column tells things apart.
const NAMES_OF_KEYS: [&str; 10] = ["id", "key", "uuid", "guid", "code", "number", "isbn", "sku", "ref", "no"];

/// How it was decided which rows belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchedBy {
    /// By the columns that were asked for.
    Given,
    /// By columns that were found to tell rows apart on both sides.
    Found,
    /// By all that a row holds: there is no such column, so that a row with another cell is one removed and one added.
    Content,
}

/// The columns of two tables, without those that the conversion made.
pub(super) struct Columns {
    pub(super) common: Vec<String>,
    pub(super) only_left: Vec<String>,
    pub(super) only_right: Vec<String>,
}

pub(super) fn common_columns(left: &TableReport, right: &TableReport) -> Columns {
    let names = |table: &TableReport| -> Vec<String> {
        table.columns.iter().filter(|column| !column.key).map(|column| column.name.clone()).collect()
    };
    let (left, right) = (names(left), names(right));
    let is_in = |names: &[String], name: &String| names.iter().any(|other| other.eq_ignore_ascii_case(name));
    let (mut common, only_left): (Vec<_>, Vec<_>) = left.iter().cloned().partition(|name| is_in(&right, name));
    common.truncate(MOST_COLUMNS);
    let only_right = right.iter().filter(|name| !is_in(&left, name)).cloned().collect();
    Columns { common, only_left, only_right }
}

/// What rows are told apart by, and why.
#[derive(Clone)]
pub(super) struct Chosen {
    pub(super) key: RowKey,
    pub(super) matched_by: MatchedBy,
}

impl Chosen {
    /// The columns as they are shown.
    pub(super) fn names(&self, table: &TableReport) -> Vec<String> {
        if self.matched_by == MatchedBy::Content {
            return Vec::new();
        }
        let parent = table.parent.as_ref().map_or("", |parent| parent.table.as_str());
        let of_parent = self.key.of_parent.iter().map(|column| format!("{parent}.{column}"));
        of_parent.chain(self.key.own.iter().cloned()).collect()
    }
}

/// The keys of tables that were compared before: children are told apart with the help of their parent's.
#[derive(Default)]
pub(super) struct KnownKeys(HashMap<[String; 2], Vec<String>>);

impl KnownKeys {
    /// The key asked for, which not all tables of two uploads need to have, or else the first that tells rows apart, or else all a row holds.
    pub(super) fn choose(
        &mut self,
        comparison: &Comparison,
        pair: &Pair<'_>,
        columns: &Columns,
    ) -> Result<Chosen, QueryError> {
        let (left, right) = (pair.left.report, pair.right.report);
        if columns.common.is_empty() && comparison.is_of_tables {
            let reason = format!("'{}' and '{}' have no column in common", left.name, right.name);
            return Err(QueryError::Rejected(reason));
        }
        let asked = &comparison.asked.key;
        let has = |name: &String| [left, right].iter().all(|table| column_of(table, name).is_some());
        let chosen = if !asked.is_empty() && asked.iter().all(has) {
            let own = asked.clone();
            Chosen { key: RowKey { of_parent: Vec::new(), own }, matched_by: MatchedBy::Given }
        } else if let (true, Some(missing)) = (comparison.is_of_tables, asked.iter().find(|name| !has(name))) {
            let reason = format!("'{}' and '{}' have no column '{missing}' in common", left.name, right.name);
            return Err(QueryError::Rejected(reason));
        } else {
            self.found(comparison, pair, &columns.common)?
        };
        if chosen.matched_by != MatchedBy::Content && chosen.key.of_parent.is_empty() && !chosen.key.own.is_empty() {
            self.0.insert([left.name.clone(), right.name.clone()], chosen.key.own.clone());
        }
        Ok(chosen)
    }

    fn found(&self, comparison: &Comparison, pair: &Pair<'_>, common: &[String]) -> Result<Chosen, QueryError> {
        let (left, right) = (pair.left.report, pair.right.report);
        let of_parent = self.of_parent(left, right);
        let candidates = candidates(left, right, common);
        let (likely, others): (Vec<_>, Vec<_>) = candidates.iter().partition(|name| likelihood(name) > 0);
        let by = |of_parent: &[String], own: &[&String]| RowKey {
            of_parent: of_parent.to_vec(),
            own: own.iter().map(|name| (*name).clone()).collect(),
        };
        // A single row needs nothing to be told apart by, and a single child only its parent.
        let mut tried = vec![by(&[], &[])];
        tried.extend(likely.iter().map(|name| by(&[], &[name])));
        if !of_parent.is_empty() {
            tried.push(by(&of_parent, &[]));
            tried.extend(candidates.iter().map(|name| by(&of_parent, &[name])));
        }
        tried.extend(others.iter().map(|name| by(&[], &[name])));
        for key in tried {
            if comparison.is_key(pair, &key)? {
                return Ok(Chosen { key, matched_by: MatchedBy::Found });
            }
        }
        Ok(Chosen { key: RowKey { of_parent, own: common.to_vec() }, matched_by: MatchedBy::Content })
    }

    fn of_parent(&self, left: &TableReport, right: &TableReport) -> Vec<String> {
        let (Some(left), Some(right)) = (&left.parent, &right.parent) else { return Vec::new() };
        self.0.get(&[left.table.clone(), right.table.clone()]).cloned().unwrap_or_default()
    }
}

impl Comparison {
    fn is_key(&self, pair: &Pair<'_>, key: &RowKey) -> Result<bool, QueryError> {
        for half in [&pair.left, &pair.right] {
            if !self.store.is_key(&self.local.path, &half.rows(), key, &self.limits_now()?)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Columns that may tell rows apart: those first whose names say so, and of these the ones that are never empty in the whole tables.
fn candidates(left: &TableReport, right: &TableReport, common: &[String]) -> Vec<String> {
    let never_empty = |name: &String| {
        [left, right].into_iter().all(|table| column_of(table, name).is_some_and(|column| !column.nullable))
    };
    let mut candidates: Vec<&String> = common.iter().collect();
    candidates.sort_by_key(|name| Reverse((likelihood(name), never_empty(name))));
    candidates.into_iter().take(TRIED).cloned().collect()
}

fn column_of<'t>(table: &'t TableReport, name: &str) -> Option<&'t ColumnReport> {
    table.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name))
}

/// 2 for `id` and the like by itself, 1 where a name ends so, 0 for others.
fn likelihood(name: &str) -> u8 {
    let last = name.rsplit(['.', '@', '#', '_', '-']).next().unwrap_or(name).to_ascii_lowercase();
    let is_whole = NAMES_OF_KEYS.contains(&name.trim_start_matches('@').to_ascii_lowercase().as_str());
    // `orderId`, but not `paid`.
    let is_end = NAMES_OF_KEYS.contains(&last.as_str())
        || name.ends_with("Id")
        || name.ends_with("ID")
        || name.ends_with("Code");
    if is_whole { 2 } else { u8::from(is_end) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_tells_things_apart() {
        for (name, expected) in
            [("id", 2), ("@ID", 2), ("order.id", 1), ("orderId", 1), ("paid", 0), ("title", 0), ("line_no", 1)]
        {
            assert_eq!(likelihood(name), expected, "{name}");
        }
    }
}
