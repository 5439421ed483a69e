//! Characters and words: what may stand in a text, and what was probably meant.

use std::borrow::Cow;

/// Whether a character changes the direction of text (Unicode property `Bidi_Control`): it makes a text read other than
/// it is (Unicode Technical Report 36, section 2.5).
pub(crate) const fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Whether a character has no place in a document. Line feeds have one, where there may be several lines.
pub fn is_forbidden(c: char) -> bool {
    let breaks_lines = matches!(c, '\u{2028}' | '\u{2029}');
    (c.is_control() && c != '\n') || is_direction_mark(c) || breaks_lines || c == '\u{FEFF}'
}

/// Whether a character is a blank that markdown does not take for one (Unicode property `White_Space`, and what has no
/// width): it comes along with text that is copied from elsewhere, and nobody sees it.
pub(crate) const fn is_odd_blank(c: char) -> bool {
    matches!(
        c,
        '\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200B}' | '\u{202F}' | '\u{205F}' | '\u{2060}' | '\u{3000}'
    )
}

/// The text with spaces in place of other blanks where they decide what a line is: before it, after the marks of
/// lists, quotations and headings, and after the keys of front matter, where the text is a whole file.
pub(crate) fn with_plain_blanks(text: &str, is_file: bool) -> Cow<'_, str> {
    if !text.contains(is_odd_blank) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut front = false;
    for (n, line) in text.split_inclusive('\n').enumerate() {
        let is_fence = matches!(line.trim_end(), "---" | "...");
        front = if n == 0 { is_file && is_fence } else { front && !is_fence };
        let (marks, words) = line.split_at(lead(line, front));
        out.extend(marks.chars().map(|c| if is_odd_blank(c) { ' ' } else { c }));
        out.push_str(words);
    }
    Cow::Owned(out)
}

/// Where the words of a line begin: after blanks, and after marks that blanks follow.
fn lead(line: &str, front: bool) -> usize {
    let is_blank = |c: char| c == ' ' || is_odd_blank(c);
    let length_of = |text: &str, accept: fn(char) -> bool| text.find(|c| !accept(c)).unwrap_or(text.len());
    let mut lead = 0;
    loop {
        let text = line[lead..].trim_start_matches(is_blank);
        lead = line.len() - text.len();
        let digits = length_of(text, |c| c.is_ascii_digit());
        let signs = length_of(text, |c| c == '#');
        let key = length_of(text, |c| c.is_ascii_lowercase() || c == '_');
        let (mark, is_last) = match text[digits..].chars().next() {
            Some('-' | '*' | '+' | '>') if digits == 0 => (1, false),
            Some('.' | ')') if digits > 0 => (digits + 1, false),
            Some('#') if (1..=6).contains(&signs) => (signs, true),
            _ if front && key > 0 && text[key..].starts_with(':') => (key + 1, true),
            _ => return lead,
        };
        let rest = &text[mark..];
        if !rest.starts_with(is_blank) {
            return lead;
        }
        lead += mark;
        if is_last {
            return lead + rest.len() - rest.trim_start_matches(is_blank).len();
        }
    }
}

/// Tab stops are this many columns apart, as in `CommonMark`.
const TAB: usize = 4;

/// The text with lines ended by LF and tabs as spaces. `widened` is told the line, first column and width of every tab
/// that is wider than one column; lines and columns from 0.
pub(crate) fn normalised(text: &str, mut widened: impl FnMut(usize, usize, usize)) -> Cow<'_, str> {
    if !text.contains(['\r', '\t']) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 64);
    let (mut line, mut column) = (0, 0);
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '\t' => {
                let width = TAB - column % TAB;
                if width > 1 {
                    widened(line, column, width);
                }
                out.extend(std::iter::repeat_n(' ', width));
                column += width;
            }
            '\r' | '\n' => {
                if c == '\r' && characters.peek() == Some(&'\n') {
                    characters.next();
                }
                out.push('\n');
                (line, column) = (line + 1, 0);
            }
            c => {
                out.push(c);
                column += 1;
            }
        }
    }
    Cow::Owned(out)
}

