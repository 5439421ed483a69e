//! A document: a file that an organisation keeps.

use std::time::Duration;

use kernel::{
    AccountId, Change, Digest, Lane, Notice, NoticeKind, NoticePriority, OrganizationId, Owner, Recipients,
    Sealing, Target, Timestamp, Unsealable,
    document::{
        Described, DocumentCategory, DocumentId, DocumentStatus, ExtractionStatus, FileName, Related,
        ShredReason,
    },
};
use serde_json::json;

use crate::{ActiveContent, FileKind, actions, sealing::FileKey};

/// All a document consists of, but its bytes: those lie in the object store, sealed with the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentState {
    /// Identifies it.
    pub id: DocumentId,
    /// Whose it is.
    pub organization: OrganizationId,
    /// Who uploaded it, or made the API key that did; `None` where a domain made the file.
    pub uploaded_by: Option<AccountId>,
    /// What it belongs to; nothing until it is attached.
    pub related: Option<Related>,
    /// What it is called; `None` once its content is gone, for names tell about people.
    pub name: Option<FileName>,
    /// What it is, by its content.
    pub kind: FileKind,
    /// What it is for.
    pub category: DocumentCategory,
    /// How many bytes its content has.
    pub size: u64,
    /// The SHA-256 of its content.
    pub sha256: Digest,
    /// What it can do besides being read.
    pub active_content: Vec<ActiveContent>,
    /// The key its content and text are sealed with, itself sealed; `None` once they are gone.
    pub key: Option<Vec<u8>>,
    /// How far it has come.
    pub status: DocumentStatus,
    /// Why it was rejected or shredded.
    pub reason: Option<String>,
    /// How far its text is read out.
    pub extraction: ExtractionStatus,
    /// The first characters of its text, sealed with the key.
    pub preview: Option<Vec<u8>>,
    /// When it is shredded; never by itself without.
    pub retain_until: Option<Timestamp>,
    /// Whether a legal hold keeps it, whatever else would shred it.
    pub legal_hold: bool,
    /// When it was kept.
    pub created_at: Timestamp,
}

kernel::aggregate! {
    /// A file that an organisation keeps.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub Document(DocumentState) as "document" of |state| Owner::Organization(state.organization)
}

/// A legal hold keeps the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OnHold;

impl Document {
    /// How long a document stays that nobody attaches.
    pub const UNATTACHED_FOR: Duration = Duration::from_hours(24);

    /// How many characters of a text its preview has.
    pub const PREVIEW: usize = 500;

    /// Keeps a file. Unless it belongs to something it is shredded in a day.
    pub(crate) fn keep(state: DocumentState, now: Timestamp) -> Self {
        let mut document = Self { state, version: 0, changes: kernel::Changes::default() };
        let nothing = serde_json::Value::Null;
        if document.related.is_none() {
            document.state.retain_until = Some(now.plus(Self::UNATTACHED_FOR));
        }
        let state = &document.state;
        let change = document
            .change(actions::UPLOAD, now)
            .personal("original_filename", &nothing, &state.name)
            .plain("document_category", &nothing, &state.category)
            .plain("file_type", &nothing, &state.kind)
            .plain("file_size", &nothing, &state.size)
            .plain("related", &nothing, &state.related)
            .lane(Lane::Bulk);
        let change = document.timed(change);
        document.record(change);
        document
    }

    /// What other domains and lists know of it.
    pub fn described(&self) -> Described {
        Described {
            id: self.id,
            organization: self.organization,
            uploaded_by: self.uploaded_by,
            related: self.related.clone(),
            name: self.name.clone(),
            media_type: self.kind.media_type(),
            category: self.category,
            size: self.size,
            status: self.status,
            extraction: self.extraction,
        }
    }

    /// Whether its content can be read by whoever may.
    pub fn is_available(&self) -> bool {
        self.status == DocumentStatus::Available
    }

    /// Whether its content is there, to be read or to be scanned.
    pub fn has_content(&self) -> bool {
        self.key.is_some()
    }

    /// The scanner found nothing.
    pub(crate) fn release(&mut self, now: Timestamp) {
        if self.state.status == DocumentStatus::Quarantined {
            let change = self.moved(DocumentStatus::Available, actions::RELEASE, now).lane(Lane::Bulk);
            self.record(change);
        }
    }

    /// The scanner found something harmful: the content goes, and whoever uploaded it is told.
    pub(crate) fn reject(&mut self, found: &str, now: Timestamp) {
        if self.state.status != DocumentStatus::Quarantined {
            return;
        }
        let notice = self.uploaded_by.map(|account| {
            let to = Recipients::Member(self.organization, account);
            Notice::new(to, NoticeKind::System, "document/rejected")
                .with(json!({ "found": found }))
                .priority(NoticePriority::High)
        });
        self.forget_content(Some(found.to_owned()));
        let change = self.moved(DocumentStatus::Rejected, actions::REJECT, now);
        self.record(change.plain("reason", &serde_json::Value::Null, &found).notify(notice));
    }

