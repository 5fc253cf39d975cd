//! Text without anything that reads like an address.

use super::answer_filter::MARK;

/// What stands where an address was.
const REMOVED: &str = "(link removed)";

/// A text in which words that are addresses are replaced.
pub(super) fn without_addresses(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_inclusive(char::is_whitespace) {
        let end = word.trim_end().len();
        match address(&word[..end]) {
            None => out.push_str(word),
            Some(at) => {
                out.push_str(&word[..at]);
                out.push_str(REMOVED);
                // A citation, a bracket or the end of a sentence is not of the address.
                let end = word[at..end].find(MARK).map_or(end, |mark| at + mark);
                let tail = word[at..end].trim_end_matches(|c: char| ").,;:!?*_`\"']".contains(c)).len() + at;
                out.push_str(&word[tail..]);
            }
        }
    }
    out
}

/// Where an address begins in a word.
pub(super) fn address(word: &str) -> Option<usize> {
    let lower = word.to_ascii_lowercase();
    let start_of = |at: usize| lower[..at].trim_end_matches(|c: char| c.is_ascii_alphanumeric() || c == '+').len();
    let scheme = lower.find("://").map(start_of);
    let named = ["www.", "mailto:", "javascript:", "data:", "vbscript:", "file:", "blob:"];
    let named = named.iter().flat_map(|name| {
        let found = lower.match_indices(name).map(|(at, _)| at);
        found.filter(|at| start_of(*at) == *at && lower.len() > at + name.len()).collect::<Vec<_>>()
    });
    scheme.into_iter().chain(named).chain(host(&lower)).min()
}

/// Where two slashes stand before a host. Browsers take backslashes for slashes, and more than two for two.
fn host(word: &str) -> Option<usize> {
    let is_slash = |c: char| c == '/' || c == '\\';
    let (mut start, mut slashes) = (0, 0);
    for (at, c) in word.char_indices() {
        if is_slash(c) {
            start = if slashes == 0 { at } else { start };
            slashes += 1;
            continue;
        }
        let begins = c.is_alphanumeric() || "[%_@".contains(c);
        if slashes >= 2 && begins && word[at..].contains(['.', '。', '．', '｡']) {
            return Some(start);
        }
        slashes = 0;
    }
    None
}
