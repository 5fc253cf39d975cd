//! Text without images, links and what could be HTML.

/// Links of this service that an answer may hold.
const OWN_LINKS: [&str; 2] = ["/api/files/", "/api/download"];

/// A line without images and links, but with their words; what could be HTML is escaped, and so is what could become a link or say where links
/// elsewhere in the text go.
pub(super) fn without_markup(line: &str, begins_line: bool) -> String {
    escaped(&without_links(line), begins_line)
}

/// Whether what comes next is escaped already: a second backslash would undo the first.
pub(super) fn is_escaped(before: &str) -> bool {
    let backslashes = before.len() - before.trim_end_matches('\\').len();
    backslashes % 2 == 1
}

/// Images and links to elsewhere become their words.
fn without_links(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('[') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let Some((words, target, after)) = link(rest) else {
            out.push('[');
            rest = &rest[1..];
            continue;
        };
        if out.ends_with('!') {
            out.pop();
        }
        let words = without_links(words);
        out.push_str(&if is_own(target) { format!("[{words}]({target})") } else { words });
        rest = after;
    }
    out.push_str(rest);
    out
}

/// A line in which only links to this service's own files have a meaning.
fn escaped(line: &str, begins_line: bool) -> String {
    let mut out = String::with_capacity(line.len());
    // Brackets that are open.
    let mut open = 0_u32;
    let mut rest = line;
    while let Some(at) = rest.find(['[', ']', '<', '!']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (mark, after) = rest.split_at(1);
        if is_escaped(&out) {
            out.push_str(mark);
            rest = after;
            continue;
        }
        let link = if mark == "[" { link(rest) } else { None };
        if let Some((words, target, after)) = link.filter(|(_, target, _)| is_own(target)) {
            out.push_str(&format!("[{}]({target})", escaped(words, false)));
            rest = after;
            continue;
        }
        let has_meaning = match mark {
            "<" => after.starts_with(|c: char| c.is_alphanumeric() || "/!?".contains(c)),
            "!" => after.starts_with('['),
            "]" => after.starts_with('(') || after.starts_with(':') && open == 0,
            _ => begins_line && begins(&out) && is_definition(rest),
        };
        if has_meaning {
            out.push('\\');
        } else if mark == "[" {
            open += 1;
        } else if mark == "]" {
            open = open.saturating_sub(1);
        }
        out.push_str(mark);
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Whether there is nothing of a line yet but what begins lists and quotations.
fn begins(line: &str) -> bool {
    line.trim_matches(|c: char| c.is_whitespace() || ">-*+.)0123456789".contains(c)).is_empty()
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
