//! What this domain asks of storage, of the object store and of what looks into files.

use std::{collections::HashSet, fmt, ops::Range, sync::Arc};

use async_trait::async_trait;
use kernel::{
    AccountId, Clock, Ctx, Denials, Gate, Ids, OrganizationId, Page, PageRequest, Quota, Random, Sealing,
    Store, StoreError, Timestamp, UnitOfWork,
    document::{
        Attachments, Chunks, ContentError, DocumentCategory, DocumentGuard, DocumentId, FileName, Related,
    },
};
use serde::{Deserialize, Serialize};

use crate::{ActiveContent, Document, FileKind, Refused, sealing::FileKey, vault};

/// Which documents a list shows. All conditions hold together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct DocumentFilter {
    /// Those for this.
    pub category: Option<DocumentCategory>,
    /// Those that belong to this thing.
    pub related: Option<Related>,
    /// Those that belong to nothing and that this person uploaded.
    pub unattached_of: Option<AccountId>,
}

impl DocumentFilter {
    /// Whether the list shows the document.
    pub fn shows(&self, document: &Document) -> bool {
        self.category.is_none_or(|category| document.category == category)
            && self.related.as_ref().is_none_or(|related| document.related.as_ref() == Some(related))
            && self
                .unattached_of
                .is_none_or(|account| document.related.is_none() && document.uploaded_by == Some(account))
    }
}

/// Keeps documents. Scope: tenant.
#[async_trait]
pub trait DocumentRows: Send {
    /// The document.
    async fn document(&mut self, id: DocumentId) -> Result<Option<Document>, StoreError>;

    /// The organisation's documents that the filter shows, newest first, shredded and rejected ones too.
    async fn documents(
        &mut self,
        filter: &DocumentFilter,
        page: &PageRequest,
    ) -> Result<Page<Document>, StoreError>;

    /// How many bytes the documents of the organisation have together whose content is there
    /// (`documents::content_that_is_gone_counts_no_more`).
    async fn document_bytes(&mut self, of: OrganizationId) -> Result<u64, StoreError>;

    /// Keeps it: inserts at version 0 and otherwise updates the version that was read, or fails with
    /// [`StoreError::Stale`].
    async fn save_document(&mut self, document: &mut Document) -> Result<(), StoreError>;

    /// Keeps it over the version that was read, or fails with [`StoreError::Stale`], without a record: its key alone
    /// was sealed anew (`documents::a_key_is_sealed_anew_without_a_record`).
    async fn save_resealed_document(&mut self, document: &Document) -> Result<(), StoreError>;
}

/// What a unit of this domain can do.
pub trait UnitPorts: UnitOfWork + DocumentRows + Attachments {}
impl<U: UnitOfWork + DocumentRows + Attachments + ?Sized> UnitPorts for U {}

/// A unit of work of this domain.
pub type Unit = dyn UnitPorts;

/// Looks for documents across organisations, for the worker: their ids alone.
#[async_trait]
pub trait DocumentIndex: Send + Sync {
    /// Which of these have content.
    async fn with_content(
        &self,
        among: &[(OrganizationId, DocumentId)],
    ) -> Result<HashSet<DocumentId>, StoreError>;

    /// Up to `most` that have content and come after that one, in the order of organisations and then of documents.
    async fn with_content_after(
        &self,
        last: Option<(OrganizationId, DocumentId)>,
        most: u32,
    ) -> Result<Vec<(OrganizationId, DocumentId)>, StoreError>;

    /// All with content that the person uploaded, in the same order.
    async fn uploaded_by(&self, account: AccountId) -> Result<Vec<(OrganizationId, DocumentId)>, StoreError>;
}

kernel::named! {
    /// What of a document an object holds.
    pub enum ObjectPart {
        /// The file itself.
        Content = "content",
        /// Its text.
        Text = "text",
    }
}

/// Where the object store keeps something: it tells nothing of what that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectKey {
    /// Whose it is.
    pub organization: OrganizationId,
    /// Of which document.
    pub document: DocumentId,
    /// What of it.
    pub part: ObjectPart,
}

impl ObjectKey {
    /// The path in the store: `{organization}/{document}/{part}`.
    pub fn path(&self) -> String {
        format!("{}/{}/{}", self.organization, self.document, self.part.name())
    }

