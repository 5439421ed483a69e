//! The letters of this domain: invitations and reminders, with links that are minted when they are sent, and word that
//! a result may be seen.

use std::sync::Arc;

use assessment_format::definition::Disclosure;
use async_trait::async_trait;
use kernel::{
    AccountId, Actor, Ctx, Delivery, EmailAddress, EventHandler, EventHandlerError, Id, Mail, MailError,
    Mailer, Name, OrganizationId, Scope, Secret, StoreError, Timestamp,
    invitation::{InvitationLink, Invitee, Token},
};
use serde_json::{Value, json};

use crate::{
    authoring::published::PublishedVersion,
    campaigns::assignment::Assignment,
    coaching::{coaching_session::CoachingSession, is_done},
    invitations::{ExtraTime, delivery::DeliverySettings},
    ports::{Ports, Settings},
    refusal::Refused,
    sessions::interview_session::{InterviewSession, InterviewSessionId, Origin},
    unit::Unit,
};

const INVITE: &str = "campaign_assignment.invite";
const REMIND: &str = "campaign_assignment.remind";
const ARRANGE: &str = "coaching_session.arrange";
const REMIND_COACHEE: &str = "coaching_session.remind";
const RELEASE: &str = "interview_session.release";

/// Writes letters. A link's token is minted only here, when its letter is sent.
#[derive(Clone)]
pub struct AssessmentMails {
    ports: Ports,
    settings: Arc<Settings>,
    mailer: Arc<dyn Mailer>,
}

impl std::fmt::Debug for AssessmentMails {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AssessmentMails")
    }
}

/// A letter before it is sent.
struct Letter {
    to: EmailAddress,
    template: &'static str,
    values: Value,
    link: Secret,
}

/// Where a letter goes, and how it addresses the person.
struct Addressee {
    email: EmailAddress,
    name: Option<String>,
}

/// What somebody is asked for, as a letter tells it.
struct InvitationDetails<'a> {
    origin: Origin,
    by: AccountId,
    title: &'a Name,
    message: &'a str,
    published: Id<PublishedVersion>,
    delivery: &'a DeliverySettings,
    extra: Option<&'a ExtraTime>,
    scheduled_at: Option<Timestamp>,
    closes_at: Option<Timestamp>,
}

impl AssessmentMails {
    /// Letters over these ports.
    pub fn new(ports: Ports, settings: Arc<Settings>, mailer: Arc<dyn Mailer>) -> Self {
        Self { ports, settings, mailer }
    }

    async fn begin(&self, organization: OrganizationId) -> Result<Box<Unit>, StoreError> {
        let scope = Scope::Tenant(organization);
        self.ports.store.begin(&Ctx::new(Actor::System, scope)).await
    }

    async fn letter(
        &self,
        organization: OrganizationId,
        delivery: &Delivery,
    ) -> Result<Option<Letter>, Refused> {
        let id = delivery.target_id;
        match delivery.topic.as_str() {
            INVITE => {
                self.to_assigned(organization, Id::from_uuid(id), "assessment/campaign-invitation").await
            }
            REMIND => self.to_assigned(organization, Id::from_uuid(id), "assessment/campaign-reminder").await,
            ARRANGE => {
                self.to_coachee(organization, Id::from_uuid(id), "assessment/coaching-invitation").await
            }
            REMIND_COACHEE => {
                self.to_coachee(organization, Id::from_uuid(id), "assessment/coaching-reminder").await
            }
            RELEASE => self.of_result(organization, Id::from_uuid(id)).await,
            _ => Ok(None),
        }
    }

