//! What follows from what happens to documents: they are scanned, read out, and what was shredded is deleted.

use async_trait::async_trait;
use kernel::{
    Actor, Ctx, Delivery, EventHandler, EventHandlerError, Id, Scope, StoreError,
    document::{ContentError, DocumentStatus, ExtractionStatus},
};

use crate::{
    Document, DocumentText, ObjectPart, Ports, Verdict, actions,
    ports::{Scanner, TextError},
    vault,
};

/// Does what follows from changes of documents, after they were committed. Called again, it does nothing twice.
#[derive(Debug, Clone)]
pub struct DocumentReactions {
    ports: Ports,
}

impl DocumentReactions {
    /// Over these ports.
    pub const fn new(ports: Ports) -> Self {
        Self { ports }
    }

    /// What a document needs next, whatever brought it here.
    async fn go_on(&self, ctx: &Ctx, mut document: Document) -> Result<(), EventHandlerError> {
        let scanner = self.ports.scanner.as_deref();
        match (document.status, document.extraction) {
            (DocumentStatus::Quarantined, _) => self.scan(scanner, &mut document).await?,
            (DocumentStatus::Available, ExtractionStatus::Pending) => self.read_out(&mut document).await?,
            (DocumentStatus::Available, _) => {}
            (DocumentStatus::Rejected | DocumentStatus::Shredded, _) => self.delete(&document).await?,
        }
        Ok(self.ports.save(ctx, &mut document).await?)
    }

    /// Where the operators took the scanner away meanwhile, nothing is left to wait for.
    async fn scan(&self, scanner: Option<&dyn Scanner>, document: &mut Document) -> Result<(), ContentError> {
        let verdict = match scanner {
            Some(scanner) => {
                let mut content = self.ports.content(document, 0..document.size).await?;
                scanner.scan(&mut *content).await?
            }
            None => Verdict::Clean,
        };
        let now = self.ports.clock.now();
        match verdict {
            Verdict::Clean => document.release(now),
            Verdict::Harmful(found) => document.reject(&found, now),
        }
        Ok(())
    }

    /// A text lies in the object store before the document says that there is one.
    async fn read_out(&self, document: &mut Document) -> Result<(), ContentError> {
        let mut content = self.ports.content(document, 0..document.size).await?;
        let text = match self.ports.reader.read(document.kind, &mut *content).await {
            Ok(text) => text,
            Err(TextError::Content(error)) => return Err(error),
            Err(TextError::Unreadable(_)) => {
                document.extracted(ExtractionStatus::Failed, None, &[], self.ports.clock.now());
                return Ok(());
            }
        };
        let (key, random) = (self.ports.key_of(document)?, &*self.ports.random);
        let place = Ports::place(document, ObjectPart::Text);
        let json = serde_json::to_vec(&text).map_err(|error| ContentError::Fault(error.to_string()))?;
        let mut json = vec![json].into_iter();
        vault::seal(&*self.ports.objects, random, &key, &place, &mut json, u64::MAX).await?;
        let DocumentText { text, needs_ocr, active_content, .. } = text;
        let preview: String = text.chars().take(Document::PREVIEW).collect();
        let preview = key.seal_short(&place, preview.into_bytes(), random);
        let status = if needs_ocr { ExtractionStatus::NeedsOcr } else { ExtractionStatus::Done };
        document.extracted(status, Some(preview), &active_content, self.ports.clock.now());
        Ok(())
    }

    /// The clock of the process that admitted the timer may have been ahead of this one's.
    async fn lapse(&self, ctx: &Ctx, mut document: Document) -> Result<(), EventHandlerError> {
        let now = self.ports.clock.now();
        if let Some(until) = document.retain_until.filter(|until| *until > now) {
            return Err(EventHandlerError::TooEarly { until, why: "the time of the document is not over" });
        }
        document.lapse(now);
        Ok(self.ports.save(ctx, &mut document).await?)
    }

    async fn delete(&self, document: &Document) -> Result<(), ContentError> {
        for part in ObjectPart::ALL {
            self.ports.objects.delete(&Ports::place(document, part)).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl EventHandler for DocumentReactions {
    fn topics(&self) -> &'static [&'static str] {
        &[
            actions::UPLOAD,
            actions::RELEASE,
            actions::EXTRACT,
            actions::REJECT,
            actions::SHRED,
            actions::LAPSE_DUE,
        ]
    }

    async fn handle(&self, told: &Delivery) -> Result<(), EventHandlerError> {
        let Some(organization) = told.organization else { return Ok(()) };
        let ctx = Ctx::new(Actor::System, Scope::Tenant(organization));
        let found: Result<_, StoreError> =
            async { self.ports.store.begin(&ctx).await?.document(Id::from_uuid(told.target_id)).await }.await;
        let Some(document) = found? else { return Ok(()) };
        if told.topic == actions::LAPSE_DUE {
            return self.lapse(&ctx, document).await;
        }
        self.go_on(&ctx, document).await
    }
}

#[cfg(test)]
mod tests;
