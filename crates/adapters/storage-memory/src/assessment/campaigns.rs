//! Campaigns, who is asked in them, and coaching sessions.

use std::collections::BTreeMap;

use assessment_engine::{
    Assignment, AssignmentId, Campaign, CampaignId, CampaignStatus, CoachingSession, CoachingSessionId,
    InterviewSession, Participation, unit::Campaigns,
};
use assessment_format::session::Stage;
use async_trait::async_trait;
use kernel::{OrganizationId, StoreError, Timestamp, invitation::Invitee};

use super::rows::{asked, session_of};
use crate::{
    key::{Key, RowId},
    row::Row as _,
    unit::MemoryUnit,
};

#[async_trait]
impl Campaigns for MemoryUnit {
    async fn campaign(&mut self, id: CampaignId) -> Result<Option<Campaign>, StoreError> {
        self.get(RowId::of(id))
    }

    async fn campaign_for_share(&mut self, id: CampaignId) -> Result<Option<Campaign>, StoreError> {
        self.get_locked(RowId::of(id))
    }

    async fn unclosed_campaigns(&mut self, organization: OrganizationId) -> Result<u64, StoreError> {
        self.count(&Key::organization(organization), |of: &Campaign| of.status != CampaignStatus::Closed)
    }

    async fn asked_since(
        &mut self,
        organization: OrganizationId,
        since: Timestamp,
    ) -> Result<u64, StoreError> {
        let of = Key::organization(organization);
        let mut asked = self.count(&of, |of: &CoachingSession| of.created_at > since)?;
        for campaign in self.list(&of, |_: &Campaign| true)? {
            asked += self.count(&Key::parent(campaign.id), |of: &Assignment| of.created_at > since)?;
        }
        Ok(asked)
    }

    async fn save_campaign(&mut self, campaign: &mut Campaign) -> Result<(), StoreError> {
        self.save(campaign)
    }

    async fn assignment(&mut self, id: AssignmentId) -> Result<Option<Assignment>, StoreError> {
        self.get(RowId::of(id))
    }

    async fn assignments_among(
        &mut self,
        campaign: CampaignId,
        people: &[&Invitee],
    ) -> Result<Vec<Assignment>, StoreError> {
        self.read(|view| {
            let keys = people.iter().flat_map(|invitee| asked(campaign, invitee));
            let holders =
                keys.filter_map(|key| view.holder(&key)).filter(|of: &&Assignment| of.visible(view.scope));
            let found: BTreeMap<_, _> = holders.map(|of| ((of.created_at, of.id), of)).collect();
            found.into_values().cloned().collect()
        })
    }

    async fn save_assignments(&mut self, assignments: &mut [Assignment]) -> Result<(), StoreError> {
        assignments.iter_mut().try_for_each(|assignment| self.save(assignment))
    }

    async fn assignments_to_invite(
        &mut self,
        campaign: CampaignId,
        most: u32,
    ) -> Result<Vec<Assignment>, StoreError> {
        let waits = |of: &Assignment| of.withdrawn_at.is_none() && of.invitee.invited_at.is_none();
        Ok(first(self.list(&Key::parent(campaign), waits)?, most))
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
        let mut found = self.list(&Key::parent(campaign), asked)?;
        self.read(|view| {
            found.retain(|of| {
                let session: Option<&InterviewSession> = view.holder(&session_of(of.id.uuid()));
                let session = session.filter(|session| session.organization == of.organization);
                session.is_none_or(|session| {
                    let stage = session.progress.status.stage();
                    matches!(stage, Stage::NotStarted | Stage::InProgress | Stage::Paused)
                })
            });
        })?;
        Ok(first(found, most))
    }

    async fn coaching_session(
        &mut self,
        id: CoachingSessionId,
    ) -> Result<Option<CoachingSession>, StoreError> {
        self.get(RowId::of(id))
    }

    async fn save_coaching_session(&mut self, session: &mut CoachingSession) -> Result<(), StoreError> {
        self.save(session)
    }

    async fn put_participations(&mut self, participations: &[Participation]) -> Result<(), StoreError> {
        participations.iter().try_for_each(|participation| self.put(*participation))
    }
}

fn first<T>(mut rows: Vec<T>, most: u32) -> Vec<T> {
    rows.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    rows
}
