//! Who is asked in a campaign.

use std::collections::HashSet;

use assessment_format::session::{Event, Reason, Stage};
use kernel::{
    Ctx, Limit, OrganizationId, Page, PageRequest, Permit, StoreError, Timestamp, invitation::Invitee,
};

use crate::{
    campaigns::{
        CampaignService,
        assignment::{Assignment, AssignmentId},
        campaign::{Campaign, CampaignId, CampaignStatus},
    },
    invitations::ExtraTime,
    participants::participation::Participation,
    reading::AssignmentView,
    refusal::Refused,
    rule::Action,
    sessions::interview_session::Origin,
    unit::{ASSIGNED_ACCOUNT, ASSIGNED_EMAIL, Unit},
};

/// Somebody who is to be asked.
#[derive(Debug, Clone)]
pub struct NewAssignee {
    /// Who.
    pub invitee: Invitee,
    /// Time they have beyond everyone else.
    pub extra: Option<ExtraTime>,
}

impl CampaignService {
    /// The most people that are asked at a time.
    pub const MOST_ASSIGNEES: usize = 500;

    /// Asks people, all or nobody. While the campaign is open their letters go out at once, else once it opens.
    pub async fn assign(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: CampaignId,
        people: Vec<NewAssignee>,
    ) -> Result<Vec<Assignment>, Refused> {
        let (permit, campaign) = self.found(ctx, organization, id, Action::RunCampaigns).await?;
        let now = self.ports.clock.now();
        let ended = campaign.plan.closes_at.is_some_and(|at| at <= now);
        if campaign.status == CampaignStatus::Closed || ended {
            return Err(Refused::Closed("the campaign is over; nobody new is asked"));
        }
        self.check_people(organization, &people).await?;
        let mut unit = self.ports.store.begin(&permit.ctx).await?;
        let mut assigned = Vec::with_capacity(people.len());
        for NewAssignee { invitee, extra } in people {
            let mut one = Assignment::assign(self.ports.ids.next(), organization, id, invitee, extra, now);
            if campaign.is_open(now) {
                one.invite(now);
            }
            unit.save_assignment(&mut one).await.map_err(|error| refused(error, &one.invitee))?;
            tell(&mut *unit, &one, now).await?;
            assigned.push(one);
        }
        unit.commit().await?;
        Ok(assigned)
    }

    /// What [`CampaignService::assign`] made of so many people, found again by the first of it.
    pub async fn assigned_with(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: CampaignId,
        (first, people): (AssignmentId, usize),
    ) -> Result<Vec<Assignment>, Refused> {
        let (permit, campaign) = self.found(ctx, organization, id, Action::ViewCampaigns).await?;
        let mut page = PageRequest { limit: Limit::new(100).map_err(StoreError::from)?, after: None };
        let (mut at, mut together) = (None, Vec::with_capacity(people));
        loop {
            let Page { items, next } =
                self.ports.reading.assignments(&permit.ctx, campaign.id, &page).await?;
            for AssignmentView { assignment, .. } in items {
                if assignment.id == first {
                    at = Some(assignment.created_at);
                }
                if at == Some(assignment.created_at) && together.len() < people {
                    together.push(assignment);
                }
            }
            match next {
                Some(cursor) if together.len() < people => page.after = Some(cursor),
                _ => return Ok(together),
            }
        }
    }

    /// Who is asked, oldest first; those who were withdrawn too.
    pub async fn assignments(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: CampaignId,
        page: &PageRequest,
    ) -> Result<Page<AssignmentView>, Refused> {
        let (permit, campaign) = self.found(ctx, organization, id, Action::ViewCampaigns).await?;
        Ok(self.ports.reading.assignments(&permit.ctx, campaign.id, page).await?)
    }

    /// One assignment.
    pub async fn assignment(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: CampaignId,
        assignment: AssignmentId,
    ) -> Result<AssignmentView, Refused> {
        let (permit, campaign) = self.found(ctx, organization, id, Action::ViewCampaigns).await?;
        let mut unit = self.ports.store.begin(&permit.ctx).await?;
        let assignment = of(&mut *unit, &campaign, assignment).await?;
        let session = match assignment.session {
            Some(session) => unit.interview_session(session).await?,
            None => None,
        };
        let progress = session.map(|session| session.settled(self.ports.clock.now()));
        Ok(AssignmentView { assignment, progress })
    }

    /// Gives the person of the assignment read at `version` this much time beyond everyone else, in place of what
    /// they were given before. Once they began, time is given to their session.
    pub async fn grant(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: CampaignId,
        (assignment, version): (AssignmentId, i64),
        extra: Option<ExtraTime>,
    ) -> Result<AssignmentView, Refused> {
        let (permit, campaign) = self.found(ctx, organization, id, Action::RunCampaigns).await?;
        let now = self.ports.clock.now();
        let (mut unit, mut assignment) = self.to_change(&permit, &campaign, assignment, version).await?;
        let mut progress = None;
        if let Some(session) = assignment.session {
            let session = unit.interview_session_for_update(session).await?;
            let mut session = session.ok_or(Refused::Missing("session"))?;
            if session.progress.status.stage() != Stage::NotStarted {
                return Err(Refused::Closed(BEGUN));
            }
            let minutes = extra.as_ref().map_or(0, |extra| extra.minutes.get());
            session.allow(minutes.into(), now);
            if session.has_changed() {
                unit.save_interview_session(&mut session).await?;
            }
            progress = Some(session.progress.clone());
        }
        if assignment.extra != extra {
            assignment.grant(extra, now);
            unit.save_assignment(&mut assignment).await?;
            unit.commit().await?;
        }
        Ok(AssignmentView { assignment, progress })
    }

