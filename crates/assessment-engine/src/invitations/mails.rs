//! The letters of this domain: invitations and reminders, word that a session was opened again, and that a result may
//! be seen. Their links are made when they are sent.

use std::sync::Arc;

use assessment_format::definition::Disclosure;
use async_trait::async_trait;
use kernel::{
    Actor, Ctx, Delivery, EmailAddress, EventHandler, EventHandlerError, Id, LetterWish, Mail, MailError,
    Mailer, Notice, NoticeKind, OrganizationId, Scope, Secret, SentFor, StoreError, Timestamp,
    invitation::{InvitationLink, Invited, Invitee},
    letters::letters_about,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    authoring::published::PublishedVersion,
    coaching::is_done,
    invitations::InvitationSource,
    ports::{Ports, Settings},
    refusal::Refused,
    sessions::interview_session::{InterviewSession, InterviewSessionId, OriginKind},
    unit::Unit,
};

const INVITE: &str = "campaign_assignment.invite";
const REMIND: &str = "campaign_assignment.remind";
const ARRANGE: &str = "coaching_session.arrange";
const CORRECT_COACHEE: &str = "coaching_session.correct";
const REMIND_COACHEE: &str = "coaching_session.remind";
const REOPEN: &str = "interview_session.reopen";
const RELEASE: &str = "interview_session.release";

/// Writes letters. A link is made only here, when its letter is sent.
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
    about: Invited,
    issued_at: Timestamp,
    /// Whether the organisation asked an account, and not an address.
    is_to_account: bool,
}

