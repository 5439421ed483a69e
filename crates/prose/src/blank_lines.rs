//! The blank line between keys and prose, which people leave out.
//!
//! Markdown takes a line that follows a list without a blank line for the rest of its last entry. Where keys stand
//! under headings it is never meant so: there a blank line is read before it.

/// The text with the blank lines that were left out, and where they were put in. `has_keys` says of the heading of a
/// section whether there are keys under the headings in it.
pub(crate) fn put_in(text: &str, has_keys: fn(&str) -> bool) -> Option<(String, Vec<usize>)> {
    let mut scan = Scan { has_keys, section: false, fence: None, keys: Keys::None };
    let mut at = 0;
    let mut places = Vec::new();
    for line in text.split_inclusive('\n') {
        if scan.needs_blank_before(line.trim_end_matches('\n')) {
            places.push(at);
        }
        at += line.len();
    }
    if places.is_empty() {
        return None;
    }
    let mut out = String::with_capacity(text.len() + places.len());
    let mut start = 0;
    for (n, place) in places.iter_mut().enumerate() {
        out.push_str(&text[start..*place]);
        out.push('\n');
        start = *place;
        *place += n;
    }
    out.push_str(&text[start..]);
    Some((out, places))
}

struct Scan<'t> {
    has_keys: fn(&str) -> bool,
    /// Whether the section has keys under its headings.
    section: bool,
    /// The mark of the code block that is open.
    fence: Option<&'t str>,
    keys: Keys,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Keys {
    None,
    /// Just after a heading of level 3.
    MayFollow,
    /// In the list; whether the last line was blank.
    Open(bool),
}

impl<'t> Scan<'t> {
    fn needs_blank_before(&mut self, line: &'t str) -> bool {
        if let Some(mark) = self.fence {
            let rest = fence(line).filter(|found| found.starts_with(mark));
            if rest.is_some_and(|found| line.trim() == found) {
                self.fence = None;
            }
            return false;
        }
        let keys = std::mem::replace(&mut self.keys, Keys::None);
        let is_blank = line.trim().is_empty();
        if let Some((level, name)) = heading(line) {
            if level < 3 {
                self.section = level == 2 && (self.has_keys)(name);
            } else if level == 3 && self.section {
                self.keys = Keys::MayFollow;
            }
            return false;
        }
        self.fence = fence(line);
        match keys {
            Keys::MayFollow if is_blank => self.keys = Keys::MayFollow,
            Keys::MayFollow | Keys::Open(_) if is_key(line) => self.keys = Keys::Open(false),
            Keys::None | Keys::MayFollow => (),
            Keys::Open(_) if is_blank => self.keys = Keys::Open(true),
            Keys::Open(after_blank) if line.starts_with(' ') => self.keys = Keys::Open(after_blank),
            Keys::Open(after_blank) => return !after_blank && !line.starts_with(['-', '*', '+']),
        }
        false
    }
}

/// The level and the text of a heading at the left edge.
fn heading(line: &str) -> Option<(usize, &str)> {
    let level = line.bytes().take_while(|byte| *byte == b'#').count();
    let text = &line[level..];
    ((1..=6).contains(&level) && (text.is_empty() || text.starts_with(' '))).then(|| (level, text.trim()))
}

/// The mark with which a line begins or ends a code block.
fn fence(line: &str) -> Option<&str> {
    let text = line.trim_start_matches(' ');
    let mark = text.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = text.chars().take_while(|c| *c == mark).count();
    let is_fence =
        length >= 3 && line.len() - text.len() <= 3 && (mark == '~' || !text[length..].contains('`'));
    is_fence.then(|| &text[..length])
}

/// `- key: value` at the left edge.
fn is_key(line: &str) -> bool {
    let entry = line.strip_prefix(['-', '*', '+']).and_then(|rest| rest.strip_prefix(' '));
    let key = entry.and_then(|entry| entry.split_once(':')).map(|(key, _)| key.trim());
    key.is_some_and(|key| !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put_in_topics(text: &str) -> Option<(String, Vec<usize>)> {
        put_in(text, |name| name == "Topics")
    }

    fn read(text: &str) -> String {
        put_in_topics(text).map_or_else(|| text.to_owned(), |(text, _)| text)
    }

    #[test]
    fn prose_just_after_keys_is_set_apart() {
        assert_eq!(
            read("## Topics\n### A\n- id: a\n- weight: 1\nProse\n- b\n"),
            "## Topics\n### A\n- id: a\n- weight: 1\n\nProse\n- b\n"
        );
        let (_, places) = put_in_topics("## Topics\n### A\n- id: a\nB\n### C\n- id: c\nD").unwrap();
        assert_eq!(places, [24, 41]);
    }

    #[test]
    fn everything_else_is_left_alone() {
        for text in [
            "## Topics\n### A\n- id: a\n\nProse\n",
            "## Topics\n### A\n- when: a\n  and b\n",
            "## Topics\n### A\n- id: a\n### B\n",
            "## Notes\n### A\n- id: a\nProse\n",
            "## Topics\n```\n### A\n- id: a\nProse\n```\n",
            "## Topics\n~~~~\n```\n### A\n- id: a\nProse\n~~~\n",
        ] {
            assert_eq!(read(text), text);
        }
    }
}
