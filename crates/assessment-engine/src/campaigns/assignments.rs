//! Who is asked in a campaign.

use std::collections::HashSet;

use assessment_format::session::{Event, Reason, Stage};
use kernel::{
    AccountId, Ctx, EmailAddress, Lane, Limit, OrganizationId, Page, PageRequest, Permit, StoreError,
    invitation::Invitee,
};

use crate::{
    campaigns::{
        CampaignService,
        assignment::{Assignment, AssignmentId},
        campaign::{Campaign, CampaignId, CampaignStatus},
    },
    invitations::{self, ExtraTime},
    opened::Opened,
    reading::AssignmentView,
    refusal::Refused,
    rule::Action,
    sessions::{
        completion::{RACES, is_race},
        interview_session::Origin,
    },
    unit::Unit,
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
        let permit = self.ports.gate.permit(ctx, organization, &Action::RunCampaigns).await?;
        self.check_people(organization, &people).await?;
        for _ in 0..RACES {
            match self.try_assign(permit.clone(), id, &people).await {
                Err(refused) if is_race(&refused) => {}
                other => return other,
            }
        }
        Err(Refused::Stale)
    }

    async fn try_assign(
        &self,
        permit: Permit,
        id: CampaignId,
        people: &[NewAssignee],
    ) -> Result<Vec<Assignment>, Refused> {
        let Opened { mut unit, found: campaign, .. } = self.hold(permit, id).await?;
        let now = self.ports.clock.now();
        let ended = campaign.plan.closes_at.is_some_and(|at| at <= now);
        if campaign.status == CampaignStatus::Closed || ended {
            return Err(Refused::Closed("the campaign is over; nobody new is asked"));
        }
        let invitees: Vec<&Invitee> = people.iter().map(|person| &person.invitee).collect();
        let known = unit.assignments_among(id, &invitees).await?;
        if let Some(taken) = invitees.iter().find(|one| known.iter().any(|of| is_same(one, &of.invitee))) {
            return Err(Refused::AlreadyAssigned(name_of(taken)));
        }
        self.ports.quotas.admit_people(&mut *unit, campaign.organization, people.len(), now).await?;
        let lane = if people.len() == 1 { Lane::Now } else { Lane::Bulk };
        let assign = |NewAssignee { invitee, extra }: &NewAssignee| {
            let (id, extra) = (self.ports.ids.next(), extra.clone());
            let mut one =
                Assignment::assign(id, campaign.organization, campaign.id, invitee.clone(), extra, now);
            if campaign.is_open(now) {
                one.invite(lane, now);
            }
            one
        };
        let mut assigned: Vec<Assignment> = people.iter().map(assign).collect();
        unit.save_assignments(&mut assigned).await?;
        let origin = |one: &Assignment| Origin::Campaign { campaign: id, assignment: one.id };
        let invited = assigned.iter().map(|one| (&one.invitee, origin(one)));
        invitations::note(&mut *unit, campaign.organization, invited, now).await?;
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
        let permit = self.view(ctx, organization, id).await?;
        let mut page = PageRequest { limit: Limit::new(100).map_err(StoreError::from)?, after: None };
        let (mut at, mut together) = (None, Vec::with_capacity(people));
        loop {
            let Page { items, next } = self.ports.reading.assignments(&permit.ctx, id, &page).await?;
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
        let permit = self.view(ctx, organization, id).await?;
        Ok(self.ports.reading.assignments(&permit.ctx, id, page).await?)
    }

    /// One assignment.
    pub async fn assignment(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: CampaignId,
        assignment: AssignmentId,
    ) -> Result<AssignmentView, Refused> {
        let opened = self.ports.open::<Campaign>(ctx, organization, id, Action::ViewCampaigns).await?;
        let Opened { mut unit, found: campaign, .. } = opened;
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
        read: (AssignmentId, i64),
        extra: Option<ExtraTime>,
    ) -> Result<AssignmentView, Refused> {
        let (mut unit, mut assignment) = self.open_assignment(ctx, organization, id, read).await?;
        let now = self.ports.clock.now();
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
        read: (AssignmentId, i64),
        reason: Option<Reason>,
    ) -> Result<(), Refused> {
        let (mut unit, mut assignment) = self.open_assignment(ctx, organization, id, read).await?;
        let now = self.ports.clock.now();
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

    /// An assignment to change, in an open unit.
    async fn open_assignment(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: CampaignId,
        (assignment, version): (AssignmentId, i64),
    ) -> Result<(Box<Unit>, Assignment), Refused> {
        let opened = self.ports.open::<Campaign>(ctx, organization, id, Action::RunCampaigns).await?;
        let Opened { mut unit, found: campaign, .. } = opened;
        let assignment = of(&mut *unit, &campaign, assignment).await?;
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
            let address = invitee.email.as_ref().map(EmailAddress::normalized);
            if !seen.insert((invitee.account, address)) {
                return Err(invalid(format!("/people/{place}"), "stands in this list before"));
            }
        }
        let accounts: Vec<AccountId> = people.iter().filter_map(|person| person.invitee.account).collect();
        let members = self.ports.people.members(organization, &accounts).await?;
        let stranger =
            |person: &NewAssignee| person.invitee.account.is_some_and(|account| !members.contains(&account));
        match people.iter().position(stranger) {
            None => Ok(()),
            Some(place) => {
                let detail = "is no member of the organisation; ask others by their address";
                Err(invalid(format!("/people/{place}/account_id"), detail))
            }
        }
    }
}

/// What to do where somebody began.
const BEGUN: &str = "the person has begun; extend or reopen the session to give more time";

async fn of(unit: &mut Unit, campaign: &Campaign, id: AssignmentId) -> Result<Assignment, Refused> {
    let found = unit.assignment(id).await?.filter(|found| found.campaign == campaign.id);
    found.ok_or(Refused::Missing("assignment"))
}

/// Whether two invitations ask one person.
fn is_same(one: &Invitee, other: &Invitee) -> bool {
    let address = |of: &Invitee| of.email.as_ref().map(EmailAddress::normalized);
    (one.account.is_some() && one.account == other.account)
        || address(one).is_some_and(|own| address(other) == Some(own))
}

/// How a refusal names a person: by the address that was asked, or the account.
fn name_of(invitee: &Invitee) -> String {
    let account = || invitee.account.map(|account| format!("account {account}"));
    invitee.email.as_ref().map(ToString::to_string).or_else(account).unwrap_or_default()
}
