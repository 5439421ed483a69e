//! The text of a document, by pages and lines.

use std::ops::Range;

use document::DocumentText;
use serde::{Deserialize, Serialize};

use crate::{ActiveContent, canonical};

/// The text of a document, by pages and lines.
///
/// Lines end in `\n`, pages in `\u{c}`, both between and never after the last: so the text alone, as it is stored,
/// tells its pages and lines again. It holds no other control characters but tabs, no white space at the ends of
/// lines, and never two blank lines in a row.
///
/// What goes over a pipe is a [`DocumentText`], of which whoever reads it makes the rest again: so nothing a child
/// process says is believed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "DocumentText", into = "DocumentText")]
pub struct Extracted {
    text: String,
    normalized: String,
    is_cut: bool,
    needs_ocr: bool,
    active_content: Vec<ActiveContent>,
}

/// A page: its number, from 1, and its lines that are not blank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<'a> {
    /// Counted from 1. Formats without pages of their own have one, and one more for each break that was put in.
    pub number: usize,
    /// From top to bottom, as far as the format tells.
    pub lines: Vec<Line<'a>>,
}

/// A line that is not blank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// Where it begins in the whole text, in characters (Unicode scalar values).
    pub offset: usize,
    /// The line without its end.
    pub text: &'a str,
}

impl Extracted {
    /// The most bytes of UTF-8 that are kept of a text, and of its normalized form.
    pub const MAX_BYTES: usize = 1024 * 1024;

    /// The text with pages between `\u{c}` and lines between any of Unicode's line ends, cut where it is too long.
    pub fn new(text: &str) -> Self {
        let (text, is_cut) = canonical::text(text, Self::MAX_BYTES);
        let normalized = canonical::normalize(&text);
        Self { text, normalized, is_cut, needs_ocr: false, active_content: Vec::new() }
    }

    /// The whole text, as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The whole text in NFKC, in which what looks alike is alike: for matching. [`Self::original`] leads back.
    pub fn normalized(&self) -> &str {
        &self.normalized
    }

    /// Whether the document goes on where the text ends.
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Whether there is so little text that the pages are likely pictures of text.
    pub fn needs_ocr(&self) -> bool {
        self.needs_ocr
    }

    /// What the document can do besides being read, each once, in the order of declaration.
    pub fn active_content(&self) -> &[ActiveContent] {
        &self.active_content
    }

    /// The pages, of which there is at least one.
    pub fn pages(&self) -> impl Iterator<Item = Page<'_>> {
        let mut offset = 0;
        self.text.split('\u{c}').enumerate().map(move |(index, page)| {
            let lines = page.split('\n').map(|text| {
                let line = Line { offset, text };
                offset += text.chars().count() + 1;
                line
            });
            Page { number: index + 1, lines: lines.filter(|line| !line.text.is_empty()).collect() }
        })
    }

    /// The characters of the text that became these of the normalized one: evidence that was found there is shown
    /// here. What only belongs together as a whole, such as the ligature of two letters, is taken whole.
    pub fn original(&self, normalized: Range<usize>) -> Range<usize> {
        canonical::original(&self.text, normalized)
    }

    pub(crate) fn with_cut(mut self, is_cut: bool) -> Self {
        self.is_cut |= is_cut;
        self
    }

    pub(crate) fn with_ocr_needed(mut self, needs_ocr: bool) -> Self {
        self.needs_ocr = needs_ocr;
        self
    }

    pub(crate) fn with_active_content(mut self, mut active_content: Vec<ActiveContent>) -> Self {
        active_content.sort_unstable();
        active_content.dedup();
        self.active_content = active_content;
        self
    }
}

impl From<DocumentText> for Extracted {
    fn from(read: DocumentText) -> Self {
        Self::new(&read.text)
            .with_cut(read.is_cut)
            .with_ocr_needed(read.needs_ocr)
            .with_active_content(read.active_content)
    }
}

impl From<Extracted> for DocumentText {
    fn from(extracted: Extracted) -> Self {
        let Extracted { text, is_cut, needs_ocr, active_content, .. } = extracted;
        Self { text, is_cut, needs_ocr, active_content }
    }
}
