//! One form for the text of all documents, and the way from its NFKC back to it.

use std::{iter, ops::Range};

use unicode_normalization::{
    IsNormalized, UnicodeNormalization as _, char::canonical_combining_class, is_nfkc_quick,
};

/// The text as [`Extracted`](crate::Extracted) promises it, and whether it was cut. Neither it nor its NFKC is longer
/// than `limit` bytes: a single character may become eleven times as long.
pub(crate) fn text(raw: &str, limit: usize) -> (String, bool) {
    let mut kept = Kept { text: String::new(), left: limit };
    for (page, lines) in raw.split('\u{c}').enumerate() {
        if page > 0 && !kept.push('\u{c}') {
            return (kept.text, true);
        }
        if !kept.push_page(lines) {
            return (kept.trimmed(), true);
        }
    }
    (kept.text, false)
}

struct Kept {
    text: String,
    left: usize,
}

impl Kept {
    fn push(&mut self, character: char) -> bool {
        let normalized = iter::once(character).nfkc().map(char::len_utf8).sum::<usize>();
        let Some(left) = self.left.checked_sub(character.len_utf8().max(normalized)) else { return false };
        self.left = left;
        self.text.push(character);
        true
    }

    /// False when there is no room for all of it.
    fn push_page(&mut self, page: &str) -> bool {
        let (mut ends, mut begun) = (0, false);
        for line in lines(page) {
            let characters = || line.chars().filter(|&c| is_text(c));
            let width = characters().enumerate().filter(|(_, c)| !c.is_whitespace()).last();
            if let Some((last, _)) = width {
                let gap = if begun { ends.min(2) } else { 0 };
                let whole = iter::repeat_n('\n', gap).chain(characters().take(last + 1));
                for character in whole {
                    if !self.push(character) {
                        return false;
                    }
                }
                (ends, begun) = (0, true);
            }
            ends += 1;
        }
        true
    }

    /// A cut may have left white space at the end.
    fn trimmed(mut self) -> String {
        let end = self.text.trim_end_matches(|c: char| c.is_whitespace() && c != '\u{c}').len();
        self.text.truncate(end);
        self.text
    }
}

/// Between the line ends of Unicode, of which `\r\n` is one.
fn lines(page: &str) -> impl Iterator<Item = &str> {
    let is_end = |c| matches!(c, '\n' | '\r' | '\u{b}' | '\u{85}' | '\u{2028}' | '\u{2029}');
    page.split_inclusive("\r\n").flat_map(move |part| {
        let part = part.strip_suffix("\r\n").unwrap_or(part);
        part.split(is_end)
    })
}

/// Byte order marks and control characters are none.
fn is_text(character: char) -> bool {
    character == '\t' || !(character.is_control() || character == '\u{feff}')
}

pub(crate) fn normalize(text: &str) -> String {
    text.nfkc().collect()
}

/// See [`Extracted::original`](crate::Extracted::original).
pub(crate) fn original(text: &str, normalized: Range<usize>) -> Range<usize> {
    let (mut from, mut to, mut start) = (0, 0, None);
    for segment in segments(text) {
        let length = segment.chars().count();
        let next = to + if segment.is_ascii() { length } else { segment.nfkc().count() };
        if start.is_none() && next > normalized.start {
            start = Some(from);
        }
        (from, to) = (from + length, next);
        if let Some(start) = start.filter(|_| to >= normalized.end) {
            return start..if normalized.is_empty() { start } else { from };
        }
    }
    start.unwrap_or(from)..from
}

/// Pieces that normalize each by itself: NFKC of the whole is NFKC of the pieces in a row.
fn segments(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    iter::from_fn(move || {
        let next = rest.char_indices().skip(1).find(|&(_, c)| begins_segment(c));
        let (segment, after) = rest.split_at(next.map_or(rest.len(), |(at, _)| at));
        rest = after;
        (!segment.is_empty()).then_some(segment)
    })
}

/// Whether nothing before the character can reorder or compose with it.
fn begins_segment(character: char) -> bool {
    if character.is_ascii() {
        return true;
    }
    let first = iter::once(character).nfkd().next().unwrap_or(character);
    canonical_combining_class(first) == 0 && is_nfkc_quick(iter::once(first)) == IsNormalized::Yes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization;

    use super::*;

    const NO_LIMIT: usize = usize::MAX;

    #[test]
    fn line_ends_of_all_kinds_are_one_and_white_space_at_ends_goes() {
        let raw = "\u{feff}  a \r\nb\rc\u{85}d\u{2028}e\u{b}f\0\t \n\n\n\ng\n\n\u{c}\n\u{c}\n\nh";
        assert_eq!(text(raw, NO_LIMIT), ("  a\nb\nc\nd\ne\nf\n\ng\u{c}\u{c}h".to_owned(), false));
    }

    #[test]
    fn a_text_is_cut_where_it_or_its_normalized_form_is_too_long() {
        assert_eq!(text("abc", 3), ("abc".to_owned(), false));
        assert_eq!(text("abcd", 3), ("abc".to_owned(), true));
        assert_eq!(text("ab  cd", 4), ("ab".to_owned(), true));
        assert_eq!(text("a\u{c}b", 1), ("a".to_owned(), true));
        // U+FDFA is 3 bytes, and 33 in NFKC.
        assert_eq!(text("\u{fdfa}\u{fdfa}", 65), ("\u{fdfa}".to_owned(), true));
        assert_eq!(text("\u{fdfa}\u{fdfa}", 66), ("\u{fdfa}\u{fdfa}".to_owned(), false));
    }

    #[test]
    fn evidence_in_the_normalized_text_is_found_in_the_original() {
        // A ligature, a full-width letter, a decomposed accent, a half-width syllable with its voice mark.
        let text = "e\u{301} \u{fb03}ce \u{ff21} \u{ff76}\u{ff9e}x";
        let normal: Vec<char> = normalize(text).chars().collect();
        assert_eq!(normal.iter().collect::<String>(), "\u{e9} ffice A \u{30ac}x");
        let found = |range: Range<usize>| {
            let range = original(text, range);
            text.chars().skip(range.start).take(range.len()).collect::<String>()
        };
        assert_eq!(found(0..1), "e\u{301}");
        assert_eq!(found(2..7), "\u{fb03}ce");
        assert_eq!(found(3..4), "\u{fb03}");
        assert_eq!(found(8..9), "\u{ff21}");
        assert_eq!(found(10..11), "\u{ff76}\u{ff9e}");
        assert_eq!(found(11..12), "x");
        assert_eq!((original(text, 12..12), original(text, 90..99)), (12..12, 12..12));
    }

    proptest! {
        #[test]
        fn the_canonical_form_of_a_canonical_text_is_itself(raw in "(\\PC|[ \t\r\n\u{c}\u{85}]){0,40}", limit in 0usize..60) {
            let (once, _) = text(&raw, limit);
            prop_assert!(once.len() <= limit && normalize(&once).len() <= limit);
            prop_assert_eq!(text(&once, NO_LIMIT), (once, false));
        }

        #[test]
        fn segments_normalize_each_by_itself(raw in "[\\PC\u{300}-\u{36f}\u{1100}-\u{11ff}\u{ff00}-\u{ffef}]{0,30}") {
            let pieces: String = segments(&raw).flat_map(UnicodeNormalization::nfkc).collect();
            prop_assert_eq!(pieces, normalize(&raw));
        }
    }
}
