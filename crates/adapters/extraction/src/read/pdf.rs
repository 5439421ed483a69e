//! PDF, read by `pdf-extract`, whose glyphs are put into lines here.

use std::panic::{AssertUnwindSafe, catch_unwind};

use pdf_extract::{Document, MediaBox, OutputDev, OutputError, Transform, output_doc_page};

use crate::{Extracted, FileKind, ReadError, active_content};

/// Fewer characters a page than this are likely a page number on a picture of text.
const FEWEST_CHARACTERS: usize = 50;

/// The most bytes that are collected: more than are kept, since white space is put in order later.
const MOST: usize = 2 * Extracted::MAX_BYTES;

/// Distances in multiples of the size of the font.
const ANOTHER_LINE: f64 = 0.5;
const BLANK_LINE: f64 = 2.0;
const SPACE: f64 = 0.15;
const TAB: f64 = 3.0;
const BACK: f64 = 1.0;

pub(super) fn read(content: &[u8]) -> Result<Extracted, ReadError> {
    let is_encrypted = content.windows(8).any(|window| window == b"/Encrypt");
    let unreadable = if is_encrypted { ReadError::Encrypted } else { ReadError::Broken(FileKind::Pdf) };
    // The library panics at much that is wrong in a file.
    let opened = catch_unwind(|| open(content).map(|document| (document.get_pages(), document)));
    let (pages, document) = opened.ok().flatten().ok_or(unreadable)?;
    let mut lines = Lines::default();
    let mut are_read = false;
    for &number in pages.keys() {
        if lines.is_full() {
            break;
        }
        let page = catch_unwind(AssertUnwindSafe(|| output_doc_page(&document, &mut lines, number)));
        are_read |= page.is_ok_and(|page| page.is_ok());
        lines.end_page();
    }
    let characters = lines.text.chars().filter(|c| !c.is_whitespace()).count();
    if pages.is_empty() || !are_read && characters == 0 {
        return Err(unreadable);
    }
    let is_full = lines.is_full();
    let text = lines.text.strip_suffix('\u{c}').unwrap_or(&lines.text);
    Ok(Extracted::new(text)
        .with_cut(is_full)
        .with_ocr_needed(characters < FEWEST_CHARACTERS * pages.len())
        .with_active_content(
            [active_content::in_bytes(content), active_content::in_objects(&document)].concat(),
        ))
}

/// The document, if it opens without a password.
fn open(content: &[u8]) -> Option<Document> {
    let mut document = Document::load_mem(content).ok()?;
    if document.is_encrypted() {
        document.decrypt("").ok()?;
    }
    Some(document)
}

/// Puts glyphs into lines, in the order they are drawn: that of reading in what word processors make.
#[derive(Default)]
struct Lines {
    text: String,
    last: Option<Glyph>,
}

/// Where a glyph ends, and in which direction it goes.
struct Glyph {
    end: (f64, f64),
    direction: (f64, f64),
}

impl Lines {
    fn is_full(&self) -> bool {
        self.text.len() > MOST
    }

    fn end_page(&mut self) {
        self.text.push('\u{c}');
        self.last = None;
    }

    /// What lies between the last glyph and this one.
    fn gap(&self, (x, y): (f64, f64), size: f64, text: &str) -> &'static str {
        let Some(last) = &self.last else { return "" };
        let (dx, dy) = ((x - last.end.0) / size, (y - last.end.1) / size);
        let along = dx * last.direction.0 + dy * last.direction.1;
        let across = (dy * last.direction.0 - dx * last.direction.1).abs();
        let is_spaced = text.starts_with(char::is_whitespace) || self.text.ends_with(char::is_whitespace);
        match () {
            () if across > BLANK_LINE => "\n\n",
            () if across > ANOTHER_LINE || along < -BACK => "\n",
            () if along > TAB => "\t",
            () if along > SPACE && !is_spaced => " ",
            () => "",
        }
    }
}

impl OutputDev for Lines {
    fn output_character(
        &mut self,
        matrix: &Transform,
        width: f64,
        _spacing: f64,
        font_size: f64,
        text: &str,
    ) -> Result<(), OutputError> {
        if self.is_full() {
            return Err(OutputError::FormatError(std::fmt::Error));
        }
        let area = (matrix.m11 * matrix.m22 - matrix.m12 * matrix.m21).abs();
        let size = (area.sqrt() * font_size.abs()).max(f64::MIN_POSITIVE);
        let start = (matrix.m31, matrix.m32);
        let (dx, dy) = (matrix.m11 * font_size, matrix.m12 * font_size);
        let length = dx.hypot(dy).max(f64::MIN_POSITIVE);
        self.text.push_str(self.gap(start, size, text));
        self.text.push_str(text);
        let end = (start.0 + dx * width, start.1 + dy * width);
        self.last = Some(Glyph { end, direction: (dx / length, dy / length) });
        Ok(())
    }

    fn begin_page(
        &mut self,
        _: u32,
        _: &MediaBox,
        _: Option<(f64, f64, f64, f64)>,
    ) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_page(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn begin_word(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_word(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_line(&mut self) -> Result<(), OutputError> {
        Ok(())
    }
}
