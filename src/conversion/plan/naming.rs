//! Names of tables and columns: short, unambiguous, safe for files, SQL and spreadsheets.

use std::collections::{HashMap, HashSet};

/// Names that belong to key columns, present or not.
pub(super) const RESERVED: [&str; 7] = ["_id", "_parent", "_ord", "_document", "_element", "_file", "_pos"];

/// The same where tables tell the whole structure.
pub(super) const RESERVED_WITH_STRUCTURE: [&str; 8] =
    ["_id", "_parent", "_ord", "_document", "_element", "_file", "_pos", "_content"];

/// Bytes of a table's name, so that a file name holds it with group and ending.
const LONGEST_TABLE_NAME: usize = 120;

/// Names that Windows gives to devices.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// For each path the shortest tail that no other path shares, its parts joined by `.`; a number where there is none.
/// Names are different without regard to case.
pub(super) fn shortest_tails(paths: &[Vec<String>], reserved: &[&str]) -> Vec<String> {
    let mut lengths = vec![1_usize; paths.len()];
    let tail = |path: &[String], length: usize| path[path.len().saturating_sub(length)..].join(".");
    loop {
        let names: Vec<String> =
            paths.iter().zip(&lengths).map(|(path, length)| tail(path, *length).to_lowercase()).collect();
        let mut uses: HashMap<&str, u32> = HashMap::new();
        for name in &names {
            *uses.entry(name).or_default() += 1;
        }
        let mut grown = false;
        for ((path, length), name) in paths.iter().zip(&mut lengths).zip(&names) {
            if uses.get(name.as_str()).is_some_and(|count| *count > 1) && *length < path.len() {
                *length += 1;
                grown = true;
            }
        }
        if !grown {
            break;
        }
    }
    numbered(paths.iter().zip(&lengths).map(|(path, length)| tail(path, *length)).collect(), reserved)
}

/// Gives a number to each name that is taken or reserved: `name`, `name_2`, `name_3` …
pub(super) fn numbered(names: Vec<String>, reserved: &[&str]) -> Vec<String> {
    let mut taken: HashSet<String> = reserved.iter().map(ToString::to_string).collect();
    let wanted: HashSet<String> = names.iter().map(|name| name.to_lowercase()).collect();
    let mut last_number: HashMap<String, u64> = HashMap::new();
    let mut result = Vec::with_capacity(names.len());
    for name in names {
        let lower = name.to_lowercase();
        if taken.insert(lower.clone()) {
            result.push(name);
            continue;
        }
        let number = last_number.entry(lower).or_insert(1);
        let (free, free_lower) = loop {
            *number += 1;
            let candidate = format!("{name}_{number}");
            let candidate_lower = candidate.to_lowercase();
            if !wanted.contains(&candidate_lower) && !taken.contains(&candidate_lower) {
                break (candidate, candidate_lower);
            }
        };
        taken.insert(free_lower);
        result.push(free);
    }
    result
}

/// A part of a table's name without characters that a file system, SQL or a sheet's name would stumble over.
pub(super) fn safe_part(part: &str) -> String {
    let is_safe = |c: char| (c.is_alphanumeric() || matches!(c, '_' | '-' | '.')) && !is_unseen(c);
    part.chars().map(|c| if is_safe(c) { c } else { '_' }).collect()
}

/// A whole table name that may be a file name anywhere.
pub(super) fn safe_table_name(name: &str) -> String {
    let mut safe = name.trim_end_matches('.').to_owned();
    safe.truncate(safe.floor_char_boundary(LONGEST_TABLE_NAME));
    let lower = safe.to_lowercase();
    let stem = lower.split('.').next().unwrap_or_default();
    let numbered_device = stem.strip_prefix("com").or(stem.strip_prefix("lpt"));
    let device = DEVICES.contains(&stem) || matches!(numbered_device.map(str::as_bytes), Some([b'1'..=b'9']));
    let starts_badly = !lower.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    // SQLite keeps the one for itself, and has functions that read like tables under the other.
    let is_of_sqlite = lower.starts_with("sqlite_") || lower.starts_with("pragma_");
    if device || starts_badly || is_of_sqlite { format!("t_{safe}") } else { safe }
}

/// A part of a column's name without characters that nobody sees: two columns would look the same, and a name could tell a reader of
/// another kind what people do not see in it. Its path has the name as it is.
pub(super) fn seen_part(part: &str) -> String {
    part.chars().map(|c| if is_unseen(c) { '_' } else { c }).collect()
}

/// Whether a character has no shape of its own or changes the direction of others. All but control characters, which only a namespace
/// could bring in, may stand in names of XML.
fn is_unseen(c: char) -> bool {
    match c {
        // Soft hyphen, joiners of graphemes, Arabic letter mark, fillers, Khmer and Mongolian signs without a shape.
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' => true,
        '\u{180b}'..='\u{180f}' | '\u{3164}' | '\u{ffa0}' => true,
        // Zero width, directions, joiners of words, the mark of the byte order.
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' => true,
        // Selectors of variants, interlinear marks, tags.
        '\u{fe00}'..='\u{fe0f}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}' => true,
        other => other.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tails(paths: &[&str]) -> Vec<String> {
        let paths: Vec<Vec<String>> = paths.iter().map(|path| path.split('/').map(str::to_owned).collect()).collect();
        shortest_tails(&paths, &RESERVED)
    }

    #[test]
    fn the_shortest_tail_that_is_unambiguous() {
        assert_eq!(tails(&["orders", "orders/order", "orders/order/line"]), ["orders", "order", "line"]);
        assert_eq!(tails(&["a/order/line", "a/invoice/line", "a/note"]), ["order.line", "invoice.line", "note"]);
    }

    #[test]
    fn case_does_not_make_names_different() {
        assert_eq!(tails(&["a/Name", "b/name"]), ["a.Name", "b.name"]);
        assert_eq!(tails(&["Name", "name", "NAME"]), ["Name", "name_2", "NAME_3"]);
    }

    #[test]
    fn a_number_never_takes_a_name_that_another_has() {
        assert_eq!(numbered(["a", "a", "a_2", "a"].map(str::to_owned).into(), &[]), ["a", "a_3", "a_2", "a_4"]);
    }

    #[test]
    fn names_of_keys_are_never_given_to_values() {
        assert_eq!(tails(&["r/_id", "r/_ORD"]), ["_id_2", "_ORD_2"]);
    }

    #[test]
    fn table_names_are_safe_as_files() {
        assert_eq!(safe_table_name(&safe_part("dc:title")), "dc_title");
        assert_eq!(safe_table_name("con"), "t_con");
        assert_eq!(safe_table_name("Com1.line"), "t_Com1.line");
        assert_eq!(safe_table_name("comb"), "comb");
        assert_eq!(safe_table_name("sqlite_x"), "t_sqlite_x");
        assert_eq!(safe_table_name("Pragma_table_info"), "t_Pragma_table_info");
        assert_eq!(safe_table_name("a.."), "a");
        assert_eq!(safe_table_name(&"ä".repeat(100)).len(), 120);
        assert_eq!(safe_part("{http://x/y}z"), "_http___x_y_z");
    }

    #[test]
    fn what_nobody_sees_is_seen_in_a_name() {
        let name = "a\u{200d}b\u{3164}c\u{e0041}d\u{fe0f}e\u{0}";
        assert_eq!((seen_part(name).as_str(), safe_part(name).as_str()), ("a_b_c_d_e_", "a_b_c_d_e_"));
        assert_eq!(seen_part("größe.线@x[2]#text"), "größe.线@x[2]#text");
    }
}
