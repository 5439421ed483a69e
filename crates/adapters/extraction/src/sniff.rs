//! What a file is, by its content.

use crate::{
    ActiveContent, FileKind, Rejection, active_content,
    archive::{Archive, ends_in_zip},
    encoding,
    image::{self, Dimensions},
};

/// Where readers of PDF still look for its header.
const PDF_HEADER_WITHIN: usize = 1024;

/// Where a page begins at the latest, after a declaration and comments.
const HTML_WITHIN: usize = 1024;

/// Where a Word document has the tables, charts and slides in it, each a file by itself.
const EMBEDDED_IN_DOCX: &str = "word/embeddings/";

const ODT: &[u8] = FileKind::Odt.media_type().as_bytes();

/// Whether a file begins as one of its kind does.
type Signature = fn(&[u8]) -> bool;

/// What [`sniff`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sniffed {
    /// What the file is.
    pub kind: FileKind,
    /// What it can do besides being read, as far as a look at it tells: what a PDF has in compressed objects is
    /// known once it was read ([`Extracted::active_content`](crate::Extracted::active_content)).
    pub active_content: Vec<ActiveContent>,
    /// The size of a picture.
    pub dimensions: Option<Dimensions>,
}

/// Tells what a file is by its content alone, and refuses what is dangerous to keep or to open: bombs, broken
/// structures, two kinds in one. A file of no known kind is [`FileKind::Unknown`].
pub fn sniff(content: &[u8]) -> Result<Sniffed, Rejection> {
    let kind = match outermost(content) {
        FileKind::Zip => return sniff_zip(content),
        FileKind::Unknown if content.is_empty() => return Err(Rejection::Empty),
        kind => kind,
    };
    let is_binary = !matches!(kind, FileKind::Text | FileKind::Html | FileKind::Unknown);
    if is_binary && ends_in_zip(content) {
        return Err(Rejection::Polyglot { first: kind, second: FileKind::Zip });
    }
    if is_binary && kind != FileKind::Pdf && has_pdf_header(content) {
        return Err(Rejection::Polyglot { first: kind, second: FileKind::Pdf });
    }
    let dimensions = if kind.is_image() { Some(image::dimensions(content, kind)?) } else { None };
    let active_content = if kind == FileKind::Pdf { active_content::in_bytes(content) } else { Vec::new() };
    Ok(Sniffed { kind, active_content, dimensions })
}

/// Refuses a name whose extension is not one of the kind: what is opened by its name would not be what was checked.
/// A name without an extension says nothing wrong, and of an unknown kind none does.
pub fn check_extension(name: &str, kind: FileKind) -> Result<(), Rejection> {
    let Some((stem, extension)) = name.rsplit_once('.') else { return Ok(()) };
    let is_extension = (1..=10).contains(&extension.len())
        && extension.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && extension.bytes().any(|byte| byte.is_ascii_alphabetic());
    let extension = extension.to_ascii_lowercase();
    if stem.is_empty()
        || !is_extension
        || kind == FileKind::Unknown
        || kind.extensions().contains(&&*extension)
    {
        return Ok(());
    }
    Err(Rejection::WrongExtension { extension, kind })
}

/// What the first bytes say, without a look inside.
fn outermost(content: &[u8]) -> FileKind {
    let by_signature: [(Signature, FileKind); 7] = [
        (|content| content.starts_with(b"%PDF-"), FileKind::Pdf),
        (infer::archive::is_zip, FileKind::Zip),
        (infer::image::is_png, FileKind::Png),
        (infer::image::is_jpeg, FileKind::Jpeg),
        (infer::image::is_gif, FileKind::Gif),
        (infer::image::is_webp, FileKind::WebP),
        (infer::archive::is_rtf, FileKind::Rtf),
    ];
    if let Some((_, kind)) = by_signature.iter().find(|(is_kind, _)| is_kind(content)) {
        return *kind;
    }
    if is_html(content) {
        FileKind::Html
    } else if !content.is_empty() && encoding::text(content).is_some() {
        FileKind::Text
    } else if infer::archive::is_pdf(content) {
        FileKind::Pdf // with something before its header
    } else {
        FileKind::Unknown
    }
}

fn is_html(content: &[u8]) -> bool {
    let head = &content[..content.len().min(HTML_WITHIN)];
    let marked = encoding_rs::Encoding::for_bom(head);
    let decoded = marked.map(|(encoding, mark)| encoding.decode_without_bom_handling(&head[mark..]).0);
    let head = decoded.unwrap_or_else(|| String::from_utf8_lossy(head)).trim_start().to_ascii_lowercase();
    let later = ["<?xml", "<!--"].iter().any(|opening| head.starts_with(opening)) && head.contains("<html");
    let begins = ["<!doctype html", "<html"].iter().any(|opening| head.starts_with(opening));
    let is_html = begins || later || infer::text::is_html(head.as_bytes());
    is_html && (marked.is_some() || !encoding::is_binary(content))
}

fn has_pdf_header(content: &[u8]) -> bool {
    content[..content.len().min(PDF_HEADER_WITHIN)].windows(5).any(|window| window == b"%PDF-")
}

fn sniff_zip(content: &[u8]) -> Result<Sniffed, Rejection> {
    if has_pdf_header(content) {
        return Err(Rejection::Polyglot { first: FileKind::Zip, second: FileKind::Pdf });
    }
    let mut archive = Archive::open(content)?;
    let has = |name: &str| archive.names().any(|found| found == name);
    let is_docx = has("[Content_Types].xml") && has("word/document.xml");
    let has_macros =
        archive.names().any(|name| name.ends_with("/vbaProject.bin") || name.starts_with("Basic/"));
    let embeds = is_docx && archive.names().any(|name| name.starts_with(EMBEDDED_IN_DOCX));
    archive.check(|name| is_docx && is_embedded_document(name))?;
    let is_odt = archive.first_part("mimetype")?.is_some_and(|kind| kind.trim_ascii_end() == ODT);
    let manifest = archive.part("META-INF/manifest.xml")?.unwrap_or_default();
    if is_odt && manifest.windows(15).any(|window| window == b"encryption-data") {
        return Err(Rejection::Encrypted);
    }
    let kind = match (is_docx, is_odt) {
        (true, true) => return Err(Rejection::Polyglot { first: FileKind::Odt, second: FileKind::Docx }),
        (true, false) => FileKind::Docx,
        (false, true) => FileKind::Odt,
        (false, false) => FileKind::Zip,
    };
    let found = [(embeds, ActiveContent::EmbeddedFile), (has_macros, ActiveContent::Macros)];
    let active_content = found.into_iter().filter_map(|(is_there, what)| is_there.then_some(what)).collect();
    Ok(Sniffed { kind, active_content, dimensions: None })
}

/// Whether a file in a Word document is a document of Office itself, which is an archive. Older ones, which are called
/// `.bin`, are none.
fn is_embedded_document(name: &str) -> bool {
    let extension = name.strip_prefix(EMBEDDED_IN_DOCX).and_then(|name| name.rsplit_once('.'));
    extension.is_some_and(|(_, extension)| ["docx", "pptx", "xlsx"].contains(&extension))
}
