use std::{
    collections::HashSet,
    sync::{Arc, atomic::Ordering},
};

use async_trait::async_trait;
use kernel::{
    AccountId, Actor, Change, Ctx, Delivery, Lane, OrganizationId, Page, PageRequest, Quota, Recorded as _,
    Store, StoreError, Target, Timestamp, UnitOfWork,
    document::{Attachments, DocumentId},
};
use serde_json::Value;
use uuid::Uuid;

use super::World;
use crate::{
    Document, DocumentFilter, DocumentState, Unit,
    ports::{DocumentIndex, DocumentRows},
};

#[async_trait]
impl DocumentIndex for World {
    async fn with_content(
        &self,
        among: &[(OrganizationId, DocumentId)],
    ) -> Result<HashSet<DocumentId>, StoreError> {
        let all = self.with_content_after(None, u32::MAX).await?;
        Ok(all.into_iter().filter(|id| among.contains(id)).map(|(_, document)| document).collect())
    }
    async fn with_content_after(
        &self,
        last: Option<(OrganizationId, DocumentId)>,
        most: u32,
    ) -> Result<Vec<(OrganizationId, DocumentId)>, StoreError> {
        let rows = self.rows.lock().unwrap();
        let there =
            rows.values().filter(|(row, _)| row.key.is_some()).map(|(row, _)| (row.organization, row.id));
        let mut found: Vec<_> = there.filter(|id| Some(*id) > last).collect();
        found.sort_unstable();
        found.truncate(most as usize);
        Ok(found)
    }
    async fn uploaded_by(&self, account: AccountId) -> Result<Vec<(OrganizationId, DocumentId)>, StoreError> {
        let all = self.with_content_after(None, u32::MAX).await?;
        Ok(all.into_iter().filter(|(_, id)| self.row(*id).uploaded_by == Some(account)).collect())
    }
}

/// A unit that keeps what is saved, and what it recorded, with the commit.
struct FakeUnit {
    world: Arc<World>,
    organization: Option<OrganizationId>,
    actor: Actor,
    saved: Vec<(DocumentState, i64)>,
    changes: Vec<Change>,
}

/// Opens units over the world.
pub(super) struct Units(pub(super) Arc<World>);

#[async_trait]
impl Store<Unit> for Units {
    async fn begin(&self, ctx: &Ctx) -> Result<Box<Unit>, StoreError> {
        Ok(Box::new(FakeUnit {
            world: self.0.clone(),
            organization: ctx.scope.organization(),
            actor: ctx.actor.clone(),
            saved: Vec::new(),
            changes: Vec::new(),
        }))
    }
}

#[async_trait]
impl UnitOfWork for FakeUnit {
    fn record(&mut self, change: Change) {
        self.changes.push(change);
    }
    fn shred_keys(&mut self, _: Uuid) {}
    async fn take_turn(&mut self, _: &Quota, _: Uuid) -> Result<(), StoreError> {
        Ok(())
    }
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        if self.world.is_down.load(Ordering::Relaxed) {
            return Err(StoreError::Unavailable("it is down".to_owned()));
        }
        self.world.rows.lock().unwrap().extend(self.saved.into_iter().map(|row| (row.0.id, row)));
        for change in self.changes {
            self.world.changes.lock().unwrap().push(change.clone());
            let (at, organization) = (change.at, change.organization);
            let entries = change.clone().take_outbox_entries(&self.actor).into_iter();
            self.world.outbox.lock().unwrap().extend(entries.map(|entry| {
                let told = Delivery {
                    id: Uuid::nil(),
                    topic: entry.topic.to_owned(),
                    lane: Lane::Soon,
                    target_kind: entry.target.kind.to_owned(),
                    target_id: entry.target.id,
                    target_version: None,
                    organization,
                    data: Value::Null,
                    occurred_at: at,
                    attempts: 0,
                };
                (entry.at.unwrap_or(at), told)
            }));
        }
        Ok(())
    }
}

impl FakeUnit {
    fn here(&self) -> Vec<Document> {
        let rows = self.world.rows.lock().unwrap();
        let here = rows.values().filter(|(row, _)| Some(row.organization) == self.organization);
        here.map(|(row, version)| Document::restore(row.clone(), *version)).collect()
    }
}

#[async_trait]
impl DocumentRows for FakeUnit {
    async fn document(&mut self, id: DocumentId) -> Result<Option<Document>, StoreError> {
        Ok(self.here().into_iter().find(|document| document.id == id))
    }
    async fn documents(
        &mut self,
        filter: &DocumentFilter,
        _: &PageRequest,
    ) -> Result<Page<Document>, StoreError> {
        let mut items: Vec<_> = self.here().into_iter().filter(|document| filter.shows(document)).collect();
        items.reverse();
        Ok(Page { items, next: None })
    }
    async fn document_bytes(&mut self, _: OrganizationId) -> Result<u64, StoreError> {
        Ok(self.here().iter().filter(|document| document.has_content()).map(|document| document.size).sum())
    }
    async fn save_document(&mut self, document: &mut Document) -> Result<(), StoreError> {
        let kept = self.world.rows.lock().unwrap().get(&document.id).map_or(0, |(_, version)| *version);
        document.unchanged_since(kept)?;
        document.set_version(kept + 1);
        self.saved.push((document.state().clone(), kept + 1));
        self.changes.extend(document.changes().drain());
        Ok(())
    }
    async fn save_resealed_document(&mut self, document: &Document) -> Result<(), StoreError> {
        let kept = self.world.rows.lock().unwrap().get(&document.id).map_or(0, |(_, version)| *version);
        document.unchanged_since(kept)?;
        self.saved.push((document.state().clone(), kept + 1));
        Ok(())
    }
}

#[async_trait]
impl Attachments for FakeUnit {
    async fn attach(&mut self, id: DocumentId, to: &Target, now: Timestamp) -> Result<bool, StoreError> {
        crate::attach(self, id, to, now).await
    }
    async fn detach(&mut self, id: DocumentId, now: Timestamp) -> Result<(), StoreError> {
        crate::detach(self, id, now).await
    }
}
