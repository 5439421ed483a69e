//! The ports of documents: rows alone, for their content lies in an object store.

use std::collections::HashSet;

use ::document::{
    Document, DocumentFilter, Unit,
    ports::{DocumentIndex, DocumentRows},
};
use async_trait::async_trait;
use kernel::{
    AccountId, Ctx, OrganizationId, Page, PageRequest, Store, StoreError, Target, Timestamp,
    document::{Attachments, DocumentId},
};

use crate::{
    MemoryStorage,
    key::{Key, RowId},
    outbox::fetch_limit,
    row::{Indexed, Position, Row as _},
    unit::MemoryUnit,
};

fn of_uploader(account: AccountId) -> Key {
    Key::new("uploader").id(account)
}

impl Indexed for Document {
    fn keys(&self) -> Vec<Key> {
        let uploader = self.uploaded_by.map(of_uploader);
        [Key::organization(self.organization), Key::ALL].into_iter().chain(uploader).collect()
    }
}

#[async_trait]
impl Store<Unit> for MemoryStorage {
    async fn begin(&self, ctx: &Ctx) -> Result<Box<Unit>, StoreError> {
        Ok(Box::new(MemoryUnit::begin(self.shared.clone(), ctx)))
    }
}

#[async_trait]
impl DocumentRows for MemoryUnit {
    async fn document(&mut self, id: DocumentId) -> Result<Option<Document>, StoreError> {
        self.get(RowId::of(id))
    }

    async fn documents(
        &mut self,
        filter: &DocumentFilter,
        page: &PageRequest,
    ) -> Result<Page<Document>, StoreError> {
        let list = ("documents", self.scope().organization(), filter);
        let before = self.run(|_| Ok(page.key::<Position>(&list)?))?;
        let shows = |of: &Document| before.is_none_or(|before| of.position() < before) && filter.shows(of);
        let own = self.scope().organization().map(Key::organization);
        let mut rows = own.map(|own| self.list(&own, shows)).transpose()?.unwrap_or_default();
        rows.reverse();
        rows.truncate(fetch_limit(page));
        Ok(Page::cut(rows, page, &list, Document::position))
    }

    async fn document_bytes(&mut self, of: OrganizationId) -> Result<u64, StoreError> {
        let kept = self.list(&Key::organization(of), Document::has_content)?;
        Ok(kept.iter().map(|document| document.size).sum())
    }

    async fn save_document(&mut self, document: &mut Document) -> Result<(), StoreError> {
        self.save(document)
    }

    async fn save_resealed_document(&mut self, document: &Document) -> Result<(), StoreError> {
        self.save_unrecorded(document)
    }
}

#[async_trait]
impl Attachments for MemoryUnit {
    async fn attach(&mut self, id: DocumentId, to: &Target, now: Timestamp) -> Result<bool, StoreError> {
        ::document::attach(self, id, to, now).await
    }

    async fn detach(&mut self, id: DocumentId, now: Timestamp) -> Result<(), StoreError> {
        ::document::detach(self, id, now).await
    }
}

type OwnedId = (OrganizationId, DocumentId);

impl MemoryStorage {
    /// The documents under a key that have content and pass, in the order of organisations and then of documents.
    fn with_content(&self, key: &Key, pass: impl Fn(&OwnedId) -> bool) -> Vec<OwnedId> {
        let state = self.shared.read();
        let found = state.tables.under::<Document>(key).filter(|of| of.has_content());
        let mut ids: Vec<_> = found.map(|of| (of.organization, of.id)).filter(pass).collect();
        ids.sort_unstable();
        ids
    }
}

#[async_trait]
impl DocumentIndex for MemoryStorage {
    async fn with_content(&self, among: &[OwnedId]) -> Result<HashSet<DocumentId>, StoreError> {
        let among: HashSet<_> = among.iter().collect();
        let found = self.with_content(&Key::ALL, |id| among.contains(id));
        Ok(found.into_iter().map(|(_, id)| id).collect())
    }

    async fn with_content_after(&self, last: Option<OwnedId>, most: u32) -> Result<Vec<OwnedId>, StoreError> {
        let mut found = self.with_content(&Key::ALL, |id| last.is_none_or(|last| *id > last));
        found.truncate(usize::try_from(most).unwrap_or(usize::MAX));
        Ok(found)
    }

    async fn uploaded_by(&self, account: AccountId) -> Result<Vec<OwnedId>, StoreError> {
        Ok(self.with_content(&of_uploader(account), |_| true))
    }
}