/// Where a letter goes, and how it addresses the person.
struct Addressee {
    email: EmailAddress,
    name: Option<String>,
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
        let (campaign, coaching) = (OriginKind::Campaign, OriginKind::Coaching);
        let (kind, template) = match delivery.topic.as_str() {
            INVITE => (campaign, "assessment/campaign-invitation"),
            REMIND => (campaign, "assessment/campaign-reminder"),
            ARRANGE | CORRECT_COACHEE => (coaching, "assessment/coaching-invitation"),
            REMIND_COACHEE => (coaching, "assessment/coaching-reminder"),
            REOPEN => return self.of_reopened(organization, Id::from_uuid(delivery.target_id)).await,
            RELEASE => return self.of_result(organization, Id::from_uuid(delivery.target_id)).await,
            _ => return Ok(None),
        };
        self.invitation(organization, (delivery.target_id, kind), template).await
    }

    /// Nobody is written to who was withdrawn, is done, or cannot begin any more.
    async fn invitation(
        &self,
        organization: OrganizationId,
        (id, kind): (Uuid, OriginKind),
        template: &'static str,
    ) -> Result<Option<Letter>, Refused> {
        let now = self.ports.clock.now();
        let mut unit = self.begin(organization).await?;
        let asked = |source: &InvitationSource| source.stands() && source.window(now).is_ok();
        let found = InvitationSource::of(&mut *unit, id, Some(kind)).await?.filter(asked);
        let Some(source) = found else { return Ok(None) };
        if over(&mut *unit, source.session(), now).await? {
            return Ok(None);
        }
        drop(unit);
        let Some(to) = self.addressee(source.invitee()).await? else { return Ok(None) };
        let Some(values) = self.values(&to, &source).await? else { return Ok(None) };
        Ok(Some(self.linked(to, template, values, &source, now)))
    }

    /// Word that a session goes on, as long as it does.
    async fn of_reopened(
        &self,
        organization: OrganizationId,
        id: Id<InterviewSession>,
    ) -> Result<Option<Letter>, Refused> {
        let now = self.ports.clock.now();
        let mut unit = self.begin(organization).await?;
        let Some(session) = unit.interview_session(id).await?.filter(|found| !is_done(found, now)) else {
            return Ok(None);
        };
        let origin = session.origin;
        let found = InvitationSource::of(&mut *unit, origin.id(), Some(origin.kind())).await?;
        let Some(source) = found.filter(InvitationSource::stands) else { return Ok(None) };
        drop(unit);
        let Some(to) = self.addressee(source.invitee()).await? else { return Ok(None) };
        let Some(mut values) = self.values(&to, &source).await? else { return Ok(None) };
        values["deadline"] = json!(session.settled(now).deadline);
        Ok(Some(self.linked(to, "assessment/session-reopened", values, &source, now)))
    }

    /// Word that the result may be seen, where anything of it may. A guest looks at it by the link, whoever has an
    /// account signs in.
    async fn of_result(
        &self,
        organization: OrganizationId,
        id: Id<InterviewSession>,
    ) -> Result<Option<Letter>, Refused> {
        let now = self.ports.clock.now();
        let mut unit = self.begin(organization).await?;
        let Some(session) = unit.interview_session(id).await? else { return Ok(None) };
        let Some(result) = unit.result_of(id).await? else { return Ok(None) };
        let origin = session.origin;
        let found = InvitationSource::of(&mut *unit, origin.id(), Some(origin.kind())).await?;
        let Some(source) = found else { return Ok(None) };
        drop(unit);
        let published = self.published(organization, session.published).await?;
        if published.definition.settings.disclosure == Disclosure::None {
            return Ok(None);
        }
        let Some(to) = self.addressee(source.invitee()).await? else { return Ok(None) };
        let Some(mut values) = self.values(&to, &source).await? else { return Ok(None) };
        let is_guest = source.invitee().account.is_none();
        values["days"] = json!(is_guest.then_some(self.settings.result_life.as_secs() / (24 * 3600)));
        let mut letter = self.linked(to, "assessment/result-released", values, &source, now);
        if !is_guest {
            let link = format!("{}/assessment#result={}", self.settings.public_url, result.id);
            letter.link = Secret::new(link);
        }
        Ok(Some(letter))
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
    async fn values(&self, to: &Addressee, source: &InvitationSource) -> Result<Option<Value>, Refused> {
        let (people, organization) = (&self.ports.people, source.organization());
        let Some(name) = people.organization_name(organization).await? else { return Ok(None) };
        let inviter = people.person(source.run_by()).await?.and_then(|person| person.name);
        let published = self.published(organization, source.chosen().published).await?;
        let rules = source.delivery().rules(&published.definition, None);
        Ok(Some(json!({
            "name": to.name,
            "organization": name,
            "inviter": inviter.unwrap_or_else(|| "A colleague".to_owned()),
            "title": source.title(),
            "message": source.message(),
            "assessment": published.definition.settings.name,
            "minutes": rules.minutes.map(|minutes| u32::from(minutes) + source.granted_minutes()),
            "scheduled_at": source.scheduled_at(),
            "closes_at": source.closes_at(),
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

    /// A letter with a link to what the person was asked.
    fn linked(
        &self,
        to: Addressee,
        template: &'static str,
        values: Value,
        source: &InvitationSource,
        issued_at: Timestamp,
    ) -> Letter {
        let about = source.origin().invited(source.organization());
        let token = self.ports.guest_tokens.link(&InvitationLink { invited: about, issued_at });
        let link = Secret::new(format!("{}/assessment#token={}", self.settings.public_url, token.expose()));
        let is_to_account = source.invitee().email.is_none();
        Letter { to: to.email, template, values, link, about, issued_at, is_to_account }
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
        &[INVITE, REMIND, ARRANGE, CORRECT_COACHEE, REMIND_COACHEE, REOPEN, RELEASE]
    }

    async fn handle(&self, delivery: &Delivery) -> Result<(), EventHandlerError> {
        let Some(organization) = delivery.organization else { return Ok(()) };
        let Some(letter) = self.letter(organization, delivery).await? else { return Ok(()) };
        let Letter { to, template, values, link, about, issued_at, is_to_account } = letter;
        let wish = match Notice::told_beside(delivery) {
            Some(account) => self.mailer.wanted_by(account, NoticeKind::Assessment).await?,
            None => LetterWish::Now,
        };
        let is_wanted = match wish {
            // Nobody who asked an address learns from the time of a letter that it has an account, and where.
            LetterWish::After(until) if is_to_account => {
                return Err(EventHandlerError::TooEarly { until, why: "the person has quiet hours" });
            }
            LetterWish::Now | LetterWish::After(_) => true,
            LetterWish::Unwanted => false,
        };
        let asks = !matches!(delivery.topic.as_str(), REOPEN | RELEASE);
        let sent_for = Some(SentFor { organization, asks });
        let mail = Mail {
            link: Some(link),
            sent_for,
            ..Mail::new(to.for_delivery(), template, values, delivery.id)
        };
        let sent = if is_wanted { Some(MailError::refusal(self.mailer.send(&mail).await)?) } else { None };
        let mut unit = self.begin(organization).await.map_err(Refused::from)?;
        let mut history = letters_about(&mut *unit, about).await.map_err(Refused::from)?;
        let now = self.ports.clock.now();
        match sent {
            Some(refusal) => history.settle(delivery.id, issued_at, refusal, now),
            None => history.tell(delivery.id, now),
        }
        unit.put_letters(&history).await.map_err(Refused::from)?;
        Ok(unit.commit().await.map_err(Refused::from)?)
    }
}
