//! Assessments, put together.

use std::sync::Arc;

use assessment_engine::{
    custom::{Assessing, Assessments, Ports, Settings, Unit},
    interview::ByTheBook,
};
use credentials::KeyVault;
use identity::Identity;
use kernel::{Clock, Denials, Ids, Random, Store, task::TaskShelf};

/// What assessments ask of storage.
pub(super) trait AssessmentStorage: Store<Unit> + Assessments + TaskShelf + Denials + 'static {}
impl<S> AssessmentStorage for S where S: Store<Unit> + Assessments + TaskShelf + Denials + 'static {}

/// The services over this storage.
pub(super) fn on<S: AssessmentStorage>(
    storage: &Arc<S>,
    identity: &Identity,
    vault: &Arc<KeyVault>,
    public_url: String,
    clock: &Arc<dyn Clock>,
    ids: &Arc<dyn Ids>,
    random: &Arc<dyn Random>,
) -> Arc<Assessing> {
    let ports = Ports {
        store: storage.clone(),
        reading: storage.clone(),
        gate: identity.gate(),
        people: identity.people(),
        denials: storage.clone(),
        passes: vault.clone(),
        interviewer: Arc::new(ByTheBook),
        clock: clock.clone(),
        ids: ids.clone(),
        random: random.clone(),
        library: Arc::default(),
    };
    Arc::new(Assessing::new(ports, Settings { public_url, ..Settings::default() }))
}