    /// Takes the assignment read at `version` back. A session that was opened does not count any more, for the
    /// reason that must then be given; what was released stays.
    pub async fn withdraw(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: CampaignId,
        (assignment, version): (AssignmentId, i64),
        reason: Option<Reason>,
    ) -> Result<(), Refused> {
        let (permit, campaign) = self.found(ctx, organization, id, Action::RunCampaigns).await?;
        let now = self.ports.clock.now();
        let (mut unit, mut assignment) = self.to_change(&permit, &campaign, assignment, version).await?;
        if let Some(session) = assignment.session {
            let session = unit.interview_session_for_update(session).await?;
            let mut session = session.ok_or(Refused::Missing("session"))?;
            let reason = reason.ok_or_else(|| Refused::Invalid {
                pointer: "/reason".to_owned(),
                detail: "the person has opened it: say why it does not count any more".to_owned(),
            })?;
            if session.progress.status.stage() != Stage::Voided {
                let evidence = vec![("reason", reason.as_str().into())];
                session.happen(&Event::Void { reason }, evidence, now)?;
                unit.save_interview_session(&mut session).await?;
            }
        }
        assignment.withdraw(now);
        unit.save_assignment(&mut assignment).await?;
        Ok(unit.commit().await?)
    }

    /// An assignment of the campaign that still stands, read at `version`, in an open unit.
    async fn to_change(
        &self,
        permit: &Permit,
        campaign: &Campaign,
        assignment: AssignmentId,
        version: i64,
    ) -> Result<(Box<Unit>, Assignment), Refused> {
        let mut unit = self.ports.store.begin(&permit.ctx).await?;
        let assignment = of(&mut *unit, campaign, assignment).await?;
        assignment.unchanged_since(version)?;
        if assignment.withdrawn_at.is_some() {
            return Err(Refused::Closed("the assignment was taken back; ask the person anew"));
        }
        Ok((unit, assignment))
    }

    /// Refuses too many people, the same one twice, and accounts that are no members.
    async fn check_people(
        &self,
        organization: OrganizationId,
        people: &[NewAssignee],
    ) -> Result<(), Refused> {
        let invalid = |pointer: String, detail: &str| Refused::Invalid { pointer, detail: detail.to_owned() };
        if !(1..=Self::MOST_ASSIGNEES).contains(&people.len()) {
            return Err(invalid("/people".to_owned(), "names 1 to 500 people"));
        }
        let mut seen = HashSet::new();
        for (place, NewAssignee { invitee, .. }) in people.iter().enumerate() {
            let address = invitee.email.as_ref().map(kernel::EmailAddress::normalized);
            if !seen.insert((invitee.account, address)) {
                return Err(invalid(format!("/people/{place}"), "stands in this list before"));
            }
            if let Some(account) = invitee.account
                && !self.ports.people.is_member(organization, account).await?
            {
                let detail = "is no member of the organisation; ask others by their address";
                return Err(invalid(format!("/people/{place}/account_id"), detail));
            }
        }
        Ok(())
    }
}

/// What to do where somebody began.
const BEGUN: &str = "the person has begun; extend or reopen the session to give more time";

async fn of(unit: &mut Unit, campaign: &Campaign, id: AssignmentId) -> Result<Assignment, Refused> {
    let found = unit.assignment(id).await?.filter(|found| found.campaign == campaign.id);
    found.ok_or(Refused::Missing("assignment"))
}

/// Notes for whom it is: for the account, or for whoever registers with the address.
async fn tell(unit: &mut Unit, assignment: &Assignment, now: Timestamp) -> Result<(), Refused> {
    let origin = Origin::Campaign { campaign: assignment.campaign, assignment: assignment.id };
    let organization = assignment.organization;
    if let Some(account) = assignment.invitee.account {
        unit.put_participation(&Participation::of(account, organization, origin, now)).await?;
    }
    if let Some(email) = &assignment.invitee.email {
        unit.put_pending_email_invitation(email, organization, origin, now).await?;
    }
    Ok(())
}

fn refused(error: StoreError, invitee: &Invitee) -> Refused {
    match (error, &invitee.email, invitee.account) {
        (StoreError::Duplicate(ASSIGNED_EMAIL), Some(email), _) => {
            Refused::AlreadyAssigned(email.to_string())
        }
        (StoreError::Duplicate(ASSIGNED_ACCOUNT), _, Some(account)) => {
            Refused::AlreadyAssigned(format!("account {account}"))
        }
        (error, ..) => error.into(),
    }
}
