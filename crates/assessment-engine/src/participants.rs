//! What belongs to a person: found for them when they prove an address that was asked, and forgotten with them.

mod erasure;
pub mod participation;
pub mod personal_data;

use async_trait::async_trait;
use kernel::{
    AccountId, Actor, Ctx, Delivery, EmailAddress, EventHandler, EventHandlerError, Id, OrganizationId,
    Scope, StoreError, invitation::Invitee,
};

use crate::{
    campaigns::assignment::Assignment,
    coaching::coaching_session::CoachingSession,
    participants::participation::Participation,
    ports::Ports,
    refusal::Refused,
    sessions::interview_session::Origin,
    unit::{ASSIGNED_ACCOUNT, Unit},
};

const OPENED: &str = "account.open";
const MOVED: &str = "account.change_email";
const ASSIGNED: &str = "campaign_assignment.assign";
const ARRANGED: &str = "coaching_session.arrange";
const CORRECTED: &str = "campaign_assignment.correct";
const CORRECTED_COACHEE: &str = "coaching_session.correct";

/// Reacts to people who come and move, and to addresses that are asked.
#[derive(Debug, Clone)]
pub struct ParticipantService {
    pub(crate) ports: Ports,
}

/// What somebody is asked in.
enum Invited {
    Campaign(Assignment),
    Coaching(CoachingSession),
}

impl ParticipantService {
    /// Over these ports.
    pub fn new(ports: Ports) -> Self {
        Self { ports }
    }

    async fn begin(&self, scope: Scope) -> Result<Box<Unit>, StoreError> {
        self.ports.store.begin(&Ctx::new(Actor::System, scope)).await
    }

    /// What the address of the account was asked for is the person's from now on.
    async fn find(&self, account: AccountId) -> Result<(), Refused> {
        let Some(person) = self.ports.people.person(account).await? else { return Ok(()) };
        self.adopt(account, &person.email).await
    }

    /// The address in this has an account already, perhaps. Nobody but the person is told.
    async fn find_one(&self, organization: OrganizationId, origin: Origin) -> Result<(), Refused> {
        let mut unit = self.begin(Scope::Tenant(organization)).await?;
        let email = invited(&mut *unit, origin).await?.and_then(|found| found.invitee().email.clone());
        drop(unit);
        let Some(email) = email else { return Ok(()) };
        let Some(person) = self.ports.people.with_address(&email).await? else { return Ok(()) };
        self.link(organization, origin, person.account, &email).await?;
        self.adopt(person.account, &email).await
    }

    async fn adopt(&self, account: AccountId, email: &EmailAddress) -> Result<(), Refused> {
        let mut unit = self.begin(Scope::Worker).await?;
        let asked = unit.pending_email_invitations(email, &Origin::KINDS).await?;
        drop(unit);
        if asked.is_empty() {
            return Ok(());
        }
        let mut all = true;
        for asked in &asked {
            if let Some(origin) = Origin::of(asked) {
                all &= self.link(asked.organization, origin, account, email).await?;
            }
        }
        if all {
            let mut unit = self.begin(Scope::Worker).await?;
            unit.delete_pending_email_invitations(email, &Origin::KINDS).await?;
            unit.commit().await?;
        }
        Ok(())
    }

    /// Makes it the person's, with the session and the result there may be. Says whether nothing is left to do:
    /// where the campaign asks the account beside the address, the address stays a guest's.
    async fn link(
        &self,
        organization: OrganizationId,
        origin: Origin,
        account: AccountId,
        email: &EmailAddress,
    ) -> Result<bool, Refused> {
        let now = self.ports.clock.now();
        let mut unit = self.begin(Scope::Tenant(organization)).await?;
        let Some(found) = invited(&mut *unit, origin).await? else { return Ok(true) };
        let invitee = found.invitee();
        if invitee.account.is_some() || invitee.email.as_ref() != Some(email) || found.is_withdrawn() {
            return Ok(true);
        }
        if let Some(session) = unit.session_of(origin).await?
            && let Some(mut session) = unit.interview_session_for_update(session.id).await?
        {
            session.link(account, now);
            unit.save_interview_session(&mut session).await?;
            if let Some(mut result) = unit.result_of(session.id).await? {
                result.link(account, now);
                unit.save_result(&mut result).await?;
            }
        }
        let saved = match found {
            Invited::Campaign(mut assignment) => {
                let campaign = unit.campaign(assignment.campaign).await?;
                assignment.link(account, campaign.as_ref(), now);
                unit.save_assignment(&mut assignment).await
            }
            Invited::Coaching(mut coaching) => {
                coaching.link(account, now);
                unit.save_coaching_session(&mut coaching).await
            }
        };
        match saved {
            Err(StoreError::Duplicate(ASSIGNED_ACCOUNT)) => return Ok(false),
            saved => saved?,
        }
        unit.put_participations(&[Participation::of(account, organization, origin, now)]).await?;
        unit.commit().await?;
        Ok(true)
    }
}

impl Invited {
    fn invitee(&self) -> &Invitee {
        match self {
            Self::Campaign(assignment) => &assignment.invitee,
            Self::Coaching(coaching) => &coaching.coachee,
        }
    }

    fn is_withdrawn(&self) -> bool {
        matches!(self, Self::Campaign(assignment) if assignment.withdrawn_at.is_some())
    }
}

async fn invited(unit: &mut Unit, origin: Origin) -> Result<Option<Invited>, StoreError> {
    Ok(match origin {
        Origin::Campaign { assignment, .. } => unit.assignment(assignment).await?.map(Invited::Campaign),
        Origin::Coaching(id) => unit.coaching_session(id).await?.map(Invited::Coaching),
    })
}

#[async_trait]
impl EventHandler for ParticipantService {
    fn topics(&self) -> &'static [&'static str] {
        &[OPENED, MOVED, ASSIGNED, CORRECTED, ARRANGED, CORRECTED_COACHEE]
    }

    async fn handle(&self, delivery: &Delivery) -> Result<(), EventHandlerError> {
        let id = delivery.target_id;
        match (delivery.topic.as_str(), delivery.organization) {
            (OPENED | MOVED, _) => self.find(Id::from_uuid(id)).await?,
            (ASSIGNED | CORRECTED, Some(organization)) => {
                let mut unit = self.begin(Scope::Tenant(organization)).await?;
                let found = unit.assignment(Id::from_uuid(id)).await?;
                drop(unit);
                let Some(found) = found else { return Ok(()) };
                let origin = Origin::Campaign { campaign: found.campaign, assignment: found.id };
                self.find_one(organization, origin).await?;
            }
            (ARRANGED | CORRECTED_COACHEE, Some(organization)) => {
                self.find_one(organization, Origin::Coaching(Id::from_uuid(id))).await?;
            }
            _ => {}
        }
        Ok(())
    }
}
