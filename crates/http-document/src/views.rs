//! Documents as clients see them.

use document::{ActiveContent, Document, DocumentService, DocumentText, sealing};
use kernel::{Id, Timestamp, encoding};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::schemas;

/// What `related_type` names a candidate of recruitment by.
const CANDIDATE: &str = "candidate";

/// A document: a file that an organisation keeps.
#[derive(Serialize, ToSchema)]
#[schema(as = document::Document, example = json!({
    "id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6", "organization_id": "0192f3c4-5a6b-7c8d-9e0f-0123456789ab",
    "uploaded_by": "0192f3c4-5a6b-7c8d-9e0f-abcdefabcdef", "related_type": null, "related_id": null,
    "candidate_id": null, "original_filename": "cv.pdf", "file_type": "pdf", "mime_type": "application/pdf",
    "document_category": "cv", "file_size": 48213,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "active_content": [],
    "extraction_status": "done", "extraction_preview": "Zoe Lee\nWelder", "is_encrypted": true,
    "encryption_method": "chacha20poly1305-stream/v1", "status": "available", "status_reason": null,
    "retain_until": "2026-11-21T12:00:00Z", "legal_hold": false, "created_at": "2026-11-20T12:00:00Z", "version": 2
}))]
pub(crate) struct DocumentView {
    id: Uuid,
    organization_id: Uuid,
    /// The account that uploaded it, or on whose behalf a key did; `null` where Touchstone made it.
    uploaded_by: Option<Uuid>,
    /// The kind of thing it belongs to; `null` until it is attached.
    #[schema(value_type = Option<schemas::RelatedType>)]
    related_type: Option<String>,
    /// Which one.
    related_id: Option<Uuid>,
    /// The same where it belongs to a candidate.
    candidate_id: Option<Uuid>,
    /// What the file is called, without a path; `null` once its content is gone.
    #[schema(min_length = 1, max_length = 255)]
    original_filename: Option<String>,
    /// What the file is, by its content.
    #[schema(value_type = schemas::FileKind)]
    file_type: &'static str,
    /// Its media type, by its content.
    mime_type: &'static str,
    /// What it is for.
    #[schema(value_type = schemas::Category)]
    document_category: &'static str,
    /// In bytes. Of a picture that told where or with what it was taken, without that.
    file_size: u64,
    /// The SHA-256 of the content, in hexadecimal digits.
    #[schema(min_length = 64, max_length = 64)]
    sha256: String,
    /// What it can do besides being read: whoever opens it should know.
    #[schema(value_type = Vec<schemas::ActiveContent>)]
    active_content: Vec<&'static str>,
    /// How far its text is read out.
    #[schema(value_type = schemas::ExtractionStatus)]
    extraction_status: &'static str,
    /// The first 500 characters of the text.
    extraction_preview: Option<String>,
    /// Whether the content is kept encrypted: always, while it is there.
    is_encrypted: bool,
    /// How it is encrypted; `null` once it is gone.
    encryption_method: Option<&'static str>,
    /// `quarantined` until it was scanned, then `available` or `rejected`; `shredded` once its content is gone.
    #[schema(value_type = schemas::Status)]
    status: &'static str,
    /// What the scanner found, or why it was shredded: `deleted`, `unattached`, `expired` or `erased`.
    status_reason: Option<String>,
    /// When it is shredded: a day after the upload unless something attaches it; `null` for not by itself.
    retain_until: Option<Timestamp>,
    /// Whether a legal hold keeps it.
    legal_hold: bool,
    created_at: Timestamp,
    version: i64,
}

impl DocumentView {
    pub(crate) fn of(document: &Document, service: &DocumentService) -> Self {
        let related = document.related.as_ref();
        Self {
            id: document.id.uuid(),
            organization_id: document.organization.uuid(),
            uploaded_by: document.uploaded_by.map(Id::uuid),
            related_type: related.map(|related| related.kind.clone()),
            related_id: related.map(|related| related.id),
            candidate_id: related.filter(|related| related.kind == CANDIDATE).map(|related| related.id),
            original_filename: document.name.as_ref().map(ToString::to_string),
            file_type: document.kind.name(),
            mime_type: document.kind.media_type(),
            document_category: document.category.name(),
            file_size: document.size,
            sha256: encoding::hex(&document.sha256.0),
            active_content: document.active_content.iter().map(|found| found.name()).collect(),
            extraction_status: document.extraction.name(),
            extraction_preview: service.preview(document),
            is_encrypted: document.has_content(),
            encryption_method: document.has_content().then_some(sealing::METHOD),
            status: document.status.name(),
            status_reason: document.reason.clone(),
            retain_until: document.retain_until,
            legal_hold: document.legal_hold,
            created_at: document.created_at,
            version: document.version(),
        }
    }
}

/// The text of a document.
#[derive(Serialize, ToSchema)]
#[schema(as = document::Text, example = json!({
    "text": "Zoe Lee\nWelder", "pages": [{ "number": 1, "offset": 0, "length": 14 }], "is_cut": false,
    "needs_ocr": false, "active_content": []
}))]
pub(crate) struct TextView {
    /// Lines are parted by `\n` and pages by `\f`; at most 1 MiB of UTF-8.
    text: String,
    /// Where each page lies in the text.
    pages: Vec<PageView>,
    /// Whether the document goes on where the text ends.
    is_cut: bool,
    /// Whether there is so little text that the pages are likely pictures of text.
    needs_ocr: bool,
    /// What the document can do besides being read.
    #[schema(value_type = Vec<schemas::ActiveContent>)]
    active_content: Vec<&'static str>,
}

/// Where a page lies in a text. Formats without pages of their own have one, and one more for each break in them.
#[derive(Serialize, ToSchema)]
#[schema(as = document::Page)]
struct PageView {
    /// From 1.
    number: usize,
    /// Where it begins, in characters (Unicode scalar values).
    offset: usize,
    /// How many characters it has.
    length: usize,
}

impl From<DocumentText> for TextView {
    fn from(DocumentText { text, is_cut, needs_ocr, active_content }: DocumentText) -> Self {
        let mut offset = 0;
        let page = |(index, page): (usize, &str)| {
            let view = PageView { number: index + 1, offset, length: page.chars().count() };
            offset += view.length + 1;
            view
        };
        let pages: Vec<_> = text.split('\u{c}').enumerate().map(page).collect();
        let active_content = active_content.into_iter().map(ActiveContent::name).collect();
        Self { text, pages, is_cut, needs_ocr, active_content }
    }
}

/// A link to the content of a document.
#[derive(Serialize, ToSchema)]
#[schema(as = document::Link, example = json!({
    "url": "https://touchstone.example.org/v1/documents/content?link=AZLzxFprfI2eD6Gyw9Tl9g",
    "expires_at": "2026-11-20T12:05:00Z"
}))]
pub(crate) struct LinkView {
    /// Whoever has it reads the document, without signing in.
    pub(crate) url: String,
    /// When it works no more.
    pub(crate) expires_at: Timestamp,
}
