//! What the rules need to know of the aggregates of this domain.

use document::{ActiveContent, Document, DocumentState, FileKind, Unit, file_name};
use kernel::{
    AccountId, OrganizationId, Scope, Target,
    document::{DocumentCategory, DocumentStatus, ExtractionStatus, Related},
};

use crate::{
    aggregate::{Aggregate, aggregate},
    world::{TestPeople, World, ctx, hours},
};

aggregate!(Document in document_store: Unit, save_document, |a| document(a.id), |a, now| {
    if a.related.is_some() {
        a.detach(now);
    } else {
        assert!(a.attach(&Target { kind: "thing", id: a.id.uuid() }, now), "it has content and belongs to nothing");
    }
});

impl World {
    pub(super) async fn document_unit(&self, scope: Scope) -> Box<Unit> {
        self.storage.document_store.begin(&ctx(scope)).await.expect("a unit can be begun")
    }

    /// A thing of this kind that documents are attached to.
    pub(super) fn thing(&self, kind: &'static str) -> Target {
        Target::new::<()>(kind, self.id())
    }

    /// A document that can be read and belongs to nothing, with nothing filled that may be left out.
    pub(crate) fn new_document(&self, organization: OrganizationId, uploaded_by: AccountId) -> Document {
        let (id, now) = (self.id(), self.tick());
        let state = DocumentState {
            id,
            organization,
            uploaded_by: Some(uploaded_by),
            related: None,
            name: None,
            kind: FileKind::Pdf,
            category: DocumentCategory::Cv,
            size: 0,
            sha256: self.digest(),
            active_content: Vec::new(),
            key: Some(b"sealed".to_vec()),
            status: DocumentStatus::Available,
            reason: None,
            extraction: ExtractionStatus::None,
            preview: None,
            retain_until: None,
            legal_hold: false,
            created_at: now,
        };
        Document::restore(state, 0).mark(now)
    }

    /// A document with every field filled.
    pub(crate) fn document_sample(&self, people: &TestPeople) -> Document {
        let document = self.new_document(people.north, people.ann);
        let now = self.tick();
        let state = DocumentState {
            related: Some(Related::from(&self.thing("candidate"))),
            name: Some(file_name("Å \\ 'x' %_ 漢字 🦀 \".pdf").expect("a name")),
            kind: FileKind::Docx,
            category: DocumentCategory::Evidence,
            size: i64::MAX.unsigned_abs(),
            active_content: ActiveContent::ALL.to_vec(),
            key: Some(vec![0, 1, 0xFF]),
            reason: Some("“Größe” \\ 'x'".to_owned()),
            extraction: ExtractionStatus::NeedsOcr,
            preview: Some(vec![0xFF, 0]),
            retain_until: Some(now.plus(hours(1))),
            legal_hold: true,
            ..document.state().clone()
        };
        Document::restore(state, 0).mark(now)
    }

    /// What the document becomes.
    pub(super) fn becomes(&self, document: &Document, change: impl FnOnce(&mut DocumentState)) -> Document {
        let mut state = document.state().clone();
        change(&mut state);
        Document::restore(state, document.version()).mark(self.tick())
    }

    /// What the document becomes when its content goes.
    pub(super) fn without_content(&self, document: &Document, status: DocumentStatus) -> Document {
        self.becomes(document, |state| {
            (state.key, state.name, state.preview) = (None, None, None);
            (state.status, state.extraction) = (status, ExtractionStatus::None);
            (state.reason, state.legal_hold) = (Some("deleted".to_owned()), false);
        })
    }
}

/// Runs a check with a sample of every aggregate of documents.
macro_rules! each_aggregate {
    ($world:ident, $people:ident, $check:ident) => {
        $check(&$world, $world.document_sample(&$people)).await;
    };
}

pub(crate) use each_aggregate;
