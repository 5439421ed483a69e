//! Documents, put together: the services, and the sweep that goes on beside requests.

use std::{fmt, sync::Arc, time::Duration};

use credentials::KeyVault;
use document::{
    DocumentReactions, DocumentService, DocumentUpkeep, Ports, Quotas, SizeLimits, TrustedDocuments, Unit,
    ports::{DocumentIndex, Inspector, Objects, Scanner, TextReader},
};
use identity::Identity;
use kernel::{
    Clock, Denials, EventHandler, Ids, Random, Store,
    document::{DocumentGuard, Documents as DocumentsPort},
};
use objects::MemoryObjects;

use crate::{shutdown::Stopping, workers::log_purged};

storage! {
    /// What documents ask of storage.
    pub(super) DocumentStorage: Store<Unit>, DocumentIndex, Denials
}

/// Objects that no document names are looked for a while after the start, and then once a day.
const FIRST_SWEEP: Duration = Duration::from_secs(600);
const EVERY: Duration = Duration::from_hours(24);

/// Where files are kept, and what looks into them.
#[derive(Clone)]
pub struct DocumentOptions {
    /// Where they are kept; in memory, for as long as the process lives, without one.
    pub objects: Option<Arc<dyn Objects>>,
    /// What tells what they are.
    pub inspector: Arc<dyn Inspector>,
    /// What reads their text: in this process unless told, which a hostile file may end.
    pub reader: Arc<dyn TextReader>,
    /// What scans them; nothing does without one.
    pub scanner: Option<Arc<dyn Scanner>>,
    /// The domains that answer for documents of their things.
    pub guards: Vec<Arc<dyn DocumentGuard>>,
    /// How many bytes one may have.
    pub limits: SizeLimits,
    /// How many bytes an organisation may have.
    pub quotas: Quotas,
}

impl Default for DocumentOptions {
    fn default() -> Self {
        Self {
            objects: None,
            inspector: Arc::new(extraction::FileInspector::default()),
            reader: Arc::new(extraction::InProcessReader::default()),
            scanner: None,
            guards: Vec::new(),
            limits: SizeLimits::default(),
            quotas: Quotas::default(),
        }
    }
}

/// The services of documents.
#[derive(Clone)]
pub struct Documents {
    /// What people and programs do with documents.
    pub service: DocumentService,
    /// What other domains do with them.
    pub trusted: Arc<dyn DocumentsPort>,
    /// Holds rows against the object store.
    pub upkeep: DocumentUpkeep,
    /// Where files are kept.
    pub objects: Arc<dyn Objects>,
    reactions: DocumentReactions,
}

impl fmt::Debug for Documents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Documents")
    }
}

/// The services over this storage.
pub(super) fn on<S: DocumentStorage>(
    storage: &Arc<S>,
    identity: &Identity,
    vault: &Arc<KeyVault>,
    options: DocumentOptions,
    clock: &Arc<dyn Clock>,
    ids: &Arc<dyn Ids>,
    random: &Arc<dyn Random>,
) -> Documents {
    let DocumentOptions { objects, inspector, reader, scanner, guards, limits, quotas } = options;
    let objects = objects.unwrap_or_else(|| Arc::new(MemoryObjects::new(clock.clone())));
    let ports = Ports {
        store: storage.clone(),
        index: storage.clone(),
        objects: objects.clone(),
        inspector,
        scanner,
        reader,
        guards: guards.into(),
        gate: identity.gate(),
        denials: storage.clone(),
        sealing: vault.clone(),
        clock: clock.clone(),
        ids: ids.clone(),
        random: random.clone(),
        limits,
        quotas,
    };
    Documents {
        service: DocumentService::new(ports.clone()),
        trusted: Arc::new(TrustedDocuments::new(ports.clone())),
        upkeep: DocumentUpkeep::new(ports.clone()),
        objects,
        reactions: DocumentReactions::new(ports),
    }
}

impl Documents {
    /// What scans, reads out, lets lapse and deletes, for the outbox worker.
    pub(super) fn event_handler(&self) -> Arc<dyn EventHandler> {
        Arc::new(self.reactions.clone())
    }

    /// Deletes what no document names, every day.
    pub(super) async fn sweep(self, mut stopping: Stopping) {
        let mut pause = FIRST_SWEEP;
        while stopping.sleep(pause).await {
            log_purged("files that no document names", self.upkeep.sweep().await);
            pause = EVERY;
        }
    }
}