    /// Nobody is written to who was withdrawn, is done, or cannot begin any more.
    async fn to_assigned(
        &self,
        organization: OrganizationId,
        id: Id<Assignment>,
        template: &'static str,
    ) -> Result<Option<Letter>, Refused> {
        let now = self.ports.clock.now();
        let mut unit = self.begin(organization).await?;
        let found = unit.assignment(id).await?.filter(|found| found.withdrawn_at.is_none());
        let Some(mut assignment) = found else { return Ok(None) };
        let found = unit.campaign(assignment.campaign).await?.filter(|found| found.is_open(now));
        let Some(campaign) = found else { return Ok(None) };
        if over(&mut *unit, assignment.session, now).await? {
            return Ok(None);
        }
        drop(unit);
        let plan = &campaign.plan;
        let invitation = InvitationDetails {
            origin: Origin::Campaign { campaign: campaign.id, assignment: id },
            by: campaign.created_by,
            title: &plan.name,
            message: &plan.message,
            published: plan.chosen.published,
            delivery: &plan.delivery,
            extra: assignment.extra.as_ref(),
            scheduled_at: None,
            closes_at: plan.closes_at,
        };
        let Some(to) = self.addressee(&assignment.invitee).await? else { return Ok(None) };
        let Some(values) = self.values(organization, &to, &invitation).await? else { return Ok(None) };
        let (link, token) = self.mint(organization, &invitation, now);
        assignment.mint(token, now);
        let mut unit = self.begin(organization).await?;
        unit.save_assignment(&mut assignment).await?;
        unit.commit().await?;
        Ok(Some(Letter { to: to.email, template, values, link }))
    }

    async fn to_coachee(
        &self,
        organization: OrganizationId,
        id: Id<CoachingSession>,
        template: &'static str,
    ) -> Result<Option<Letter>, Refused> {
        let now = self.ports.clock.now();
        let mut unit = self.begin(organization).await?;
        let found = unit.coaching_session(id).await?.filter(|found| found.is_open(now));
        let Some(mut coaching) = found else { return Ok(None) };
        if over(&mut *unit, coaching.session, now).await? {
            return Ok(None);
        }
        drop(unit);
        let arrangement = &coaching.arrangement;
        let invitation = InvitationDetails {
            origin: Origin::Coaching(id),
            by: coaching.coach,
            title: &arrangement.title,
            message: &arrangement.message,
            published: arrangement.chosen.published,
            delivery: &arrangement.delivery,
            extra: arrangement.extra.as_ref(),
            scheduled_at: arrangement.scheduled_at,
            closes_at: arrangement.closes_at,
        };
        let Some(to) = self.addressee(&coaching.coachee).await? else { return Ok(None) };
        let Some(values) = self.values(organization, &to, &invitation).await? else { return Ok(None) };
        let (link, token) = self.mint(organization, &invitation, now);
        coaching.mint(token, now);
        let mut unit = self.begin(organization).await?;
        unit.save_coaching_session(&mut coaching).await?;
        unit.commit().await?;
        Ok(Some(Letter { to: to.email, template, values, link }))
    }

    /// Word that the result may be seen, where anything of it may.
    async fn of_result(
        &self,
        organization: OrganizationId,
        id: Id<InterviewSession>,
    ) -> Result<Option<Letter>, Refused> {
        let mut unit = self.begin(organization).await?;
        let Some(session) = unit.interview_session(id).await? else { return Ok(None) };
        let Some(result) = unit.result_of(id).await? else { return Ok(None) };
        let (invitee, title) = match session.origin {
            Origin::Campaign { campaign, assignment } => (
                unit.assignment(assignment).await?.map(|found| found.invitee.clone()),
                unit.campaign(campaign).await?.map(|found| found.plan.name.clone()),
            ),
            Origin::Coaching(id) => {
                let found = unit.coaching_session(id).await?;
                let title = found.as_ref().map(|found| found.arrangement.title.clone());
                (found.map(|found| found.coachee.clone()), title)
            }
        };
        drop(unit);
        let (Some(invitee), Some(title)) = (invitee, title) else { return Ok(None) };
        let settings = self.published(organization, session.published).await?.definition.settings.clone();
        if settings.disclosure == Disclosure::None {
            return Ok(None);
        }
        let Some(to) = self.addressee(&invitee).await? else { return Ok(None) };
        let name = self.ports.people.organization_name(organization).await?;
        let Some(name) = name else { return Ok(None) };
        let values = json!({
            "name": to.name,
            "organization": name,
            "title": title,
            "assessment": settings.name,
        });
        let link = format!("{}/assessment#result={}", self.settings.public_url, result.id);
        let template = "assessment/result-released";
        Ok(Some(Letter { to: to.email, template, values, link: Secret::new(link) }))
    }

