//! Files that people and domains keep: how a domain asks for them, without knowing how they are stored.
//!
//! A file is uploaded first, and belongs to its uploader for a day. The domain it is meant for attaches it, in the
//! same commit as its own change, and from then on answers who may read it.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    AccountId, Ctx, Id, OrganizationId, Permit, Secret, SingleLine, StoreError, Target, Timestamp, refusals,
};

/// Marks the ids of documents.
#[derive(Debug)]
pub enum DocumentTag {}

/// Identifies a document.
pub type DocumentId = Id<DocumentTag>;

/// What a file is called, without a path.
pub type FileName = SingleLine<255>;

crate::named! {
    /// What a document is for.
    pub enum DocumentCategory {
        /// The career of a person, in their own words.
        Cv = "cv",
        /// The description of a job.
        Jd = "jd",
        /// Examples of a person's work.
        Portfolio = "portfolio",
        /// A picture that documents a meeting.
        DocumentationImage = "documentation_image",
        /// A proof of something a person learned or passed.
        Certificate = "certificate",
        /// What was found out about a person or an organisation.
        Report = "report",
        /// What supports a statement.
        Evidence = "evidence",
        /// Something else.
        Other = "other",
    }
}

crate::named! {
    /// How far a document has come.
    pub enum DocumentStatus {
        /// It waits to be scanned; nobody can read it.
        Quarantined = "quarantined",
        /// It can be read.
        Available = "available",
        /// The scanner found something harmful; its content is gone.
        Rejected = "rejected",
        /// Its content is gone for good, from backups too.
        Shredded = "shredded",
    }
}

crate::named! {
    /// How far the text of a document is read out.
    pub enum ExtractionStatus {
        /// It is a file without text, or its content is gone.
        None = "none",
        /// It is being read, or waits for it.
        Pending = "pending",
        /// There is a text.
        Done = "done",
        /// There is so little text that the pages are likely pictures of text.
        NeedsOcr = "needs_ocr",
        /// It could not be read.
        Failed = "failed",
    }
}

crate::named! {
    /// Why a document was shredded.
    pub enum ShredReason {
        /// Somebody deleted it, or the domain it belonged to.
        Deleted = "deleted",
        /// Nobody attached it in time.
        Unattached = "unattached",
        /// It was kept as long as it was to be kept.
        Expired = "expired",
        /// A person it was about, or from, was erased.
        Erased = "erased",
    }
}

/// What a document belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Related {
    /// The kind of thing, such as `candidate`.
    pub kind: String,
    /// Which one.
    pub id: Uuid,
}

impl From<&Target> for Related {
    fn from(target: &Target) -> Self {
        Self { kind: target.kind.to_owned(), id: target.id }
    }
}

/// A document as other domains may know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// Identifies it.
    pub id: DocumentId,
    /// Whose it is.
    pub organization: OrganizationId,
    /// Who uploaded it; `None` where a domain made it.
    pub uploaded_by: Option<AccountId>,
    /// What it belongs to; nothing until it is attached.
    pub related: Option<Related>,
    /// What it is called; `None` once its content is gone.
    pub name: Option<FileName>,
    /// Its media type, by its content.
    pub media_type: &'static str,
    /// What it is for.
    pub category: DocumentCategory,
    /// How many bytes it has.
    pub size: u64,
    /// How far it has come.
    pub status: DocumentStatus,
    /// How far its text is read out.
    pub extraction: ExtractionStatus,
}

/// A document that a domain makes itself, such as a report.
#[derive(Debug, Clone)]
pub struct NewDocument {
    /// What it is called.
    pub name: FileName,
    /// What it is for.
    pub category: DocumentCategory,
    /// What it belongs to.
    pub related: Target,
    /// When it is shredded; never by itself without.
    pub retain_until: Option<Timestamp>,
}

/// Bytes that come one piece after the other.
#[async_trait]
pub trait Chunks: Send {
    /// The next piece, of any length but 0; `None` at the end. After an error nothing more comes.
    async fn next(&mut self) -> Result<Option<Vec<u8>>, ContentError>;
}

impl dyn Chunks + '_ {
    /// All of it, for whoever needs it whole and knows that it is not too much.
    pub async fn collect(&mut self) -> Result<Vec<u8>, ContentError> {
        let mut all = Vec::new();
        while let Some(piece) = self.next().await? {
            all.extend_from_slice(&piece);
        }
        Ok(all)
    }
}

/// Content that is at hand: its pieces, none of them empty.
#[async_trait]
impl Chunks for std::vec::IntoIter<Vec<u8>> {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, ContentError> {
        Ok(Iterator::next(self))
    }
}

