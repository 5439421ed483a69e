//! The words for a file and its text, free of how either is found: they belong to a domain of documents.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::canonical;

kernel::named! {
    /// What a file is, by its content.
    pub enum FileKind {
        /// Portable Document Format.
        Pdf = "pdf",
        /// A Word document in Office Open XML.
        Docx = "docx",
        /// An OpenDocument text.
        Odt = "odt",
        /// Rich Text Format.
        Rtf = "rtf",
        /// A web page.
        Html = "html",
        /// Plain text in UTF-8, in UTF-16 with a byte order mark, or in Windows-1252, of which Latin-1 is a part.
        Text = "text",
        /// Portable Network Graphics.
        Png = "png",
        /// A picture in JPEG.
        Jpeg = "jpeg",
        /// Graphics Interchange Format.
        Gif = "gif",
        /// A picture in WebP.
        WebP = "webp",
        /// A ZIP archive that is no text document.
        Zip = "zip",
        /// None of these.
        Unknown = "unknown",
    }
}

impl FileKind {
    /// The kind as people call it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Pdf => "PDF",
            Self::Docx => "DOCX",
            Self::Odt => "ODT",
            Self::Rtf => "RTF",
            Self::Html => "HTML",
            Self::Text => "plain text",
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::Gif => "GIF",
            Self::WebP => "WebP",
            Self::Zip => "ZIP",
            Self::Unknown => "an unknown kind",
        }
    }

    /// The media type, as the IANA registers it.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Odt => "application/vnd.oasis.opendocument.text",
            Self::Rtf => "application/rtf",
            Self::Html => "text/html",
            Self::Text => "text/plain",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::WebP => "image/webp",
            Self::Zip => "application/zip",
            Self::Unknown => "application/octet-stream",
        }
    }

    /// The extensions of such a file, in lower case, the usual one first.
    pub const fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["pdf"],
            Self::Docx => &["docx"],
            Self::Odt => &["odt"],
            Self::Rtf => &["rtf"],
            Self::Html => &["html", "htm", "xhtml"],
            Self::Text => &["txt", "text", "md", "markdown", "csv", "tsv", "log"],
            Self::Png => &["png"],
            Self::Jpeg => &["jpg", "jpeg", "jpe", "jfif"],
            Self::Gif => &["gif"],
            Self::WebP => &["webp"],
            Self::Zip => &["zip"],
            Self::Unknown => &[],
        }
    }

    /// Whether [`read`](crate::read) finds text in such a file.
    pub const fn has_text(self) -> bool {
        matches!(self, Self::Pdf | Self::Docx | Self::Odt | Self::Rtf | Self::Html | Self::Text)
    }

    /// Whether such a file is a picture.
    pub const fn is_image(self) -> bool {
        matches!(self, Self::Png | Self::Jpeg | Self::Gif | Self::WebP)
    }
}

kernel::named! {
    /// What a document can do besides being read. Such a document is accepted, and whoever shows it is told.
    pub enum ActiveContent {
        /// Scripts of a PDF.
        JavaScript = "java_script",
        /// Something that happens when a PDF is opened: often no more than which page is shown first.
        OpenAction = "open_action",
        /// Actions that follow what the reader of a PDF does.
        AdditionalActions = "additional_actions",
        /// Starting a program from a PDF.
        Launch = "launch",
        /// Files inside a PDF.
        EmbeddedFile = "embedded_file",
        /// Macros of a word processor.
        Macros = "macros",
    }
}

/// The text of a document, by pages and lines.
///
/// Lines end in `\n`, pages in `\u{c}`, both between and never after the last: so the text alone, as it is stored,
/// tells its pages and lines again. It holds no other control characters but tabs, no white space at the ends of
/// lines, and never two blank lines in a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Wire", into = "Wire")]
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

/// What goes over a pipe. Whoever reads it makes the rest again, so that nothing a child process says is believed.
#[derive(Serialize, Deserialize)]
struct Wire {
    text: String,
    is_cut: bool,
    needs_ocr: bool,
    active_content: Vec<ActiveContent>,
}

impl From<Wire> for Extracted {
    fn from(wire: Wire) -> Self {
        Self::new(&wire.text)
            .with_cut(wire.is_cut)
            .with_ocr_needed(wire.needs_ocr)
            .with_active_content(wire.active_content)
    }
}

impl From<Extracted> for Wire {
    fn from(extracted: Extracted) -> Self {
        let Extracted { text, is_cut, needs_ocr, active_content, .. } = extracted;
        Self { text, is_cut, needs_ocr, active_content }
    }
}
