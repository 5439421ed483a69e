//! Assessments, put together.

use std::{sync::Arc, time::Duration};

use assessment_engine::{AssessmentServices, Assessments, Ports, Quotas, Settings, Unit, unit::AnswerStore};
use assessment_format::interview::ScriptedInterviewer;
use credentials::KeyVault;
use identity::Identity;
use kernel::{Clock, Denials, Ids, Random, Store, claims::ClaimUpkeep, task::TaskReader};
use system::IanaZones;

storage! {
    /// What assessments ask of storage.
    pub(super) AssessmentStorage: Store<Unit>, Assessments, AnswerStore, TaskReader, ClaimUpkeep, Denials
}

/// The services over this storage.
pub(super) fn on<S: AssessmentStorage>(
    storage: &Arc<S>,
    identity: &Identity,
    vault: &Arc<KeyVault>,
    (quotas, result_life): (Quotas, Duration),
    clock: &Arc<dyn Clock>,
    ids: &Arc<dyn Ids>,
    random: &Arc<dyn Random>,
) -> Arc<AssessmentServices> {
    let ports = Ports {
        store: storage.clone(),
        reading: storage.clone(),
        answers: storage.clone(),
        gate: identity.gate(),
        people: identity.people(),
        denials: storage.clone(),
        guest_tokens: vault.clone(),
        claim_upkeep: storage.clone(),
        zones: Arc::new(IanaZones),
        interviewer: Arc::new(ScriptedInterviewer),
        clock: clock.clone(),
        ids: ids.clone(),
        random: random.clone(),
        version_cache: Arc::default(),
        session_cache: Arc::default(),
        quotas,
    };
    let public_url = identity.public_url().to_owned();
    Arc::new(AssessmentServices::new(ports, Settings { public_url, result_life, ..Settings::default() }))
}
