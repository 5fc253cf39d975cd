//! What is shown of a row that was found.

use std::{borrow::Cow, ops::ControlFlow};

use super::words::{Wanted, each_word};

/// Characters of an excerpt.
const MAX_CHARS: usize = 300;

/// Characters before the first word that was found.
const CHARS_BEFORE: usize = 80;

/// `column: value` pairs around the first wanted word.
pub(super) fn excerpt(cells: &[(&str, Cow<'_, str>)], wanted: &Wanted) -> String {
    let first = cells.iter().enumerate().find_map(|(number, (_, text))| Some((number, place_of(text, wanted)?)));
    let (found, place) = first.unwrap_or((0, 0));
    let mut text = String::new();
    let mut match_at = 0;
    for (number, (column, value)) in cells.iter().enumerate() {
        if !text.is_empty() {
            text.push_str(" · ");
        }
        text.push_str(column);
        text.push_str(": ");
        // No more of a long value than can be seen.
        let (from, seen) = if number == found { (back(value, place, MAX_CHARS), place) } else { (0, 0) };
        let end = forward(value, seen, MAX_CHARS);
        if from > 0 {
            text.push('…');
        }
        if number == found {
            match_at = text.len() + (place - from);
        }
        text.push_str(&value[from..end]);
        if end < value.len() {
            text.push('…');
        }
        if number > found && text[match_at..].chars().nth(MAX_CHARS).is_some() {
            break;
        }
    }
    window(&text, match_at)
}

/// Where the first wanted word begins.
fn place_of(text: &str, wanted: &Wanted) -> Option<usize> {
    let mut place = None;
    let _ = each_word(text, &mut String::new(), |range, word| {
        if wanted.matches(word) == 0 {
            return ControlFlow::Continue(());
        }
        place = Some(range.start);
        ControlFlow::Break(())
    });
    place
}

/// The part of the text around the place, marked where it was cut.
fn window(text: &str, place: usize) -> String {
    if text.chars().nth(MAX_CHARS).is_none() {
        return text.to_owned();
    }
    let mut start = back(text, place, CHARS_BEFORE);
    // What is short behind the place leaves more room before it.
    let last = back(text, text.len(), MAX_CHARS - 1);
    start = start.min(last);
    let cut_before = start > 0;
    let room = MAX_CHARS - usize::from(cut_before);
    let rest = &text[start..];
    let cut_after = rest.chars().nth(room).is_some();
    let end = forward(rest, 0, room - usize::from(cut_after));
    let marks = |cut| if cut { "…" } else { "" };
    format!("{}{}{}", marks(cut_before), &rest[..end], marks(cut_after))
}

/// The place so many characters before.
fn back(text: &str, place: usize, chars: usize) -> usize {
    text[..place].char_indices().rev().nth(chars.saturating_sub(1)).map_or(0, |(at, _)| at)
}

/// The place so many characters behind.
fn forward(text: &str, place: usize, chars: usize) -> usize {
    text[place..].char_indices().nth(chars).map_or(text.len(), |(at, _)| place + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(cells: &[(&str, &str)], words: &str) -> String {
        let cells: Vec<_> = cells.iter().map(|(column, text)| (*column, Cow::Borrowed(*text))).collect();
        excerpt(&cells, &Wanted::of(words).unwrap())
    }

    #[test]
    fn short_rows_are_shown_whole() {
        assert_eq!(shown(&[("sku", "A-1"), ("note", "the blue lamp")], "lamp"), "sku: A-1 · note: the blue lamp");
        assert_eq!(shown(&[], "lamp"), "");
        assert_eq!(shown(&[("a", "b")], "absent"), "a: b");
    }

    #[test]
    fn long_rows_are_shown_around_the_first_word() {
        let long = format!("{} Größe {}", "é ".repeat(5_000), "ü ".repeat(5_000));
        let other = "ö ".repeat(4_000);
        for cells in [&[("t", long.as_str())][..], &[("a", &other), ("t", &long), ("z", &other)]] {
            let shown = shown(cells, "grosse große");
            assert_eq!(shown.chars().count(), MAX_CHARS);
            assert!(shown.starts_with('…') && shown.ends_with('…'), "{shown}");
            let place = shown.chars().position(|char| char == 'G').unwrap();
            assert_eq!(place, CHARS_BEFORE + 1);
        }
    }

    #[test]
    fn the_end_of_a_row_leaves_no_room_unused() {
        let text = format!("{}lamp", "x ".repeat(1_000));
        let shown = shown(&[("t", &text)], "lamp");
        assert_eq!(shown.chars().count(), MAX_CHARS);
        assert!(shown.starts_with('…') && shown.ends_with(" lamp"));
    }

    #[test]
    fn many_cells_behind_the_word_cost_nothing() {
        let long = "x".repeat(10_000);
        let cells: Vec<(&str, &str)> =
            std::iter::once(("a", "lamp")).chain((0..2_000).map(|_| ("b", long.as_str()))).collect();
        let shown = shown(&cells, "lamp");
        assert!(shown.starts_with("a: lamp · b: xxx") && shown.ends_with('…'), "{shown}");
        assert_eq!(shown.chars().count(), MAX_CHARS);
    }
}
