//! Who is asked in a campaign.

use std::{collections::HashSet, time::Duration};

use assessment_format::session::{Event, Reason, Stage};
use kernel::{
    AccountId, Asking, Ctx, EmailAddress, Lane, Limit, Name, OrganizationId, Page, PageRequest, Permit,
    StoreError,
    invitation::Invitee,
    letters::{LetterHistory, letters_about},
};
use uuid::Uuid;

use crate::{
    campaigns::{
        CampaignService,
        assignment::{Assignment, AssignmentId},
        campaign::{Campaign, CampaignId, CampaignStatus},
    },
    invitations::{self, ExtraTime, correctable},
    notices,
    opened::Opened,
    reading::{Asked, AssignmentView},
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

/// What is changed of an assignment.
#[derive(Debug, Clone, Default)]
pub struct AssignmentEdit {
    /// Time the person has beyond everyone else.
    pub extra: Option<Option<ExtraTime>>,
    /// The address they are asked at, and how letters greet them.
    pub address: Option<(EmailAddress, Option<Name>)>,
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
    ) -> Result<Vec<Asked<Assignment>>, Refused> {
        let permit = self.ports.gate.permit(ctx, organization, &Action::RunCampaigns).await?;
        let known_as = self.check_people(organization, &people).await?;
        let asking = self.ports.asking(organization).await?;
        for _ in 0..RACES {
            match self.try_assign(permit.clone(), id, (&people, &known_as), asking).await {
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
        (people, known_as): (&[NewAssignee], &[Invitee]),
        asking: Asking,
    ) -> Result<Vec<Asked<Assignment>>, Refused> {
        let Opened { mut unit, found: campaign, .. } = self.hold(permit, id).await?;
        let now = self.ports.clock.now();
        let ended = campaign.plan.closes_at.is_some_and(|at| at <= now);
        if campaign.status == CampaignStatus::Closed || ended {
            return Err(Refused::Closed("the campaign is over; nobody new is asked"));
        }
        let known = unit.assignments_among(id, &known_as.iter().collect::<Vec<_>>()).await?;
        let asked = |one: &Invitee| known.iter().any(|of| is_same(one, &of.invitee));
        if let Some(place) = known_as.iter().position(asked) {
            return Err(Refused::AlreadyAssigned(name_of(&people[place].invitee)));
        }
        let asked_by = (campaign.organization, asking);
        self.ports.quotas.admit_people(&mut *unit, asked_by, people.len(), now).await?;
        let lane = if people.len() == 1 { Lane::Now } else { Lane::Bulk };
        let assign = |NewAssignee { invitee, extra }: &NewAssignee| {
            let (id, extra) = (self.ports.ids.next(), extra.clone());
            let mut one =
                Assignment::assign(id, campaign.organization, campaign.id, invitee.clone(), extra, now);
            if campaign.is_open(now) {
                one.invite(lane, notices::assigned(&one, &campaign), now);
            }
            one
        };
        let mut assigned: Vec<Assignment> = people.iter().map(assign).collect();
        unit.save_assignments(&mut assigned).await?;
        let origin = |one: &Assignment| Origin::Campaign { campaign: id, assignment: one.id };
        let invited = assigned.iter().map(|one| (&one.invitee, origin(one)));
        invitations::note(&mut *unit, campaign.organization, invited, now).await?;
        unit.commit().await?;
        Ok(assigned.into_iter().map(|one| Asked::new(one, |one| &one.invitee)).collect())
    }

    /// What [`CampaignService::assign`] made of so many people, found again by the first of it.
    pub async fn assigned_with(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: CampaignId,
        (first, people): (AssignmentId, usize),
    ) -> Result<Vec<Asked<Assignment>>, Refused> {
        let permit = self.view(ctx, organization, id).await?;
        let mut page = PageRequest { limit: Limit::MOST, after: None };
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
                _ => break,
            }
        }
        let mut unit = self.ports.store.begin(&permit.ctx).await?;
        Ok(invitations::delivered(&mut *unit, organization, together, key_of_new).await?)
    }

    /// Who is asked, oldest first; those who were withdrawn too.
    pub async fn assignments(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: CampaignId,
        page: &PageRequest,
    ) -> Result<Page<Asked<AssignmentView>>, Refused> {
        let permit = self.view(ctx, organization, id).await?;
        let Page { items, next } = self.ports.reading.assignments(&permit.ctx, id, page).await?;
        let mut unit = self.ports.store.begin(&permit.ctx).await?;
        let items = invitations::delivered(&mut *unit, organization, items, key).await?;
        Ok(Page { items, next })
    }

    /// One assignment.
    pub async fn assignment(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: CampaignId,
        assignment: AssignmentId,
    ) -> Result<Asked<AssignmentView>, Refused> {
        let opened = self.ports.open::<Campaign>(ctx, organization, id, Action::ViewCampaigns).await?;
        let Opened { mut unit, found: campaign, .. } = opened;
        let assignment = of(&mut *unit, &campaign, assignment).await?;
        let session = match assignment.session {
            Some(session) => unit.interview_session(session).await?,
            None => None,
        };
        let progress = session.map(|session| session.settled(self.ports.clock.now()));
        Ok(shown(&mut *unit, AssignmentView { assignment, progress }).await?)
    }

    /// Changes the assignment read at `version`. Extra time takes the place of what the person was given before; once
    /// they began, time is given to their session. Another address is where the person is asked from now on, by
    /// another letter, as long as nobody has opened it: no link of an earlier letter opens anything then.
    pub async fn edit_assignment(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: CampaignId,
        read: (AssignmentId, i64),
        edit: AssignmentEdit,
    ) -> Result<Asked<AssignmentView>, Refused> {
        let invitee = edit.address.clone().map(|(email, name)| Invitee::address(email, name));
        let known_as = self.known_as(organization, invitee.iter()).await?;
        let OpenAssignment { mut unit, campaign, mut assignment } =
            self.open_assignment(ctx, organization, id, read).await?;
        let now = self.ports.clock.now();
        let mut progress = None;
        if let Some(session) = assignment.session {
            let session = unit.interview_session_for_update(session).await?;
            let mut session = session.ok_or(Refused::Missing("session"))?;
            if let Some(extra) = &edit.extra {
                if session.progress.status.stage() != Stage::NotStarted {
                    return Err(Refused::Closed(BEGUN));
                }
                session.allow(extra.as_ref().map_or(0, |extra| extra.minutes.get().into()), now);
                if session.has_changed() {
                    unit.save_interview_session(&mut session).await?;
                }
            }
            progress = Some(session.progress.clone());
        }
        if let Some(extra) = edit.extra.filter(|extra| *extra != assignment.extra) {
            assignment.grant(extra, now);
        }
        if let Some((email, name)) = edit.address {
            correctable(&assignment.invitee, assignment.session.is_some())?;
            let others = unit.assignments_among(id, &known_as.iter().collect::<Vec<_>>()).await?;
            if others.iter().any(|of| of.id != assignment.id) {
                return Err(Refused::AlreadyAssigned(email.to_string()));
            }
            assignment.correct(email, name, now);
            let origin = Origin::Campaign { campaign: id, assignment: assignment.id };
            invitations::revoke_links(&mut *unit, origin.invited(organization), now).await?;
            invitations::note(&mut *unit, organization, [(&assignment.invitee, origin)].into_iter(), now)
                .await?;
            if campaign.is_open(now) {
                assignment.invite(Lane::Now, notices::assigned(&assignment, &campaign), now);
            }
        }
        if assignment.has_changed() {
            unit.save_assignment(&mut assignment).await?;
        }
        let shown = shown(&mut *unit, AssignmentView { assignment, progress }).await?;
        unit.commit().await?;
        Ok(shown)
    }

    /// Sends the letter of one assignment again: at once where the last one did not reach the person, else at most
    /// once in an hour.
    pub async fn send_again(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: CampaignId,
        assignment: AssignmentId,
    ) -> Result<Asked<AssignmentView>, Refused> {
        let opened = self.ports.open::<Campaign>(ctx, organization, id, Action::RunCampaigns).await?;
        let Opened { mut unit, found: campaign, .. } = opened;
        let mut assignment = of(&mut *unit, &campaign, assignment).await?;
        let now = self.ports.clock.now();
        if assignment.withdrawn_at.is_some() {
            return Err(Refused::Closed(TAKEN_BACK));
        }
        if !campaign.is_open(now) {
            return Err(Refused::Closed("letters are sent while the campaign is open"));
        }
        let mut progress = None;
        if let Some(session) = assignment.session {
            let session = unit.interview_session(session).await?;
            progress = session.map(|session| session.settled(now));
        }
        if progress.as_ref().is_some_and(|of| is_over(of.status.stage())) {
            return Err(Refused::Closed("the person is done"));
        }
        let origin = Origin::Campaign { campaign: id, assignment: assignment.id };
        let undelivered = invitations::is_undelivered(&mut *unit, origin.invited(organization)).await?;
        let lately = assignment.invitee.asked_at().is_some_and(|at| now < at.plus(HOUR));
        if lately && !undelivered {
            return Err(Refused::Closed("a letter was sent within the last hour"));
        }
        if assignment.invitee.invited_at.is_some() && !undelivered {
            assignment.remind(Lane::Now, notices::reminded(&assignment, &campaign), now);
        } else {
            assignment.invite(Lane::Now, notices::assigned(&assignment, &campaign), now);
        }
        unit.save_assignment(&mut assignment).await?;
        let shown = shown(&mut *unit, AssignmentView { assignment, progress }).await?;
        unit.commit().await?;
        Ok(shown)
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
        let OpenAssignment { mut unit, mut assignment, .. } =
            self.open_assignment(ctx, organization, id, read).await?;
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
    ) -> Result<OpenAssignment, Refused> {
        let opened = self.ports.open::<Campaign>(ctx, organization, id, Action::RunCampaigns).await?;
        let Opened { mut unit, found: campaign, .. } = opened;
        let assignment = of(&mut *unit, &campaign, assignment).await?;
        assignment.unchanged_since(version)?;
        if assignment.withdrawn_at.is_some() {
            return Err(Refused::Closed(TAKEN_BACK));
        }
        Ok(OpenAssignment { unit, campaign, assignment })
    }

    /// Refuses too many people, the same one twice, and accounts that are no members. Returns what each is known as: a
    /// member by their account and by its address, whichever of the two was sent.
    async fn check_people(
        &self,
        organization: OrganizationId,
        people: &[NewAssignee],
    ) -> Result<Vec<Invitee>, Refused> {
        let invalid = |pointer: String, detail: &str| Refused::Invalid { pointer, detail: detail.to_owned() };
        if !(1..=Self::MOST_ASSIGNEES).contains(&people.len()) {
            return Err(invalid("/people".to_owned(), "names 1 to 500 people"));
        }
        let accounts: Vec<AccountId> = people.iter().filter_map(|person| person.invitee.account).collect();
        let members = self.ports.people.members(organization, &accounts).await?;
        let stranger =
            |person: &NewAssignee| person.invitee.account.is_some_and(|account| !members.contains(&account));
        if let Some(place) = people.iter().position(stranger) {
            let detail = "is no member of the organisation; ask others by their address";
            return Err(invalid(format!("/people/{place}/account_id"), detail));
        }
        let known_as = self.known_as(organization, people.iter().map(|person| &person.invitee)).await?;
        let (mut accounts, mut addresses) = (HashSet::new(), HashSet::new());
        for (place, one) in known_as.iter().enumerate() {
            let is_new = one.account.is_none_or(|account| accounts.insert(account))
                & one.email.as_ref().is_none_or(|email| addresses.insert(email.normalized()));
            if !is_new {
                return Err(invalid(format!("/people/{place}"), "stands in this list before"));
            }
        }
        Ok(known_as)
    }

    async fn known_as(
        &self,
        organization: OrganizationId,
        invitees: impl Iterator<Item = &Invitee> + Clone + Send,
    ) -> Result<Vec<Invitee>, Refused> {
        let addresses: Vec<&EmailAddress> = invitees.clone().filter_map(|one| one.email.as_ref()).collect();
        let members = self.ports.people.members_with(organization, &addresses).await?;
        let mut known_as = Vec::new();
        for one in invitees {
            let mut one = one.clone();
            match (one.account, &one.email) {
                (Some(account), None) => {
                    one.email = self.ports.people.person(account).await?.map(|person| person.email);
                }
                (None, Some(email)) => one.account = members.get(&email.normalized()).copied(),
                _ => {}
            }
            known_as.push(one);
        }
        Ok(known_as)
    }
}

