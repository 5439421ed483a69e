//! What people and programs of an organisation do with its documents.

use std::{ops::Range, time::Duration};

use kernel::{
    AccountId, Ctx, Digest, OrganizationId, Outcome, Page, PageRequest, Permit, Reach, Scope, Secret,
    StoreError,
    document::{
        Chunks, Deed, DocumentCategory, DocumentId, DocumentStatus, ExtractionStatus, FileName, Related,
        ShredReason,
    },
};

use crate::{
    Action, Document, DocumentFilter, DocumentText, ObjectPart, Ports, Refused, actions,
    keeping::{Label, SealedFile},
    link::{DocumentLink, Link},
};

/// The documents of organisations.
#[derive(Debug, Clone)]
pub struct DocumentService {
    ports: Ports,
}

/// Leave to upload a file, given before its bytes come.
#[derive(Debug, Clone)]
pub struct Uploader {
    service: DocumentService,
    permit: Permit,
    organization: OrganizationId,
}

/// Bytes that came and were sealed, and that no document names yet. Dropped, they are deleted within two days.
#[derive(Debug)]
pub struct Received(SealedFile);

impl Received {
    /// The SHA-256 of what came.
    pub fn sha256(&self) -> Digest {
        self.0.sha256()
    }
}

/// What is said of a file that is uploaded.
#[derive(Debug, Clone)]
pub struct Upload {
    /// What it is called.
    pub name: FileName,
    /// What it is for.
    pub category: DocumentCategory,
    /// What it belongs to; without, it is its uploader's until something attaches it.
    pub related: Option<Related>,
}

/// A document that its reader may read.
#[derive(Debug, Clone)]
pub struct Readable(Document);

impl Readable {
    /// The document.
    pub fn document(&self) -> &Document {
        &self.0
    }
}

impl Uploader {
    /// Takes bytes in, and seals them as they come: more than the largest document may have are not taken. They become
    /// a document by [`Uploader::keep`].
    pub async fn receive(&self, content: &mut dyn Chunks) -> Result<Received, Refused> {
        Ok(Received(self.service.ports.receive(self.organization, content).await?))
    }

    /// Deletes what was received and is not to be kept. Where that fails, the sweep does.
    pub async fn discard(&self, received: Received) {
        let _ = self.service.ports.objects.delete(received.0.place()).await;
    }

    /// Keeps what was received as a document, once a look into it found nothing wrong. Of `ctx` it takes the key of an
    /// idempotent request.
    pub async fn keep(&self, ctx: &Ctx, received: Received, upload: Upload) -> Result<Document, Refused> {
        let (permit, Upload { name, category, related }) = (&self.permit, upload);
        if related.is_some() && !self.service.may(permit, related.as_ref(), None, Deed::Attach).await? {
            self.discard(received).await;
            return Err(Refused::NotYours(related.map(|related| related.kind).unwrap_or_default()));
        }
        let label = Label { name, category, related, uploaded_by: Some(permit.account), retain_until: None };
        let permitted = Ctx { idempotency: ctx.idempotency, ..permit.ctx.clone() };
        self.service.ports.keep(&permitted, received.0, label).await
    }
}

impl DocumentService {
    /// How long a link works.
    pub const LINK_LIFE: Duration = Duration::from_mins(5);

    /// A service over these ports.
    pub const fn new(ports: Ports) -> Self {
        Self { ports }
    }

    /// Leave to upload a file to the organisation.
    pub async fn uploader(&self, ctx: &Ctx, organization: OrganizationId) -> Result<Uploader, Refused> {
        let permit = self.permit(ctx, organization, Action::Upload).await?;
        Ok(Uploader { service: self.clone(), permit, organization })
    }

    /// A page of documents, newest first: to owners and administrators all that no domain keeps from them, to others
    /// their own that belong to nothing. Those of one thing are shown to whom its domain shows them. A page may hold
    /// fewer than were asked for, and another follow.
    pub async fn list(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        mut filter: DocumentFilter,
        page: &PageRequest,
    ) -> Result<Page<Document>, Refused> {
        let permit = self.permit(ctx, organization, Action::View).await?;
        if permit.reach < Reach::Tenant && filter.related.is_none() {
            filter.unattached_of = Some(permit.account);
        }
        let mut found = self.ports.store.begin(&permit.ctx).await?.documents(&filter, page).await?;
        let mut shown = Vec::with_capacity(found.items.len());
        for document in found.items.drain(..) {
            if self.may_with(&permit, &document, Deed::Read).await? {
                shown.push(document);
            }
        }
        found.items = shown;
        Ok(found)
    }

    /// One document.
    pub async fn get(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: DocumentId,
    ) -> Result<Document, Refused> {
        let (_, document) = self.find(ctx, organization, id, Action::View, Deed::Read).await?;
        Ok(document)
    }

    /// The first characters of its text, if they were read out. None where they do not open: no list shall fail by one
    /// document, and its text tells what is wrong.
    pub fn preview(&self, document: &Document) -> Option<String> {
        let place = Ports::place(document, ObjectPart::Text);
        let opened = self.ports.key_of(document).ok()?.open_short(&place, document.preview.as_ref()?);
        opened.ok().map(|text| String::from_utf8_lossy(&text).into_owned())
    }

    /// A document whose content is to be read.
    pub async fn readable(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: DocumentId,
    ) -> Result<Readable, Refused> {
        readable(self.get(ctx, organization, id).await?)
    }

    /// The content, or this part of it.
    pub async fn content(&self, of: &Readable, range: Range<u64>) -> Result<Box<dyn Chunks>, Refused> {
        Ok(self.ports.content(&of.0, range).await?)
    }

