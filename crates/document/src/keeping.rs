//! From bytes that come to a document that is kept: the one way, whoever sends them.

use kernel::{
    AccountId, Ctx, Digest, OrganizationId, Timestamp,
    document::{Chunks, DocumentCategory, DocumentStatus, ExtractionStatus, FileName, Related},
};

use crate::{
    Document, DocumentState, ObjectKey, ObjectPart, Ports, Refused,
    file_kind::{taken, takes},
    ports::{InspectError, Inspected},
    sealing::FileKey,
    vault::{self, Sealed},
};

/// Bytes that came and were sealed, and that no document names yet.
#[derive(Debug)]
pub(crate) struct SealedFile {
    place: ObjectKey,
    key: FileKey,
    sealed: Sealed,
}

impl SealedFile {
    pub(crate) fn place(&self) -> &ObjectKey {
        &self.place
    }

    pub(crate) fn sha256(&self) -> Digest {
        self.sealed.sha256
    }
}

/// What is said of a file.
pub(crate) struct Label {
    pub(crate) name: FileName,
    pub(crate) category: DocumentCategory,
    pub(crate) related: Option<Related>,
    pub(crate) uploaded_by: Option<AccountId>,
    pub(crate) retain_until: Option<Timestamp>,
}

impl Ports {
    /// Seals bytes as they come, under a new key: no more than the largest document may have.
    pub(crate) async fn receive(
        &self,
        organization: OrganizationId,
        content: &mut dyn Chunks,
    ) -> Result<SealedFile, Refused> {
        let place = ObjectKey { organization, document: self.ids.next(), part: ObjectPart::Content };
        let (key, most) = (FileKey::generate(&*self.random), self.limits.largest());
        let sealed = vault::seal(&*self.objects, &*self.random, &key, &place, content, most).await?;
        Ok(SealedFile { place, key, sealed: sealed.ok_or(Refused::TooLarge { most })? })
    }

    /// Makes a document of bytes that came. If it comes to nothing they are deleted. Where storage failed they are left
    /// to the sweep: a commit may have been made although its answer did not come.
    pub(crate) async fn keep(&self, ctx: &Ctx, file: SealedFile, label: Label) -> Result<Document, Refused> {
        let place = file.place;
        let kept = self.keep_or_leave(ctx, file, label).await;
        if kept.as_ref().is_err_and(|error| !matches!(error, Refused::Store(_))) {
            let _ = self.objects.delete(&place).await;
        }
        kept
    }

    async fn keep_or_leave(&self, ctx: &Ctx, file: SealedFile, label: Label) -> Result<Document, Refused> {
        let SealedFile { place, key, mut sealed } = file;
        let most = self.limits.of(label.category);
        if sealed.size > most {
            return Err(Refused::TooLarge { most });
        }
        let mut content =
            vault::open_range(&*self.objects, &key, &place, &(0..sealed.size), sealed.size).await?;
        let looked = self.inspector.inspect(&label.name, &mut *content).await;
        let Inspected { kind, active_content, cleaned } = looked.map_err(|error| match error {
            InspectError::Refused(sentence) => Refused::NotTaken(sentence),
            InspectError::Content(error) => Refused::Content(error),
        })?;
        if !takes(label.category, kind) {
            let (category, label, taken) = (label.category.name(), kind.label(), taken(label.category));
            return Err(Refused::NotTaken(format!(
                "the file is {label}, which is not taken as {category}: send one of {taken}"
            )));
        }
        if let Some(cleaned) = cleaned {
            let mut cleaned = vec![cleaned].into_iter();
            let again = vault::seal(&*self.objects, &*self.random, &key, &place, &mut cleaned, most).await?;
            sealed = again.ok_or(Refused::TooLarge { most })?;
        }
        let now = self.clock.now();
        let state = DocumentState {
            id: place.document,
            organization: place.organization,
            uploaded_by: label.uploaded_by,
            related: label.related,
            name: Some(label.name),
            kind,
            category: label.category,
            size: sealed.size,
            sha256: sealed.sha256,
            active_content,
            key: Some(key.wrap(&place, &*self.sealing)),
            status: match self.scanner {
                Some(_) => DocumentStatus::Quarantined,
                None => DocumentStatus::Available,
            },
            reason: None,
            extraction: if kind.has_text() { ExtractionStatus::Pending } else { ExtractionStatus::None },
            preview: None,
            retain_until: label.retain_until,
            legal_hold: false,
            created_at: now,
        };
        let mut document = Document::keep(state, now);
        let mut unit = self.store.begin(ctx).await?;
        self.quotas.admit(&mut *unit, place.organization, sealed.size).await?;
        unit.save_document(&mut document).await?;
        unit.commit().await?;
        Ok(document)
    }
}
