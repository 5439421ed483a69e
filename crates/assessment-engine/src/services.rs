//! All services of this part of the domain over one set of ports.

use std::sync::Arc;

use kernel::{EventHandler, Mailer};

use crate::{
    authoring::AuthoringService,
    campaigns::{CampaignService, timers::CampaignTimers},
    coaching::CoachingService,
    invitations::mails::AssessmentMails,
    marketplace::{MarketplaceService, projection::MarketplaceProjection},
    participants::{ParticipantService, personal_data::PersonalAssessments},
    ports::{Ports, Settings},
    ratings::RatingService,
    results::{
        ResultService,
        export::tasks::ExportTasks,
        rescoring::{RescoringService, RescoringTasks},
    },
    sessions::{SessionService, timers::SessionTimers},
};

/// Assessments in the life of organisations, ready to use.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each field is named after its service, which is documented")]
pub struct AssessmentServices {
    pub authoring: AuthoringService,
    pub marketplace: MarketplaceService,
    pub campaigns: CampaignService,
    pub coaching: CoachingService,
    pub sessions: SessionService,
    pub ratings: RatingService,
    pub results: ResultService,
    pub rescoring: RescoringService,
    pub personal_data: PersonalAssessments,
    ports: Ports,
    settings: Arc<Settings>,
}

impl AssessmentServices {
    /// All services over these ports.
    pub fn new(ports: Ports, settings: Settings) -> Self {
        let settings = Arc::new(settings);
        let (p, s) = (|| ports.clone(), || settings.clone());
        Self {
            authoring: AuthoringService::new(p()),
            marketplace: MarketplaceService::new(p()),
            campaigns: CampaignService::new(p()),
            coaching: CoachingService::new(p()),
            sessions: SessionService::new(p(), s()),
            ratings: RatingService::new(p()),
            results: ResultService::new(p()),
            rescoring: RescoringService::new(p()),
            personal_data: PersonalAssessments::new(ParticipantService::new(p()), ResultService::new(p())),
            ports,
            settings,
        }
    }

    /// What goes on beside requests, for the outbox worker.
    pub fn event_handlers(&self, mailer: Arc<dyn Mailer>) -> Vec<Arc<dyn EventHandler>> {
        let ports = || self.ports.clone();
        vec![
            Arc::new(MarketplaceProjection::new(ports())),
            Arc::new(ParticipantService::new(ports())),
            Arc::new(CampaignTimers::new(ports())),
            Arc::new(AssessmentMails::new(ports(), self.settings.clone(), mailer)),
            Arc::new(SessionTimers::new(ports())),
            Arc::new(ExportTasks::new(ports())),
            Arc::new(RescoringTasks::new(ports())),
        ]
    }
}
