//! What other domains do with documents.

use std::time::Duration;

use async_trait::async_trait;
use kernel::{
    Ctx, Secret,
    document::{
        Chunks, Described, DocumentId, DocumentRefused, Documents, ExtractionStatus, NewDocument, Related,
        ShredReason,
    },
};

use crate::{Document, Ports, Refused, keeping::Label};

/// Documents as other domains use them: whoever calls has decided that it may be.
#[derive(Debug, Clone)]
pub struct TrustedDocuments {
    ports: Ports,
}

impl TrustedDocuments {
    const LONGEST_LINK: Duration = Duration::from_hours(1);

    /// Over these ports.
    pub const fn new(ports: Ports) -> Self {
        Self { ports }
    }

    async fn find(&self, ctx: &Ctx, id: DocumentId) -> Result<Option<Document>, DocumentRefused> {
        Ok(self.ports.store.begin(ctx).await?.document(id).await?)
    }

    async fn available(&self, ctx: &Ctx, id: DocumentId) -> Result<Option<Document>, DocumentRefused> {
        Ok(self.find(ctx, id).await?.filter(Document::is_available))
    }
}

/// A refusal as other domains are told it.
fn told(refused: Refused) -> DocumentRefused {
    match refused {
        Refused::Content(error) => error.into(),
        Refused::Store(error) => error.into(),
        other => DocumentRefused::Invalid(other.to_string()),
    }
}

#[async_trait]
impl Documents for TrustedDocuments {
    async fn put(
        &self,
        ctx: &Ctx,
        new: NewDocument,
        content: &mut dyn Chunks,
    ) -> Result<DocumentId, DocumentRefused> {
        let organization = ctx.scope.organization().ok_or(DocumentRefused::Missing)?;
        let file = self.ports.receive(organization, content).await.map_err(told)?;
        let label = Label {
            name: new.name,
            category: new.category,
            related: Some(Related::from(&new.related)),
            uploaded_by: None,
            retain_until: new.retain_until,
        };
        Ok(self.ports.keep(ctx, file, label).await.map_err(told)?.id)
    }

    async fn describe(&self, ctx: &Ctx, id: DocumentId) -> Result<Option<Described>, DocumentRefused> {
        Ok(self.find(ctx, id).await?.map(|document| document.described()))
    }

    async fn text(&self, ctx: &Ctx, id: DocumentId) -> Result<Option<String>, DocumentRefused> {
        let document = self.available(ctx, id).await?;
        match document.filter(|document| document.extraction == ExtractionStatus::Done) {
            Some(document) => Ok(Some(self.ports.text(&document).await?.text)),
            None => Ok(None),
        }
    }

    async fn open(&self, ctx: &Ctx, id: DocumentId) -> Result<Option<Box<dyn Chunks>>, DocumentRefused> {
        match self.available(ctx, id).await? {
            Some(document) => Ok(Some(self.ports.content(&document, 0..document.size).await?)),
            None => Ok(None),
        }
    }

    async fn link(&self, ctx: &Ctx, id: DocumentId, life: Duration) -> Result<Secret, DocumentRefused> {
        let document = self.available(ctx, id).await?.ok_or(DocumentRefused::Missing)?;
        Ok(self.ports.link(ctx, &document, life.min(Self::LONGEST_LINK)).await?.path)
    }

    async fn shred(&self, ctx: &Ctx, id: DocumentId, reason: ShredReason) -> Result<(), DocumentRefused> {
        let mut document = self.find(ctx, id).await?.ok_or(DocumentRefused::Missing)?;
        document.shred(reason, self.ports.clock.now()).map_err(|_| DocumentRefused::OnHold)?;
        Ok(self.ports.save(ctx, &mut document).await?)
    }
}

#[cfg(test)]
mod tests;
