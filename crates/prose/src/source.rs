//! The text of a file: what is read in place of what is not text, and where a byte stands.

use std::{borrow::Cow, ops::Range};

use crate::{
    blank_lines,
    code::{Code, Rule},
    diagnostic::{Diagnostic, Place},
    format::Format,
    log::Log,
    text::{is_forbidden, normalised, with_plain_blanks},
    tree::At,
};

/// Reads a file: what `read` makes of its text, and everything that is told, in the order of the file. At most
/// [`Format::max_size`] bytes are looked at.
pub fn parse<T, C: Code>(
    file: &[u8],
    format: &Format,
    read: impl FnOnce(&str, &mut Log<C>) -> Option<T>,
) -> (Option<T>, Vec<Diagnostic<C>>) {
    let mut log = Log::default();
    let Some(source) = Source::read(file, format, &mut log) else {
        return (None, log.into_diagnostics(|_| START));
    };
    let found = read(&source.text, &mut log);
    let place = |at: &At| match at {
        At::Span(span) => source.place(span),
        At::Pointer(_) => START,
    };
    (found, log.into_diagnostics(place))
}

/// The first character of a file.
const START: Place = Place::Source { line: 1, column: 1, length: 1 };

/// A file as it is read: without byte order mark, lines ended by LF, tabs as spaces.
#[derive(Debug)]
struct Source<'s> {
    text: Cow<'s, str>,
    /// Where each line begins.
    lines: Vec<usize>,
    /// Where blank lines were read that are not in the file.
    put_in: Vec<usize>,
    /// Line, first column and width of every tab that is wider than one column; lines and columns from 0.
    tabs: Vec<(usize, usize, usize)>,
}

impl<'s> Source<'s> {
    /// Reads a file; `None` when there is nothing in it to go on with.
    fn read<C: Code>(bytes: &'s [u8], format: &Format, log: &mut Log<C>) -> Option<Self> {
        let start = At::Span(0..0);
        if bytes.len() > format.max_size {
            let what = format!("the file has {} bytes; at most {} are allowed", bytes.len(), format.max_size);
            log.error(Rule::TooLarge, &start, what, format.split_hint());
            return None;
        }
        let Ok(text) = std::str::from_utf8(bytes) else {
            let what = "the file is not UTF-8 text";
            log.error(Rule::NotUtf8, &start, what, "save it with the encoding UTF-8");
            return None;
        };
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut tabs = Vec::new();
        let mut text = normalised(text, |line, column, width| tabs.push((line, column, width)));
        if let Cow::Owned(plain) = with_plain_blanks(&text, true) {
            text = Cow::Owned(plain);
        }
        let (text, put_in) = match blank_lines::put_in(&text, format.has_keys) {
            Some((text, places)) => (Cow::Owned(text), places),
            None => (text, Vec::new()),
        };
        let mut source = Self { text, lines: vec![0], put_in, tabs };
        source.lines.extend(source.text.match_indices('\n').map(|(at, _)| at + 1));
        source.refuse_forbidden(log);
        Some(source)
    }

    /// What is forbidden is read as the replacement character, so that the rest can be checked.
    fn refuse_forbidden<C: Code>(&mut self, log: &mut Log<C>) {
        let found: Vec<(usize, char)> = self.text.char_indices().filter(|(_, c)| is_forbidden(*c)).collect();
        for (at, c) in &found {
            let what = format!("the character U+{:04X} is not allowed", u32::from(*c));
            log.error(Rule::ForbiddenCharacter, &At::Span(*at..at + c.len_utf8()), what, "remove it");
        }
        if found.is_empty() {
            return;
        }
        // By one character of as many bytes, so that places stay what they are.
        let same_length = |c: char| ['?', '¿', '\u{FFFD}'][c.len_utf8().min(3) - 1];
        self.text = self.text.chars().map(|c| if is_forbidden(c) { same_length(c) } else { c }).collect();
    }

    /// Where bytes stand in the file as it was written.
    fn place(&self, span: &Range<usize>) -> Place {
        let line = self.lines.partition_point(|start| *start <= span.start).saturating_sub(1);
        let start = self.lines.get(line).copied().unwrap_or_default();
        let rest = &self.text[start..];
        let of_file = line - self.put_in.partition_point(|at| *at < start);
        let text = rest.split('\n').next().unwrap_or_default();
        let column = |at: usize| {
            let before = text.get(..(at - start).min(text.len())).unwrap_or(text).chars().count();
            let of_line = self.tabs.iter().filter(|(of, ..)| *of == of_file);
            let surplus = of_line.map(|(_, from, width)| before.saturating_sub(from + 1).min(width - 1));
            before - surplus.sum::<usize>()
        };
        let (from, to) = (column(span.start), column(span.end.max(span.start)));
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Place::Source {
            line: number(of_file + 1),
            column: number(from + 1),
            length: number((to - from).max(1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agenda::{Code, FORMAT};

    fn place_of(text: &str, needle: &str) -> (u32, u32, u32) {
        let source = Source::read(text.as_bytes(), &FORMAT, &mut Log::<Code>::default()).unwrap();
        let at = source.text.find(needle).unwrap();
        match source.place(&(at..at + needle.len())) {
            Place::Source { line, column, length } => (line, column, length),
            Place::Json { .. } => unreachable!(),
        }
    }

    #[test]
    fn places_are_those_of_the_file_as_it_was_written() {
        assert_eq!(place_of("a\nbcd", "cd"), (2, 2, 2));
        assert_eq!(place_of("\u{feff}abc", "bc"), (1, 2, 2));
        assert_eq!(place_of("a\r\nb\rcd\n", "d"), (3, 2, 1));
        assert_eq!(place_of("äö\tü x", "ü"), (1, 4, 1));
        assert_eq!(place_of("\t\tx", "x"), (1, 3, 1));
        assert_eq!(place_of("a\tb\n\tx y", "y"), (2, 4, 1));
        let squeezed = "## Topics\n### A\n- id: a\nB\n### C\n- id: c\nÄz\nx\ty";
        assert_eq!(place_of(squeezed, "B"), (4, 1, 1));
        assert_eq!(place_of(squeezed, "z"), (7, 2, 1));
        assert_eq!(place_of(squeezed, "y"), (8, 3, 1));
    }

    #[test]
    fn a_forbidden_character_is_reported_and_the_rest_still_read() {
        let mut log = Log::<Code>::default();
        let source = Source::read("a\u{202E}b\0c".as_bytes(), &FORMAT, &mut log).unwrap();
        assert_eq!(source.text, "a\u{FFFD}b?c");
        assert_eq!(log.faults().len(), 2);
        assert_eq!(log.faults()[0].what, "the character U+202E is not allowed");
    }
}
