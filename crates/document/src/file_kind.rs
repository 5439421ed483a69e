//! What files are by their content, and which of them are taken for what.

use kernel::{
    TextError,
    document::{DocumentCategory, FileName},
};
use unicode_normalization::UnicodeNormalization as _;

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

    /// Whether there is text in such a file that can be read out.
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
        /// Files inside a PDF or a Word document.
        EmbeddedFile = "embedded_file",
        /// Macros of a word processor.
        Macros = "macros",
    }
}

/// Whether files of the kind are taken for the category.
pub(crate) fn takes(category: DocumentCategory, kind: FileKind) -> bool {
    match category {
        DocumentCategory::DocumentationImage => kind.is_image(),
        DocumentCategory::Certificate => kind == FileKind::Pdf || kind.is_image(),
        DocumentCategory::Cv | DocumentCategory::Jd => kind.has_text(),
        DocumentCategory::Report => kind.has_text() || kind.is_image(),
        DocumentCategory::Portfolio | DocumentCategory::Evidence | DocumentCategory::Other => {
            kind != FileKind::Unknown
        }
    }
}

/// The kinds that are taken for the category, as people call them.
pub(crate) fn taken(category: DocumentCategory) -> String {
    let kinds = FileKind::ALL.into_iter().filter(|kind| takes(category, *kind));
    kinds.map(FileKind::label).collect::<Vec<_>>().join(", ")
}

/// The name a file is kept under: the last part of the path it came with, in NFC. Programs that upload send whole paths
/// at times, which tell about the machine they come from, and lead out of folders.
pub fn file_name(sent: &str) -> Result<FileName, TextError> {
    let name: String = sent.rsplit(['/', '\\']).next().unwrap_or_default().nfc().collect();
    match name.trim() {
        "." | ".." => Err(TextError::Form("must be the name of a file, such as cv.pdf")),
        name => FileName::new(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_category_takes_what_people_send_for_it_and_no_unknown_kind() {
        let kinds = |category| {
            let kinds = FileKind::ALL.into_iter().filter(|kind| takes(category, *kind));
            kinds.map(FileKind::name).collect::<Vec<_>>()
        };
        assert_eq!(kinds(DocumentCategory::Cv), ["pdf", "docx", "odt", "rtf", "html", "text"]);
        assert_eq!(kinds(DocumentCategory::DocumentationImage), ["png", "jpeg", "gif", "webp"]);
        assert_eq!(taken(DocumentCategory::Certificate), "PDF, PNG, JPEG, GIF, WebP");
        for category in DocumentCategory::ALL {
            assert!(!takes(category, FileKind::Unknown), "{category:?}");
        }
    }

    #[test]
    fn a_name_is_one_part_of_a_path_in_one_form() {
        assert_eq!(file_name("C:\\Users\\zoe\\cv.pdf").unwrap().as_str(), "cv.pdf");
        assert_eq!(file_name("../../etc/cv.pdf").unwrap().as_str(), "cv.pdf");
        assert_eq!(file_name("Zoe\u{308}.pdf").unwrap().as_str(), "Zo\u{eb}.pdf");
        for bad in ["", "a/", "..", "a\u{202e}fdp.exe", "a\nb", &"x".repeat(256)] {
            assert!(file_name(bad).is_err(), "{bad:?}");
        }
    }
}
