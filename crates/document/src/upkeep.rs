//! Rows and objects, held against each other.

use std::{collections::HashSet, time::Duration};

use async_trait::async_trait;
use aws_lc_rs::digest::{Context, SHA256};
use kernel::{
    AccountId, Actor, Ctx, EmailAddress, EventHandlerError, OrganizationId, PersonalData, Resealed, Scope,
    StoreError, Unsealable,
    document::{Chunks, ContentError, DocumentId, ExtractionStatus, ShredReason},
};
use serde_json::{Value, json};

use crate::{Document, ObjectKey, ObjectPart, Ports, Refused};

/// So many are looked at in one step.
const AT_A_TIME: u32 = 500;

/// A document whose content is not what its row says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentFault {
    /// Whose it is.
    pub organization: OrganizationId,
    /// Which one.
    pub document: DocumentId,
    /// What of it.
    pub part: ObjectPart,
    /// What is wrong.
    pub error: ContentError,
}

/// Holds rows against the object store.
#[derive(Debug, Clone)]
pub struct DocumentUpkeep {
    ports: Ports,
}

impl DocumentUpkeep {
    /// An object that no row names is left alone for so long: its row may be on its way.
    pub const LEFT_ALONE: Duration = Duration::from_hours(24);

    /// Over these ports.
    pub const fn new(ports: Ports) -> Self {
        Self { ports }
    }

    /// Deletes objects that no document names, of uploads that came to nothing, and tells how many.
    pub async fn sweep(&self) -> Result<u64, Refused> {
        let before = self.ports.clock.now().minus(Self::LEFT_ALONE);
        self.ports.objects.clear_unfinished(before).await?;
        let (mut last, mut deleted): (Option<ObjectKey>, u64) = (None, 0);
        loop {
            let page = self.ports.objects.list(last.as_ref(), AT_A_TIME as usize).await?;
            let Some(end) = page.last() else { return Ok(deleted) };
            last = Some(end.key);
            let old = page.iter().filter(|object| object.written_at < before).map(|object| object.key);
            let old: Vec<ObjectKey> = old.collect();
            let ids: HashSet<_> = old.iter().map(|key| (key.organization, key.document)).collect();
            let ids: Vec<_> = ids.into_iter().collect();
            let kept = self.ports.index.with_content(&ids).await?;
            for key in old.iter().filter(|key| !kept.contains(&key.document)) {
                self.ports.objects.delete(key).await?;
                deleted += 1;
            }
        }
    }

    /// Ids of up to 500 documents with content, in order, after that one; nothing at the end.
    pub async fn page(
        &self,
        last: Option<(OrganizationId, DocumentId)>,
    ) -> Result<Vec<(OrganizationId, DocumentId)>, StoreError> {
        self.ports.index.with_content_after(last, AT_A_TIME).await
    }

    /// Seals the key of a document anew, where a key before the current one seals it.
    pub async fn reseal(&self, id: (OrganizationId, DocumentId)) -> Result<Resealed, StoreError> {
        let mut unit = self.ports.store.begin(&within(id.0)).await?;
        let Some(mut found) = unit.document(id.1).await? else { return Ok(Resealed::Current) };
        match found.reseal(&*self.ports.sealing) {
            Ok(true) => {}
            Ok(false) => return Ok(Resealed::Current),
            Err(Unsealable) => return Ok(Resealed::Unsealable),
        }
        if let Err(error) = unit.save_resealed_document(&found).await {
            return Resealed::unless_stale(error);
        }
        unit.commit().await.map_or_else(Resealed::unless_stale, |()| Ok(Resealed::Anew))
    }

    /// Opens all of a document that is there, and tells what is wrong with it. Nothing is of one that was shredded
    /// meanwhile.
    pub async fn check(&self, id: (OrganizationId, DocumentId)) -> Result<Option<DocumentFault>, StoreError> {
        let (organization, document) = id;
        let Some(found) = self.find(id).await? else { return Ok(None) };
        let fault = |part, error| DocumentFault { organization, document, part, error };
        let content = self.check_content(&found).await.map_err(|error| fault(ObjectPart::Content, error));
        let sound = match (content, found.extraction) {
            (Ok(()), ExtractionStatus::Done | ExtractionStatus::NeedsOcr) => {
                self.ports.text(&found).await.map(drop).map_err(|error| fault(ObjectPart::Text, error))
            }
            (content, _) => content,
        };
        let Err(fault) = sound else { return Ok(None) };
        let is_there = self.find(id).await?.is_some_and(|document| document.has_content());
        Ok(is_there.then_some(fault))
    }

    async fn check_content(&self, document: &Document) -> Result<(), ContentError> {
        let mut content: Box<dyn Chunks> = self.ports.content(document, 0..document.size).await?;
        let mut digest = Context::new(&SHA256);
        while let Some(chunk) = content.next().await? {
            digest.update(&chunk);
        }
        if digest.finish().as_ref() == document.sha256.0 { Ok(()) } else { Err(ContentError::Altered) }
    }

    async fn find(&self, id: (OrganizationId, DocumentId)) -> Result<Option<Document>, StoreError> {
        let found = self.ports.store.begin(&within(id.0)).await?.document(id.1).await?;
        Ok(found.filter(Document::has_content))
    }
}

fn within(organization: OrganizationId) -> Ctx {
    Ctx::new(Actor::System, Scope::Tenant(organization))
}

/// What is kept of a person here is who uploaded a document. What documents say of people, the domains know that
/// attached them.
#[async_trait]
impl PersonalData for DocumentUpkeep {
    fn domain(&self) -> &'static str {
        "document"
    }

    async fn export(&self, account: AccountId) -> Result<Value, StoreError> {
        let mut uploaded = Vec::new();
        for id in self.ports.index.uploaded_by(account).await? {
            if let Some(document) = self.find(id).await? {
                uploaded.push(json!({
                    "id": document.id,
                    "organization_id": document.organization,
                    "original_filename": document.name,
                    "document_category": document.category,
                    "file_size": document.size,
                    "created_at": document.created_at,
                }));
            }
        }
        Ok(json!({ "uploaded": uploaded }))
    }

    /// What belongs to nothing goes with its uploader, unless a legal hold keeps it; the rest belongs to what it was
    /// attached to.
    async fn erase(&self, account: AccountId, _: Option<&EmailAddress>) -> Result<(), EventHandlerError> {
        for id in self.ports.index.uploaded_by(account).await? {
            if let Some(mut document) = self.find(id).await?.filter(|document| document.related.is_none())
                && document.shred(ShredReason::Erased, self.ports.clock.now()).is_ok()
            {
                self.ports.save(&within(id.0), &mut document).await?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