    /// The address that was asked, else that of the account; `None` once the person had their data erased.
    async fn addressee(&self, invitee: &Invitee) -> Result<Option<Addressee>, Refused> {
        if let Some(email) = &invitee.email {
            let name = invitee.name.as_ref().map(ToString::to_string);
            return Ok(Some(Addressee { email: email.clone(), name }));
        }
        let Some(account) = invitee.account else { return Ok(None) };
        let person = self.ports.people.person(account).await?;
        Ok(person.map(|person| Addressee { email: person.email, name: person.name }))
    }

    /// What a letter shows; `None` of an organisation that was closed.
    async fn values(
        &self,
        organization: OrganizationId,
        to: &Addressee,
        invitation: &InvitationDetails<'_>,
    ) -> Result<Option<Value>, Refused> {
        let people = &self.ports.people;
        let Some(name) = people.organization_name(organization).await? else { return Ok(None) };
        let inviter = people.person(invitation.by).await?.and_then(|person| person.name);
        let published = self.published(organization, invitation.published).await?;
        let rules = invitation.delivery.rules(&published.definition, None);
        let extra = invitation.extra.map_or(0, |extra| u32::from(extra.minutes.get()));
        Ok(Some(json!({
            "name": to.name,
            "organization": name,
            "inviter": inviter.unwrap_or_else(|| "A colleague".to_owned()),
            "title": invitation.title,
            "message": invitation.message,
            "assessment": published.definition.settings.name,
            "minutes": rules.minutes.map(|minutes| u32::from(minutes) + extra),
            "scheduled_at": invitation.scheduled_at,
            "closes_at": invitation.closes_at,
        })))
    }

    async fn published(
        &self,
        organization: OrganizationId,
        id: Id<PublishedVersion>,
    ) -> Result<Arc<PublishedVersion>, Refused> {
        let ctx = Ctx::new(Actor::System, Scope::Tenant(organization));
        self.ports.published(&ctx, organization, id).await
    }

    /// A link, and what is kept of its token.
    fn mint(
        &self,
        organization: OrganizationId,
        invitation: &InvitationDetails<'_>,
        now: Timestamp,
    ) -> (Secret, Token) {
        let (token, digest) =
            InvitationLink::mint(invitation.origin.invited(organization), &*self.ports.random);
        let longest = now.plus(self.settings.invitation_life);
        let expires_at = invitation.closes_at.map_or(longest, |at| at.min(longest));
        let link = format!("{}/assessment#token={}", self.settings.public_url, token.expose());
        (Secret::new(link), Token { digest, expires_at })
    }
}

/// Whether the session is over, where there is one.
async fn over(unit: &mut Unit, session: Option<InterviewSessionId>, now: Timestamp) -> Result<bool, Refused> {
    let Some(session) = session else { return Ok(false) };
    Ok(unit.interview_session(session).await?.is_none_or(|session| is_done(&session, now)))
}

#[async_trait]
impl EventHandler for AssessmentMails {
    fn topics(&self) -> &'static [&'static str] {
        &[INVITE, REMIND, ARRANGE, REMIND_COACHEE, RELEASE]
    }

    async fn handle(&self, delivery: &Delivery) -> Result<(), EventHandlerError> {
        let Some(organization) = delivery.organization else { return Ok(()) };
        let Some(letter) = self.letter(organization, delivery).await? else { return Ok(()) };
        let Letter { to, template, values, link } = letter;
        let mail = Mail { link: Some(link), ..Mail::new(to.to_string(), template, values, delivery.id) };
        self.mailer.send(&mail).await.map_err(|error| match error {
            MailError::Transient(_) => EventHandlerError::Retry(error.to_string()),
            MailError::Permanent(_) => EventHandlerError::GiveUp(error.to_string()),
        })
    }
}
