//! Campaigns, who is asked in them, and coaching sessions.

use assessment_engine::{
    Assignment, AssignmentId, Campaign, CampaignId, CoachingSession, CoachingSessionId, InterviewSession,
    Origin, Participation, unit::Campaigns,
};
use assessment_format::session::Stage;
use async_trait::async_trait;
use kernel::{EmailAddress, OrganizationId, StoreError, Timestamp};

use super::{MemoryUnit, first};
use crate::{rows::PendingEmailInvitation, table::Key};

#[async_trait]
impl Campaigns for MemoryUnit {
    async fn campaign(&mut self, id: CampaignId) -> Result<Option<Campaign>, StoreError> {
        self.get(id.uuid())
    }

    async fn save_campaign(&mut self, campaign: &mut Campaign) -> Result<(), StoreError> {
        self.save(campaign)
    }

    async fn assignment(&mut self, id: AssignmentId) -> Result<Option<Assignment>, StoreError> {
        self.get(id.uuid())
    }

    async fn save_assignment(&mut self, assignment: &mut Assignment) -> Result<(), StoreError> {
        self.save(assignment)
    }

    async fn assignments_to_invite(
        &mut self,
        campaign: CampaignId,
        most: u32,
    ) -> Result<Vec<Assignment>, StoreError> {
        let waits = |of: &Assignment| of.withdrawn_at.is_none() && of.invitee.invited_at.is_none();
        Ok(first(self.list(&Key::Parent(campaign.uuid()), waits)?, most))
    }

    async fn assignments_to_remind(
        &mut self,
        campaign: CampaignId,
        since: Timestamp,
        most: u32,
    ) -> Result<Vec<Assignment>, StoreError> {
        let asked = |of: &Assignment| {
            let reminded = of.invitee.reminded_at.is_some_and(|at| at >= since);
            of.withdrawn_at.is_none() && of.invitee.invited_at.is_some() && !reminded
        };
        let mut found = self.list(&Key::Parent(campaign.uuid()), asked)?;
        self.run(|unit| {
            let state = unit.shared.read();
            let sessions = unit.overlay::<InterviewSession>();
            found.retain(|of| {
                let session = sessions
                    .holder(&state.tables.interview_sessions, &Key::Origin(of.id.uuid()))
                    .filter(|session| session.organization == of.organization);
                session.is_none_or(|session| {
                    let stage = session.progress.status.stage();
                    matches!(stage, Stage::NotStarted | Stage::InProgress | Stage::Paused)
                })
            });
            Ok(())
        })?;
        Ok(first(found, most))
    }

    async fn coaching_session(
        &mut self,
        id: CoachingSessionId,
    ) -> Result<Option<CoachingSession>, StoreError> {
        self.get(id.uuid())
    }

    async fn save_coaching_session(&mut self, session: &mut CoachingSession) -> Result<(), StoreError> {
        self.save(session)
    }

    async fn put_participation(&mut self, participation: &Participation) -> Result<(), StoreError> {
        self.put(*participation)
    }

    async fn put_pending_email_invitation(
        &mut self,
        email: &EmailAddress,
        organization: OrganizationId,
        origin: Origin,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.put(PendingEmailInvitation { email: email.clone(), organization, origin, asked_at: now })
    }
}
