//! All services of this part of the domain over one set of ports.

use std::sync::Arc;

use kernel::{Mailer, Reaction};

use super::{
    authoring::Authoring,
    belonging::Belonging,
    campaigns::Campaigns,
    coaching_sessions::CoachingSessions,
    deadlines::Deadlines,
    exporting::Exporting,
    judging::Judging,
    lapsing::Lapsing,
    letters::Letters,
    marketplace::Marketplace,
    ports::{Ports, Settings},
    projection::Projection,
    rescoring::{Reapplying, Rescoring},
    results::Results,
    taking::Taking,
};

/// Assessments in the life of organisations, ready to use.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each field is named after its service, which is documented")]
pub struct Assessing {
    pub authoring: Authoring,
    pub marketplace: Marketplace,
    pub campaigns: Campaigns,
    pub coaching_sessions: CoachingSessions,
    pub taking: Taking,
    pub judging: Judging,
    pub results: Results,
    pub rescoring: Rescoring,
    ports: Ports,
    settings: Arc<Settings>,
}

impl Assessing {
    /// All services over these ports.
    pub fn new(ports: Ports, settings: Settings) -> Self {
        let settings = Arc::new(settings);
        let (p, s) = (|| ports.clone(), || settings.clone());
        Self {
            authoring: Authoring::new(p()),
            marketplace: Marketplace::new(p()),
            campaigns: Campaigns::new(p()),
            coaching_sessions: CoachingSessions::new(p()),
            taking: Taking::new(p(), s()),
            judging: Judging::new(p()),
            results: Results::new(p()),
            rescoring: Rescoring::new(p()),
            ports,
            settings,
        }
    }

    /// What goes on beside requests, for the outbox worker.
    pub fn reactions(&self, mailer: Arc<dyn Mailer>) -> Vec<Arc<dyn Reaction>> {
        let ports = || self.ports.clone();
        vec![
            Arc::new(Projection::new(ports())),
            Arc::new(Belonging::new(ports())),
            Arc::new(Deadlines::new(ports())),
            Arc::new(Letters::new(ports(), self.settings.clone(), mailer)),
            Arc::new(Lapsing::new(ports())),
            Arc::new(Exporting::new(ports())),
            Arc::new(Reapplying::new(ports())),
        ]
    }
}