    /// The key of a path, if it is of one, written as [`ObjectKey::path`] writes it.
    pub fn of_path(path: &str) -> Option<Self> {
        let (organization, rest) = path.split_once('/')?;
        let (document, part) = rest.split_once('/')?;
        let part = ObjectPart::ALL.into_iter().find(|known| known.name() == part)?;
        let key = Self { organization: organization.parse().ok()?, document: document.parse().ok()?, part };
        Some(key).filter(|key| key.path() == path)
    }
}

/// An object that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredObject {
    /// Where.
    pub key: ObjectKey,
    /// How many bytes it has, sealed as they are.
    pub size: u64,
    /// When it was written.
    pub written_at: Timestamp,
}

/// Keeps objects: bytes under a key. What it holds is sealed, and whoever reads it learns nothing but sizes and times.
#[async_trait]
pub trait Objects: Send + Sync {
    /// Begins to write an object. Nothing of it is seen before it is finished, and then all; what was there before
    /// stays until then.
    async fn write(&self, key: &ObjectKey) -> Result<Box<dyn ObjectWriter>, ContentError>;

    /// Reads the whole object, or the part of it in this range, which ends with the object at the latest.
    /// [`ContentError::Missing`] where there is none.
    async fn read(&self, key: &ObjectKey, range: Option<Range<u64>>)
    -> Result<Box<dyn Chunks>, ContentError>;

    /// Deletes the object, if it is there.
    async fn delete(&self, key: &ObjectKey) -> Result<(), ContentError>;

    /// Up to `most` objects after that one, in the order of their paths. A shorter page is the last.
    async fn list(&self, after: Option<&ObjectKey>, most: usize) -> Result<Vec<StoredObject>, ContentError>;

    /// Deletes what was begun before then and never finished, where that takes room.
    async fn clear_unfinished(&self, before: Timestamp) -> Result<(), ContentError>;
}

/// An object that is being written. Dropping it leaves nothing that [`Objects::list`] shows.
#[async_trait]
pub trait ObjectWriter: Send {
    /// Takes the next bytes.
    async fn write(&mut self, bytes: Vec<u8>) -> Result<(), ContentError>;

    /// Makes the object lasting, in place of the one that was there.
    async fn finish(self: Box<Self>) -> Result<(), ContentError>;
}

/// What a look into a file found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspected {
    /// What it is.
    pub kind: FileKind,
    /// What it can do besides being read, as far as a look tells.
    pub active_content: Vec<ActiveContent>,
    /// The file without what it tells about people, where it held such: where and with what a picture was taken.
    pub cleaned: Option<Vec<u8>>,
}

/// Why a look into a file came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InspectError {
    /// The file is dangerous to keep, or not what its name says; a sentence for whoever sent it.
    #[error("{0}")]
    Refused(String),
    /// It could not be read.
    #[error(transparent)]
    Content(#[from] ContentError),
}

/// Tells what files are. It looks into them with limits: whoever sends a file wants to see it fail.
#[async_trait]
pub trait Inspector: Send + Sync {
    /// Looks into a file of this name.
    async fn inspect(&self, name: &FileName, content: &mut dyn Chunks) -> Result<Inspected, InspectError>;
}

/// What a scanner says of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It found nothing.
    Clean,
    /// It found this, by its own name for it.
    Harmful(String),
}

/// Looks for what is harmful in files: a scanner for viruses, of another program.
#[async_trait]
pub trait Scanner: Send + Sync {
    /// Scans a file. [`ContentError::Unavailable`] where the scanner does not answer.
    async fn scan(&self, content: &mut dyn Chunks) -> Result<Verdict, ContentError>;
}

/// The text of a document.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DocumentText {
    /// Pages are parted by `\u{c}` and lines by `\n`; at most 1 MiB of UTF-8.
    pub text: String,
    /// Whether the document goes on where the text ends.
    pub is_cut: bool,
    /// Whether there is so little text that the pages are likely pictures of text.
    pub needs_ocr: bool,
    /// What the document can do besides being read, all of it.
    pub active_content: Vec<ActiveContent>,
}

/// Why a text was not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// The file cannot be read, however often one tries.
    #[error("{0}")]
    Unreadable(String),
    /// The bytes did not come, or the reader could not begin; trying again may help.
    #[error(transparent)]
    Content(#[from] ContentError),
}

