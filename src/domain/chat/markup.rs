//! Text without images, links and what could be HTML.

/// Links of this service that an answer may hold.
const OWN_LINKS: [&str; 2] = ["/api/files/", "/api/download"];

/// A line without images and links, but with their words; what could be HTML is escaped, and so is what, where a line begins, says where links
/// elsewhere in the text go.
pub(super) fn without_markup(line: &str, begins_line: bool) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find(['[', '<', '!']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix('!') {
            if !after.starts_with('[') {
                out.push('!');
            }
            rest = after;
        } else if let Some(after) = rest.strip_prefix('<') {
            out.push_str(if after.starts_with(|c: char| c.is_alphanumeric() || "/!?".contains(c)) {
                "\\<"
            } else {
                "<"
            });
            rest = after;
        } else if let Some((words, target, after)) = link(rest) {
            let words = without_markup(words, false);
            if is_own(target) {
                out.push_str(&format!("[{words}]({target})"));
            } else {
                out.push_str(&words);
            }
            rest = after;
        } else {
            let begins = begins_line
                && out.trim_matches(|c: char| c.is_whitespace() || ">-*+.)0123456789".contains(c)).is_empty();
            out.push_str(if begins && is_definition(rest) { "\\[" } else { "[" });
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out
}

/// `[name]: address`.
fn is_definition(text: &str) -> bool {
    text.find("]:").is_some_and(|at| !text[..at].contains('\n'))
}

/// The link at the start of a text: its words, where it goes, and what comes after.
fn link(text: &str) -> Option<(&str, &str, &str)> {
    let close = matching(text, '[', ']')?;
    let after = &text[close + 1..];
    let (open, end) = match after.chars().next()? {
        '(' => ('(', ')'),
        '[' => ('[', ']'),
        _ => return None,
    };
    let target_end = matching(after, open, end)?;
    Some((&text[1..close], after[1..target_end].trim(), &after[target_end + 1..]))
}

fn matching(text: &str, open: char, close: char) -> Option<usize> {
    let mut depth = 0_u32;
    for (at, c) in text.char_indices() {
        if c == open {
            depth += 1;
        } else if c == close {
            depth = depth.checked_sub(1)?;
            if depth == 0 {
                return Some(at);
            }
        }
    }
    None
}

fn is_own(target: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/_-.~%?=&,".contains(c);
    OWN_LINKS.iter().any(|start| target.starts_with(start)) && target.chars().all(is_plain) && !target.contains("//")
}
