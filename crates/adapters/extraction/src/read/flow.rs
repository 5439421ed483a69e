//! Text as it flows out of a document: words, and what lies between them.

use crate::Extracted;

/// The most bytes that are collected: more than are kept, since white space is put in order later.
const MOST: usize = 4 * Extracted::MAX_BYTES;

/// What will stand before the next word. The last that was asked for is the one that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Gap {
    #[default]
    None,
    /// White space that was not written on purpose.
    Space,
    /// The end of a cell of a table.
    Tab,
    Line,
    /// A blank line.
    Blank,
}

/// Collects text. Gaps are written once a word follows, so that none are left over.
#[derive(Debug, Default)]
pub(super) struct Flow {
    text: String,
    gap: Gap,
    row_has_text: bool,
    is_full: bool,
}

impl Flow {
    /// Text as it stands, white space too.
    pub(super) fn push(&mut self, text: &str) {
        if text.is_empty() || self.is_full {
            return;
        }
        let gap = if self.is_at_start() { Gap::None } else { self.gap };
        self.text.push_str(match gap {
            Gap::None => "",
            Gap::Space => " ",
            Gap::Tab => "\t",
            Gap::Line => "\n",
            Gap::Blank => "\n\n",
        });
        self.gap = Gap::None;
        let room = MOST.saturating_sub(self.text.len());
        self.text.push_str(&text[..text.floor_char_boundary(room)]);
        self.is_full = text.len() > room;
        self.row_has_text = true;
    }

    /// Text in which white space only parts words, as in XML and HTML. A space that does not break parts none.
    pub(super) fn words(&mut self, text: &str) {
        let is_space = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}');
        for (index, word) in text.split(is_space).enumerate() {
            if index > 0 && self.gap == Gap::None && !self.text.ends_with([' ', '\t']) {
                self.gap = Gap::Space;
            }
            self.push(word);
        }
    }

    /// The end of a line; twice, a blank one.
    pub(super) fn line(&mut self) {
        self.gap = if matches!(self.gap, Gap::Line | Gap::Blank) { Gap::Blank } else { Gap::Line };
    }

    /// The beginning of something that stands on lines of its own, unless it begins a cell.
    pub(super) fn fresh_line(&mut self) {
        if matches!(self.gap, Gap::None | Gap::Space) {
            self.gap = Gap::Line;
        }
    }

    /// The beginning of a row.
    pub(super) fn begin_row(&mut self) {
        self.fresh_line();
        self.row_has_text = false;
    }

    /// The end of a cell.
    pub(super) fn cell(&mut self) {
        if self.row_has_text {
            self.gap = Gap::Tab;
        }
    }

    /// The end of a row.
    pub(super) fn row(&mut self) {
        self.gap = Gap::Line;
        self.row_has_text = false;
    }

    /// The end of a page.
    pub(super) fn page(&mut self) {
        self.gap = Gap::None;
        self.push("\u{c}");
        self.row_has_text = false;
    }

    /// Other text, on lines of its own.
    pub(super) fn append(&mut self, other: &Self) {
        self.fresh_line();
        self.push(&other.text);
        self.is_full |= other.is_full;
        self.fresh_line();
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn finish(self) -> Extracted {
        Extracted::new(&self.text).with_cut(self.is_full)
    }

    fn is_at_start(&self) -> bool {
        self.text.is_empty() || self.text.ends_with('\u{c}')
    }
}