/// Reads the text out of files, with bounds on time and memory that the file cannot pass.
#[async_trait]
pub trait TextReader: Send + Sync {
    /// The text of a file of this kind.
    async fn read(&self, kind: FileKind, content: &mut dyn Chunks) -> Result<DocumentText, TextError>;
}

/// How many bytes a document may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SizeLimits {
    /// Of any category that is not named; 10 MiB.
    pub usual: u64,
    /// Of these categories.
    pub of: Vec<(DocumentCategory, u64)>,
}

impl Default for SizeLimits {
    fn default() -> Self {
        Self { usual: 10 * 1024 * 1024, of: Vec::new() }
    }
}

impl SizeLimits {
    /// Of this category.
    pub fn of(&self, category: DocumentCategory) -> u64 {
        self.of.iter().find(|(named, _)| *named == category).map_or(self.usual, |(_, most)| *most)
    }

    /// Of any category: more is never taken.
    pub fn largest(&self) -> u64 {
        DocumentCategory::ALL.into_iter().map(|category| self.of(category)).max().unwrap_or(self.usual)
    }
}

/// How much room documents may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quotas {
    /// Bytes of content, of an organisation; 10 GiB.
    pub document_bytes: u64,
}

impl Default for Quotas {
    fn default() -> Self {
        Self { document_bytes: 10 * 1024 * 1024 * 1024 }
    }
}

const DOCUMENT_BYTES: Quota = Quota {
    setting: "document_bytes",
    of: "bytes of documents of an organisation",
    mend: "delete documents that are not needed any more",
};

impl Quotas {
    /// Lets the unit add a document of so many bytes.
    pub(crate) async fn admit(self, unit: &mut Unit, of: OrganizationId, size: u64) -> Result<(), Refused> {
        unit.take_turn(&DOCUMENT_BYTES, of.uuid()).await?;
        let used = unit.document_bytes(of).await?;
        Ok(DOCUMENT_BYTES.admit(self.document_bytes, used, size)?)
    }
}

/// What the services of this domain hold.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is named after its port, which is documented")]
pub struct Ports {
    pub store: Arc<dyn Store<Unit>>,
    pub index: Arc<dyn DocumentIndex>,
    pub objects: Arc<dyn Objects>,
    pub inspector: Arc<dyn Inspector>,
    pub scanner: Option<Arc<dyn Scanner>>,
    pub reader: Arc<dyn TextReader>,
    pub guards: Arc<[Arc<dyn DocumentGuard>]>,
    pub gate: Arc<dyn Gate>,
    pub denials: Arc<dyn Denials>,
    pub sealing: Arc<dyn Sealing>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub random: Arc<dyn Random>,
    pub limits: SizeLimits,
    pub quotas: Quotas,
}

impl Ports {
    /// Where an object of the document lies.
    pub(crate) fn place(document: &Document, part: ObjectPart) -> ObjectKey {
        ObjectKey { organization: document.organization, document: document.id, part }
    }

    /// The key that content and text of the document are sealed with.
    pub(crate) fn key_of(&self, document: &Document) -> Result<FileKey, ContentError> {
        let wrapped = document.key.as_deref().ok_or(ContentError::Missing)?;
        FileKey::unwrap(wrapped, &Self::place(document, ObjectPart::Content), &*self.sealing)
    }

    /// The content of a document, or a part of it.
    pub(crate) async fn content(
        &self,
        document: &Document,
        range: Range<u64>,
    ) -> Result<Box<dyn Chunks>, ContentError> {
        let place = Self::place(document, ObjectPart::Content);
        vault::open_range(&*self.objects, &self.key_of(document)?, &place, &range, document.size).await
    }

    /// Keeps what became of a document, if anything did.
    pub(crate) async fn save(&self, ctx: &Ctx, document: &mut Document) -> Result<(), StoreError> {
        if document.has_changed() {
            let mut unit = self.store.begin(ctx).await?;
            unit.save_document(document).await?;
            unit.commit().await?;
        }
        Ok(())
    }

    /// The text of a document whose extraction is done.
    pub(crate) async fn text(&self, document: &Document) -> Result<DocumentText, ContentError> {
        let place = Self::place(document, ObjectPart::Text);
        let mut sealed = vault::open(&*self.objects, &self.key_of(document)?, &place).await?;
        serde_json::from_slice(&sealed.collect().await?)
            .map_err(|error| ContentError::Fault(error.to_string()))
    }
}

impl fmt::Debug for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ports")
    }
}
