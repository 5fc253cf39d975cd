//! Making one ranking of two that measure different things: by the ranks alone (reciprocal rank fusion).

use std::collections::HashMap;

/// How little the first ranks count before those behind them; the value of the paper that proposed it, and of most who do so.
const SMOOTHING: f64 = 60.0;

/// A row in the one ranking.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ranked {
    pub(super) entry: i64,
    pub(super) score: f64,
    pub(super) by_words: bool,
    pub(super) by_meaning: bool,
}

/// The rows of both rankings, the best first; of equal ones those that come first in the document.
pub(super) fn fuse(words: &[i64], meaning: &[i64]) -> Vec<Ranked> {
    let mut rows: HashMap<i64, Ranked> = HashMap::new();
    for (ranking, is_words) in [(words, true), (meaning, false)] {
        for (rank, entry) in ranking.iter().enumerate() {
            let new = Ranked { entry: *entry, score: 0.0, by_words: false, by_meaning: false };
            let row = rows.entry(*entry).or_insert(new);
            row.score += 1.0 / (SMOOTHING + (rank + 1) as f64);
            row.by_words |= is_words;
            row.by_meaning |= !is_words;
        }
    }
    let mut rows: Vec<Ranked> = rows.into_values().collect();
    rows.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.entry.cmp(&b.entry)));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_both_find_comes_before_what_one_finds() {
        let fused = fuse(&[1, 2, 3], &[9, 3, 4]);
        let entries: Vec<i64> = fused.iter().map(|row| row.entry).collect();
        assert_eq!(entries, [3, 1, 9, 2, 4]);
        let ways: Vec<_> = fused.iter().map(|row| (row.by_words, row.by_meaning)).collect();
        assert_eq!(ways, [(true, true), (true, false), (false, true), (true, false), (false, true)]);
        assert!((fused[0].score - (1.0 / 63.0 + 1.0 / 62.0)).abs() < 1e-12);
        assert!(fuse(&[], &[]).is_empty());
    }
}
