//! The way of a command in an organisation: leave is asked for, then one unit finds what the command is about, changes
//! it and commits. Whatever others are asked, such as who is a member, is asked before that unit is open.

use async_trait::async_trait;
use kernel::{
    AccountId, AuditedAttempt, Ctx, Id, Keyed, OrganizationId, Permit, Reach, Rule as _, StoreError,
};

use crate::{
    authoring::assessment::CustomAssessment, campaigns::campaign::Campaign,
    coaching::coaching_session::CoachingSession, ports::Ports, refusal::Refused,
    results::result::AssessmentResult, rule::Action, sessions::interview_session::InterviewSession,
    unit::Unit,
};

/// What somebody in an organisation runs: whoever has leave for their own alone reaches only what they run themselves.
#[async_trait]
pub(crate) trait Managed: Keyed + Send + Sync + Sized {
    /// What refusals call it.
    const NOUN: &'static str;

    /// Who runs it.
    fn manager(&self) -> AccountId;

    /// Finds it in a unit.
    async fn find(unit: &mut Unit, id: Id<Self>) -> Result<Option<Self>, StoreError>;

    /// Keeps it, if it has not changed since it was found.
    async fn save(&mut self, unit: &mut Unit) -> Result<(), StoreError>;
}

macro_rules! managed {
    ($($aggregate:ident, $noun:literal, by $manager:ident, in $find:ident, $save:ident;)*) => {$(
        #[async_trait]
        impl Managed for $aggregate {
            const NOUN: &'static str = $noun;

            fn manager(&self) -> AccountId {
                self.$manager
            }

            async fn find(unit: &mut Unit, id: Id<Self>) -> Result<Option<Self>, StoreError> {
                unit.$find(id).await
            }

            async fn save(&mut self, unit: &mut Unit) -> Result<(), StoreError> {
                unit.$save(self).await
            }
        }
    )*};
}

managed! {
    CustomAssessment, "assessment", by created_by, in custom_assessment, save_custom_assessment;
    Campaign, "campaign", by created_by, in campaign, save_campaign;
    CoachingSession, "coaching session", by coach, in coaching_session, save_coaching_session;
    InterviewSession, "session", by run_by, in interview_session, save_interview_session;
    AssessmentResult, "result", by run_by, in result, save_result;
}

/// What a command is about, in an open unit, and the leave for it.
pub(crate) struct Opened<A> {
    pub(crate) permit: Permit,
    pub(crate) unit: Box<Unit>,
    pub(crate) found: A,
}

impl<A: Managed> Opened<A> {
    /// Saves what changed, if anything did, and commits.
    pub(crate) async fn save(self) -> Result<A, Refused> {
        let Self { mut unit, mut found, .. } = self;
        if !found.changes().is_empty() {
            found.save(&mut *unit).await?;
            unit.commit().await?;
        }
        Ok(found)
    }
}

impl Ports {
    /// Finds what somebody is to read or change, for whoever has leave.
    pub(crate) async fn open<A: Managed>(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: Id<A>,
        action: Action,
    ) -> Result<Opened<A>, Refused> {
        let permit = self.gate.permit(ctx, organization, &action).await?;
        let mut unit = self.store.begin(&permit.ctx).await?;
        let found = A::find(&mut *unit, id).await?;
        self.opened(permit, unit, found, action).await
    }

    /// What a unit found, if it is within the caller's reach.
    pub(crate) async fn opened<A: Managed>(
        &self,
        permit: Permit,
        unit: Box<Unit>,
        found: Option<A>,
        action: Action,
    ) -> Result<Opened<A>, Refused> {
        let found = found.ok_or(Refused::Missing(A::NOUN))?;
        if reaches(&permit, &found) {
            return Ok(Opened { permit, unit, found });
        }
        drop(unit);
        Err(self.denied_on(&permit, &found, action, Refused::Missing(A::NOUN)).await)
    }

    /// Records that an action on this was denied, and hands on why. No unit may be open meanwhile.
    pub(crate) async fn denied_on<A: Managed>(
        &self,
        permit: &Permit,
        target: &A,
        action: Action,
        refused: Refused,
    ) -> Refused {
        let attempt = AuditedAttempt::new(action.name(), target.kind()).on(target.id());
        let attempt = target.owner().organization().map_or(attempt, |organization| attempt.of(organization));
        self.denied(&permit.ctx, attempt, refused).await
    }
}

/// Whether the leave reaches it. What it does not reach is refused as if it were not there.
pub(crate) fn reaches<A: Managed>(permit: &Permit, target: &A) -> bool {
    permit.reach >= Reach::Tenant || target.manager() == permit.account
}
