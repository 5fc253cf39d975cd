//! Numbers before the items of a list, which say nothing.

use std::collections::BTreeSet;

/// Digits of such a number.
const DIGITS: usize = 3;

/// The numbers of an answer's lists so far: one that does not go on from another is a figure.
#[derive(Clone, Debug, Default)]
pub struct ListNumbers {
    seen: BTreeSet<u32>,
}

impl ListNumbers {
    /// What is said, without the numbers of items.
    #[must_use]
    pub fn left_out(&mut self, said: &str, begins_line: bool) -> String {
        let mut told = String::with_capacity(said.len());
        for (at, line) in said.split_inclusive('\n').enumerate() {
            match marker(line).filter(|_| at > 0 || begins_line) {
                Some((start, end, number)) if number <= 1 || self.seen.contains(&(number - 1)) => {
                    self.seen.insert(number);
                    told.push_str(&line[..start]);
                    told.push_str(&line[end..]);
                }
                _ => told.push_str(line),
            }
        }
        told
    }
}

/// The number of an item at the beginning of a line: where it stands, with its point or parenthesis.
fn marker(line: &str) -> Option<(usize, usize, u32)> {
    let mut rest = line.trim_start_matches([' ', '\t', '>', '#', '*', '_']);
    if let Some(after) = rest.strip_prefix("- ").or_else(|| rest.strip_prefix("+ ")) {
        rest = after.trim_start_matches([' ', '*', '_']);
    }
    let start = line.len() - rest.len();
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let behind = rest[digits..].strip_prefix(['.', ')'])?;
    let is_item = behind.trim_start_matches(['*', '_']).starts_with([' ', '\t']);
    let number = rest[..digits].parse().ok().filter(|_| digits <= DIGITS && is_item)?;
    Some((start, line.len() - behind.len(), number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_items_are_left_out_where_they_go_on() {
        let mut lists = ListNumbers::default();
        assert_eq!(lists.left_out("1. Berlin ", true), " Berlin ");
        assert_eq!(
            lists.left_out("\n2) Paris\n   1. 5 of 3.5\n **3.** Rome ", false),
            "\n Paris\n    5 of 3.5\n **** Rome "
        );
        for text in ["9999. is so", "\n7. is so", "\n5 of them", "\n3.5 of", "\n1.", "1.5 of", "-1. of"] {
            assert_eq!(lists.left_out(text, true), text);
        }
        assert_eq!(lists.left_out("4. more", false), "4. more", "behind a citation");
    }
}