/// An assignment to change, in an open unit.
struct OpenAssignment {
    unit: Box<Unit>,
    campaign: Campaign,
    assignment: Assignment,
}

const HOUR: Duration = Duration::from_secs(3600);

const TAKEN_BACK: &str = "the assignment was taken back; ask the person anew";
/// What to do where somebody began.
const BEGUN: &str = "the person has begun; extend or reopen the session to give more time";

async fn of(unit: &mut Unit, campaign: &Campaign, id: AssignmentId) -> Result<Assignment, Refused> {
    let found = unit.assignment(id).await?.filter(|found| found.campaign == campaign.id);
    found.ok_or(Refused::Missing("assignment"))
}

fn key_of_new(of: &Assignment) -> (Uuid, &Invitee) {
    (of.id.uuid(), &of.invitee)
}

fn key(of: &AssignmentView) -> (Uuid, &Invitee) {
    (of.assignment.id.uuid(), &of.assignment.invitee)
}

async fn shown(unit: &mut Unit, view: AssignmentView) -> Result<Asked<AssignmentView>, StoreError> {
    let of = &view.assignment;
    let origin = Origin::Campaign { campaign: of.campaign, assignment: of.id };
    let history = letters_about(unit, origin.invited(of.organization)).await?;
    let delivery = LetterHistory::status(Some(&history), of.invitee.asked_at());
    Ok(Asked { of: view, delivery })
}

const fn is_over(stage: Stage) -> bool {
    !matches!(stage, Stage::NotStarted | Stage::InProgress | Stage::Paused)
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
