//! What whoever runs a campaign or coaches decides about a session: more time, that it does not count, that the result
//! may be seen.

use assessment_format::session::{Event, Minutes, Reason};
use kernel::{Ctx, OrganizationId, Permit};
use serde_json::{Value, json};

use crate::{
    ratings::RatingService,
    refusal::Refused,
    rule::Action,
    sessions::{
        completion::{self, RACES, is_race},
        interview_session::{InterviewSession, InterviewSessionId, OriginKind},
    },
};

impl RatingService {
    /// A session within the reach of whoever runs it.
    pub async fn run_session(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: InterviewSessionId,
    ) -> Result<InterviewSession, Refused> {
        Ok(self.run_by(ctx, organization, id).await?.1)
    }

    /// Gives a person more time while their session runs.
    pub async fn extend(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: InterviewSessionId,
        minutes: Minutes,
        reason: Reason,
    ) -> Result<InterviewSession, Refused> {
        let evidence = vec![("reason", json!(reason))];
        self.decide(ctx, organization, id, &Event::Extend { minutes, reason }, evidence).await
    }

    /// Gives a person whose session is over time to go on: one that was abandoned, or waits for ratings.
    pub async fn reopen(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: InterviewSessionId,
        minutes: Minutes,
        reason: Reason,
    ) -> Result<InterviewSession, Refused> {
        let evidence = vec![("reason", json!(reason))];
        self.decide(ctx, organization, id, &Event::Reopen { minutes, reason }, evidence).await
    }

    /// The session does not count: neither its answers nor a result that came of them.
    pub async fn void(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: InterviewSessionId,
        reason: Reason,
    ) -> Result<InterviewSession, Refused> {
        let evidence = vec![("reason", json!(reason))];
        self.decide(ctx, organization, id, &Event::Void { reason }, evidence).await
    }

    /// The person may see the result.
    pub async fn release(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: InterviewSessionId,
    ) -> Result<InterviewSession, Refused> {
        self.decide(ctx, organization, id, &Event::Release, Vec::new()).await
    }

    /// It takes both: seeing the result, and running what the session belongs to.
    async fn run_by(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: InterviewSessionId,
    ) -> Result<(Permit, InterviewSession), Refused> {
        let (_, session) = self.found(ctx, organization, id, Action::ViewResults).await?;
        let runs = match session.origin.kind() {
            OriginKind::Campaign => Action::RunCampaigns,
            OriginKind::Coaching => Action::Coach,
        };
        let permit = self.ports.gate.permit(ctx, organization, &runs).await?;
        self.ensure_leave(&permit, &session, runs).await?;
        Ok((permit, session))
    }

    async fn decide(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: InterviewSessionId,
        event: &Event,
        evidence: Vec<(&'static str, Value)>,
    ) -> Result<InterviewSession, Refused> {
        let (permit, _) = self.run_by(ctx, organization, id).await?;
        for _ in 0..RACES {
            match self.try_decide(&permit.ctx, id, event, evidence.clone()).await {
                Err(refused) if is_race(&refused) => {}
                other => return other,
            }
        }
        Err(Refused::Stale)
    }

    async fn try_decide(
        &self,
        tenant: &Ctx,
        id: InterviewSessionId,
        event: &Event,
        evidence: Vec<(&'static str, Value)>,
    ) -> Result<InterviewSession, Refused> {
        let now = self.ports.clock.now();
        let mut unit = self.ports.store.begin(tenant).await?;
        let session = unit.interview_session_for_update(id).await?;
        let mut session = session.ok_or(Refused::Missing("session"))?;
        if *event == Event::Release {
            completion::release(&self.ports, &mut *unit, &mut session, now).await?;
        } else {
            session.happen(event, evidence, now)?;
            unit.save_interview_session(&mut session).await?;
        }
        unit.commit().await?;
        Ok(session)
    }
}
