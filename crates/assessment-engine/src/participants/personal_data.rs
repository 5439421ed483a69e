//! What assessments keep of a person, given out to them: what they were asked, what they said, and what came of it as
//! far as they may see it.

use async_trait::async_trait;
use kernel::{
    AccountId, Actor, Ctx, EmailAddress, EventHandlerError, OrganizationId, PageRequest, PersonalData, Scope,
    StoreError,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    domain::DOMAIN,
    invitations::InvitationSource,
    participants::ParticipantService,
    refusal::Refused,
    results::{ResultService, responses::GivenResponses},
    sessions::{Participant, completion::Collected, interview_session::OriginKind},
};

/// What assessments keep of people with an account, and of guests.
#[derive(Debug, Clone)]
pub struct PersonalAssessments {
    participants: ParticipantService,
    results: ResultService,
}

impl PersonalAssessments {
    /// Over these services.
    pub const fn new(participants: ParticipantService, results: ResultService) -> Self {
        Self { participants, results }
    }

    /// Everything kept of a guest in what their pass serves. Whoever has an account exports that.
    pub async fn export_guest(&self, ctx: &Ctx) -> Result<Value, Refused> {
        match Participant::of(&self.participants.ports, ctx).await? {
            Participant::Account(_) => Err(Refused::AccountNeeded),
            Participant::Guest { origin, organization } => {
                let own = |source: &InvitationSource| {
                    source.invitee().account.is_none() && source.invitee().email.is_some()
                };
                let part = self.part(organization, (origin, None), own).await?;
                part.ok_or(Refused::Missing("assignment"))
            }
        }
    }

    /// Forgets a guest in what their pass serves: the scores stay, as nobody's. Whoever has an account has that erased.
    pub async fn erase_guest(&self, ctx: &Ctx) -> Result<(), Refused> {
        match Participant::of(&self.participants.ports, ctx).await? {
            Participant::Account(_) => Err(Refused::AccountNeeded),
            Participant::Guest { origin, organization } => {
                self.participants.erase_guest(ctx, organization, origin).await
            }
        }
    }

    async fn all_of(&self, account: AccountId) -> Result<Value, Refused> {
        let own = Ctx::new(Actor::System, Scope::Account(account));
        let (mut page, mut parts) = (PageRequest::default(), Vec::new());
        loop {
            let found = self.participants.ports.reading.participations(&own, account, &page).await?;
            for of in &found.items {
                let is_own = |source: &InvitationSource| source.invitee().account == Some(account);
                parts.extend(self.part(of.organization, (of.origin, Some(of.kind)), is_own).await?);
            }
            page.after = found.next;
            if page.after.is_none() {
                return Ok(json!({ "participations": parts }));
            }
        }
    }

    /// What was asked of the person in one place, and what came of it.
    async fn part(
        &self,
        organization: OrganizationId,
        (origin, kind): (Uuid, Option<OriginKind>),
        is_own: impl Fn(&InvitationSource) -> bool + Send,
    ) -> Result<Option<Value>, Refused> {
        let ports = &self.participants.ports;
        let tenant = Ctx::new(Actor::System, Scope::Tenant(organization));
        let mut unit = ports.store.begin(&tenant).await?;
        let found = InvitationSource::of(&mut *unit, origin, kind).await?;
        let Some(source) = found.filter(is_own) else { return Ok(None) };
        let session = match source.session() {
            Some(id) => unit.interview_session(id).await?,
            None => None,
        };
        let collected = match &session {
            Some(session) => Some(Collected::of(&mut *unit, session.id).await?),
            None => None,
        };
        drop(unit);
        let published = session.as_ref().map_or(source.chosen().published, |session| session.published);
        let published = ports.published(&tenant, organization, published).await?;
        let taken = session.zip(collected).map(|(session, collected)| {
            let given = GivenResponses::of(&published, &collected.answers, &collected.transcript);
            json!({
                "id": session.id,
                "status": session.settled(ports.clock.now()).status.stage(),
                "started_at": session.progress.started_at,
                "deadline": session.progress.deadline,
                "answers": given.answers_to_json(),
                "turns": given.turns_to_json(),
            })
        });
        let invitee = source.invitee();
        Ok(Some(json!({
            "assignment_id": origin,
            "session_type": source.origin().kind(),
            "organization_id": organization,
            "organization_name": ports.people.organization_name(organization).await?,
            "title": source.title(),
            "message": source.message(),
            "email": invitee.email,
            "name": invitee.name,
            "extra_time": source.extra(),
            "assessment_name": published.definition.settings.name,
            "assessment_version": published.version,
            "created_at": source.created_at(),
            "invited_at": invitee.invited_at,
            "reminded_at": invitee.reminded_at,
            "session": taken,
            "result": self.results.released_in(&tenant, &source).await?,
        })))
    }
}

#[async_trait]
impl PersonalData for PersonalAssessments {
    fn domain(&self) -> &'static str {
        DOMAIN.name
    }

    async fn export(&self, account: AccountId) -> Result<Value, StoreError> {
        self.all_of(account).await.map_err(|refused| match refused {
            Refused::Store(error) => error,
            other => StoreError::Fault(other.to_string()),
        })
    }

    async fn erase(&self, account: AccountId, email: Option<&EmailAddress>) -> Result<(), EventHandlerError> {
        Ok(self.participants.erase(account, email).await?)
    }
}