    /// Seals its key anew under the current key-encryption key; tells whether it was not. That is no change of the
    /// document, and leaves no record.
    pub(crate) fn reseal(&mut self, sealing: &dyn Sealing) -> Result<bool, Unsealable> {
        let anew =
            self.state.key.as_deref().map(|wrapped| FileKey::rewrap(wrapped, sealing)).transpose()?.flatten();
        let is_anew = anew.is_some();
        self.state.key = anew.or_else(|| self.state.key.take());
        Ok(is_anew)
    }

    /// Makes its content unreadable for good: the key goes, and with it what copies of the bytes there are.
    pub(crate) fn shred(&mut self, reason: ShredReason, now: Timestamp) -> Result<(), OnHold> {
        if self.state.legal_hold {
            return Err(OnHold);
        }
        if self.has_content() {
            self.forget_content(Some(reason.name().to_owned()));
            let change = self.moved(DocumentStatus::Shredded, actions::SHRED, now);
            self.record(change.plain("reason", &serde_json::Value::Null, &reason));
        }
        Ok(())
    }

    /// Shreds it if its time is over and nothing holds it.
    pub(crate) fn lapse(&mut self, now: Timestamp) {
        if self.retain_until.is_some_and(|until| until <= now) && !self.legal_hold {
            let unattached = self.related.is_none() && self.uploaded_by.is_some();
            let reason = if unattached { ShredReason::Unattached } else { ShredReason::Expired };
            let _ = self.shred(reason, now);
        }
    }

    /// A legal hold keeps it, or keeps it no more.
    pub(crate) fn hold(&mut self, is_held: bool, now: Timestamp) {
        if self.state.legal_hold != is_held {
            let before = std::mem::replace(&mut self.state.legal_hold, is_held);
            let action = if is_held { actions::HOLD } else { actions::RELEASE_HOLD };
            let change = self.change(action, now).plain("legal_hold", &before, &is_held);
            let change = if is_held { change } else { self.timed(change) };
            self.record(change);
        }
    }

    /// Its text is to be read out, again where it was before.
    pub(crate) fn extract(&mut self, now: Timestamp) {
        let before = std::mem::replace(&mut self.state.extraction, ExtractionStatus::Pending);
        let change = self.change(actions::EXTRACT, now).plain("extraction_status", &before, &self.extraction);
        self.record(change.lane(Lane::Bulk));
    }

    /// Its text was read out, or could not be.
    pub(crate) fn extracted(
        &mut self,
        status: ExtractionStatus,
        preview: Option<Vec<u8>>,
        more: &[ActiveContent],
        now: Timestamp,
    ) {
        let before = std::mem::replace(&mut self.state.extraction, status);
        self.state.preview = preview;
        self.state.active_content.extend(more);
        self.state.active_content.sort_unstable();
        self.state.active_content.dedup();
        let change = self.change(actions::FINISH_EXTRACTION, now);
        self.record(change.plain("extraction_status", &before, &status));
    }

    /// It belongs to the thing from now on, and stays as long as that wants it. Tells whether it does.
    pub fn attach(&mut self, to: &Target, now: Timestamp) -> bool {
        let to = Related::from(to);
        if !self.has_content() || self.related.as_ref().is_some_and(|related| *related != to) {
            return false;
        }
        if self.related.is_none() {
            self.state.retain_until = None;
            let change =
                self.change(actions::ATTACH, now).plain("related", &serde_json::Value::Null, &Some(&to));
            self.state.related = Some(to);
            self.record(change);
        }
        true
    }

    /// It belongs to nothing any more, and is shredded in a day.
    pub fn detach(&mut self, now: Timestamp) {
        if let Some(related) = self.state.related.take() {
            self.state.retain_until = Some(now.plus(Self::UNATTACHED_FOR));
            let change =
                self.change(actions::DETACH, now).plain("related", &related, &serde_json::Value::Null);
            let change = self.timed(change);
            self.record(change);
        }
    }

    fn forget_content(&mut self, reason: Option<String>) {
        let state = &mut self.state;
        (state.key, state.preview, state.name) = (None, None, None);
        state.extraction = ExtractionStatus::None;
        state.reason = reason;
    }

    fn moved(&mut self, status: DocumentStatus, action: &'static str, now: Timestamp) -> Change {
        let before = std::mem::replace(&mut self.state.status, status);
        self.change(action, now).plain("status", &before, &status)
    }

    /// The change, and that the document's time is over once it is.
    fn timed(&self, change: Change) -> Change {
        match self.retain_until {
            Some(until) => change.timer(actions::LAPSE_DUE, until),
            None => change,
        }
    }

    pub(crate) fn change(&self, action: &'static str, now: Timestamp) -> Change {
        let change = Change::new(action, Target::new(Self::KIND, self.id), now).of(self.organization);
        match self.uploaded_by {
            Some(account) => change.about(account.uuid()),
            None => change,
        }
    }
}

#[cfg(test)]
mod tests;