/// Words on one line, as a paragraph reads: every line break and the space around it becomes one space.
pub fn on_one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    let mut parts = text.trim().lines().peekable();
    while let Some(part) = parts.next() {
        let mut part = part.trim();
        // A backslash before the end of a line is a line break in markdown.
        if parts.peek().is_some() {
            part = part.strip_suffix('\\').filter(|rest| !rest.ends_with('\\')).unwrap_or(part).trim_end();
        }
        if !line.is_empty() && !part.is_empty() {
            line.push(' ');
        }
        line.push_str(part);
    }
    line
}

/// `a`, `b` and `c`
pub fn listed<S: AsRef<str>>(words: &[S]) -> String {
    let mut list = String::new();
    for (n, word) in words.iter().enumerate() {
        list.push_str(match n {
            0 => "`",
            n if n + 1 == words.len() => "` and `",
            _ => "`, `",
        });
        list.push_str(word.as_ref());
    }
    list + "`"
}

/// The candidate that was probably meant: the nearest, when at most a third of it is mistyped.
pub fn did_you_mean<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let word = word.trim().to_lowercase();
    let length = word.chars().count();
    // As many as the lengths differ are needed in any case.
    let near = |candidate: &str| (candidate.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .filter(|candidate| candidate.chars().count().abs_diff(length) <= near(candidate))
        .map(|candidate| (distance(&word, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= near(candidate))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// How many insertions, deletions, replacements and swaps of neighbours lead from one word to the other (optimal string
/// alignment). Words of more than 64 characters are far from everything.
fn distance(a: &str, b: &str) -> usize {
    const LONGEST: usize = 64;
    let (a, b): (Vec<char>, Vec<char>) =
        (a.chars().take(LONGEST + 1).collect(), b.chars().take(LONGEST + 1).collect());
    if a.len() > LONGEST || b.len() > LONGEST {
        return usize::MAX;
    }
    let mut before = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_word_finds_what_was_meant() {
        let known = ["version", "scale", "interview", "language"];
        assert_eq!(did_you_mean("verison", known), Some("version"));
        assert_eq!(did_you_mean("Scale", known), Some("scale"));
        assert_eq!(did_you_mean("intervew", known), Some("interview"));
        assert_eq!(did_you_mean("colour", known), None);
        assert_eq!(did_you_mean(&"x".repeat(100), known), None);
    }

    #[test]
    fn a_swap_of_neighbours_is_one_mistake() {
        assert_eq!(distance("ab", "ba"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
    }

    #[test]
    fn a_blank_is_a_space_where_markdown_needs_one_and_stays_what_it_is_in_words() {
        for (written, read) in [
            ("-\u{a0}a\u{a0}b\n", "- a\u{a0}b\n"),
            ("\u{3000}12.\u{2009}a", " 12. a"),
            ("##\u{a0}Items\n>\u{202f}-\u{a0}[ ] x", "## Items\n> - [ ] x"),
            ("-\u{200b}a\n\u{a0}\u{a0}-\u{a0}id: x\u{a0}", "- a\n  - id: x\u{a0}"),
            ("3.5\u{a0}km #\u{a0}1", "3.5\u{a0}km #\u{a0}1"),
            ("-\u{a0}-\u{a0}- no", "- - - no"),
            ("#\u{a0}-\u{a0}a", "# -\u{a0}a"),
            (
                "---\nname:\u{a0}a:\u{a0}b\n\u{a0}\u{a0}min:\u{2007}1\n---\na:\u{a0}b",
                "---\nname: a:\u{a0}b\n  min: 1\n---\na:\u{a0}b",
            ),
        ] {
            assert_eq!(with_plain_blanks(written, true), read);
        }
        assert!(matches!(with_plain_blanks("- a b", true), Cow::Borrowed(_)));
    }

    #[test]
    fn a_paragraph_fits_on_one_line() {
        assert_eq!(on_one_line(" a \n   b\\\n\n c"), "a b c");
        assert_eq!(on_one_line("a\\\\\nb"), "a\\\\ b");
    }
}