    /// A link that gives out the content to whoever has it, for five minutes.
    pub async fn link(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: DocumentId,
    ) -> Result<DocumentLink, Refused> {
        let (permit, document) = self.find(ctx, organization, id, Action::Link, Deed::Read).await?;
        let document = readable(document)?.0;
        Ok(self.ports.link(&permit.ctx, &document, Self::LINK_LIFE).await?)
    }

    /// The document of a ticket, for whoever has it. Each use stands in the organisation's trail.
    pub async fn open_link(&self, ctx: &Ctx, ticket: &Secret) -> Result<Readable, Refused> {
        let now = self.ports.clock.now();
        let link = Link::read(ticket, &*self.ports.sealing, now).ok_or(Refused::LinkEnded)?;
        let mut unit = self.ports.store.begin_in(ctx, Scope::Tenant(link.organization)).await?;
        let found = unit.document(link.document).await?;
        let document = found.filter(Document::is_available).ok_or(Refused::LinkEnded)?;
        unit.record(document.change(actions::OPEN_LINK, now));
        unit.commit().await?;
        Ok(Readable(document))
    }

    /// The text of a document, once it was read out.
    pub async fn text(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: DocumentId,
    ) -> Result<DocumentText, Refused> {
        let document = self.readable(ctx, organization, id).await?.0;
        match document.extraction {
            ExtractionStatus::Done | ExtractionStatus::NeedsOcr => Ok(self.ports.text(&document).await?),
            ExtractionStatus::None => Err(Refused::NoText(document.kind.label())),
            status => Err(Refused::TextNotReady(status.name())),
        }
    }

    /// Has the text read out once more, soon.
    pub async fn extract(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: DocumentId,
    ) -> Result<Document, Refused> {
        let (permit, document) = self.find(ctx, organization, id, Action::Extract, Deed::Read).await?;
        let mut document = readable(document)?.0;
        if !document.kind.has_text() {
            return Err(Refused::NoText(document.kind.label()));
        }
        document.extract(self.ports.clock.now());
        self.ports.save(&permit.ctx, &mut document).await?;
        Ok(document)
    }

    /// Deletes a document: its content cannot be read by anybody any more. Deleted already: no change.
    pub async fn delete(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: DocumentId,
    ) -> Result<(), Refused> {
        let (permit, mut document) = self.find(ctx, organization, id, Action::Delete, Deed::Delete).await?;
        let now = self.ports.clock.now();
        if document.shred(ShredReason::Deleted, now).is_err() {
            let attempt = Document::attempt(actions::DELETE).on(id.uuid()).of(organization);
            let denials = &*self.ports.denials;
            return Err(attempt.refused(denials, &permit.ctx, now, Outcome::Denied, Refused::OnHold).await);
        }
        Ok(self.ports.save(&permit.ctx, &mut document).await?)
    }

    /// Puts a document under a legal hold: nobody deletes it, and no time ends it, until it is released.
    pub async fn hold(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: DocumentId,
    ) -> Result<Document, Refused> {
        let (permit, document) = self.find(ctx, organization, id, Action::Hold, Deed::Read).await?;
        let mut document = readable(document)?.0;
        document.hold(true, self.ports.clock.now());
        self.ports.save(&permit.ctx, &mut document).await?;
        Ok(document)
    }

    /// Releases a document from a legal hold. If its time is over meanwhile, it is shredded soon.
    pub async fn release_hold(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: DocumentId,
    ) -> Result<Document, Refused> {
        let (permit, mut document) =
            self.find(ctx, organization, id, Action::ReleaseHold, Deed::Read).await?;
        document.hold(false, self.ports.clock.now());
        self.ports.save(&permit.ctx, &mut document).await?;
        Ok(document)
    }

    async fn permit(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        action: Action,
    ) -> Result<Permit, Refused> {
        Ok(self.ports.gate.permit(ctx, organization, &action).await?)
    }

    /// The document, if the caller may do this with it. What then becomes of it is saved in another unit, at the
    /// version that was read: no unit is open while a domain is asked.
    async fn find(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: DocumentId,
        action: Action,
        deed: Deed,
    ) -> Result<(Permit, Document), Refused> {
        let permit = self.permit(ctx, organization, action).await?;
        let found = self.ports.store.begin(&permit.ctx).await?.document(id).await?;
        let document = found.ok_or(Refused::Missing)?;
        if self.may_with(&permit, &document, deed).await? {
            Ok((permit, document))
        } else {
            Err(Refused::Missing)
        }
    }

    async fn may_with(&self, permit: &Permit, document: &Document, deed: Deed) -> Result<bool, StoreError> {
        self.may(permit, document.related.as_ref(), document.uploaded_by, deed).await
    }

    async fn may(
        &self,
        permit: &Permit,
        related: Option<&Related>,
        uploaded_by: Option<AccountId>,
        deed: Deed,
    ) -> Result<bool, StoreError> {
        let reaches_all = permit.reach >= Reach::Tenant;
        let Some(related) = related else { return Ok(reaches_all || uploaded_by == Some(permit.account)) };
        let guard = self.ports.guards.iter().find(|guard| guard.kinds().contains(&&*related.kind));
        match guard {
            Some(guard) => guard.may(permit, related, deed).await,
            None => Ok(reaches_all),
        }
    }
}

fn readable(document: Document) -> Result<Readable, Refused> {
    match document.status {
        DocumentStatus::Available => Ok(Readable(document)),
        DocumentStatus::Quarantined => Err(Refused::Quarantined),
        DocumentStatus::Rejected => Err(Refused::Rejected(document.reason.clone().unwrap_or_default())),
        DocumentStatus::Shredded => Err(Refused::Shredded),
    }
}

#[cfg(test)]
mod tests;