/// Why content did not come, or could not be kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ContentError {
    /// Whoever sent it stopped before its end.
    #[error("the file did not come whole: {0}")]
    Interrupted(String),
    /// There are no bytes where the document says there are: they were lost, or the document was just shredded.
    #[error("the content of the document is not there")]
    Missing,
    /// What is there is not what was stored, or not where it was stored.
    #[error("the content of the document was altered: it does not open")]
    Altered,
    /// The object store does not answer; trying again may help.
    #[error("the store of files is not available: {0}")]
    Unavailable(String),
    /// A defect, or an object store that refuses what it should take.
    #[error("the store of files failed: {0}")]
    Fault(String),
}

/// Why a document could not be kept or read by another domain.
#[derive(Debug, thiserror::Error)]
pub enum DocumentRefused {
    /// There is none of this id that can be read.
    #[error("there is no such document, or it cannot be read")]
    Missing,
    /// It is none that is taken.
    #[error("the file is not taken: {0}")]
    Invalid(String),
    /// A legal hold keeps it.
    #[error("a legal hold keeps the document; whoever set it has to release it first")]
    OnHold,
    /// Its bytes could not be read or written.
    #[error(transparent)]
    Content(#[from] ContentError),
    /// Storage did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

refusals! {
    ContentError {
        shared {
            Self::Interrupted(_) => Invalid, "request.invalid";
            Self::Unavailable(_) => Unavailable, "service.unavailable";
            Self::Missing | Self::Altered | Self::Fault(_) => Fault, "service.fault";
        }
        retry_after { Self::Unavailable(_) => 5; }
    }
}

refusals! {
    DocumentRefused {
        shared {
            Self::Missing => Missing, "request.not_found";
            Self::Invalid(_) => Invalid, "request.invalid";
            Self::OnHold => Conflict, "document.on_hold";
        }
        nested { Content, Store }
    }
}

/// Keeps and gives out documents for other domains, past the gate: whoever asks has decided that it may be. Each call
/// is a unit of its own. The scope of `ctx` is the organisation's.
#[async_trait]
pub trait Documents: Send + Sync {
    /// Keeps a document that a domain made.
    async fn put(
        &self,
        ctx: &Ctx,
        new: NewDocument,
        content: &mut dyn Chunks,
    ) -> Result<DocumentId, DocumentRefused>;

    /// What is known of a document.
    async fn describe(&self, ctx: &Ctx, id: DocumentId) -> Result<Option<Described>, DocumentRefused>;

    /// Its text, in which pages are parted by `\u{c}` and lines by `\n`; `None` unless extraction is done.
    async fn text(&self, ctx: &Ctx, id: DocumentId) -> Result<Option<String>, DocumentRefused>;

    /// Its content; `None` unless it can be read.
    async fn open(&self, ctx: &Ctx, id: DocumentId) -> Result<Option<Box<dyn Chunks>>, DocumentRefused>;

    /// A path with a ticket in it, which gives out the content to whoever has it, for so long and at most an hour.
    async fn link(&self, ctx: &Ctx, id: DocumentId, life: Duration) -> Result<Secret, DocumentRefused>;

    /// Makes its content unreadable for good. Shredded already: no change.
    async fn shred(&self, ctx: &Ctx, id: DocumentId, reason: ShredReason) -> Result<(), DocumentRefused>;
}

/// Says in a domain's own unit what a document belongs to. Both adapters implement it for their units.
#[async_trait]
pub trait Attachments: Send {
    /// The document belongs to the thing from now on, and stays as long as that wants it. `false`, and nothing is
    /// changed, where there is no such document, its content is gone, or it belongs to another thing.
    async fn attach(&mut self, id: DocumentId, to: &Target, now: Timestamp) -> Result<bool, StoreError>;

    /// The document belongs to nothing any more, and is shredded in a day. No change where it does already.
    async fn detach(&mut self, id: DocumentId, now: Timestamp) -> Result<(), StoreError>;
}

/// What somebody wants to do with a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// See it in lists, read its content and its text.
    Read,
    /// Upload one to the thing.
    Attach,
    /// Delete it.
    Delete,
}

/// Answers for the documents of a domain's own things who may do what with them: owners and administrators are asked
/// about too. What no domain answers for is for owners and administrators alone.
#[async_trait]
pub trait DocumentGuard: Send + Sync {
    /// The kinds of things it answers for.
    fn kinds(&self) -> &'static [&'static str];

    /// Whether the holder of the permit may do this with the documents of this thing.
    async fn may(&self, permit: &Permit, related: &Related, deed: Deed) -> Result<bool, StoreError>;
}
