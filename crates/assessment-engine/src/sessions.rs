//! Taking an assessment: what I am asked, opening it, answering, speaking, submitting.
//!
//! Whoever is asked has an account, or holds the token of a guest. A person's own scope finds their sessions and
//! keeps their answers; whatever else moves a session happens in the scope of its organisation, with the row
//! locked.

mod answers;
pub(crate) mod completion;
pub mod interview_session;
mod opening;
pub mod timers;
mod transitions;
mod turns;
mod view;

use std::sync::Arc;

use kernel::{AccountId, Actor, Ctx, OrganizationId, Scope};
use uuid::Uuid;

pub use self::{
    opening::{OpenedInvitation, OwnAssignment},
    turns::SpokenTurn,
    view::{Form, Question, Questionnaire, SessionView},
};
use crate::{
    authoring::published::PublishedVersion,
    invitations::InvitationSource,
    ports::{Ports, Settings},
    refusal::Refused,
    sessions::interview_session::{InterviewSession, InterviewSessionId},
};

/// What an attempt of a stranger is called in the trail.
const TAKE: &str = "interview_session.take";

/// The service of whoever is asked.
#[derive(Debug, Clone)]
pub struct SessionService {
    ports: Ports,
    settings: Arc<Settings>,
}

/// Who takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Participant {
    /// A person with an account.
    Account(AccountId),
    /// A person without one, who holds a token.
    Guest { origin: Uuid, organization: OrganizationId },
}

impl Participant {
    /// Who calls. A program takes nothing.
    pub(super) async fn of(ports: &Ports, ctx: &Ctx) -> Result<Self, Refused> {
        match ctx.actor {
            Actor::Account { .. } | Actor::Newcomer { .. } => {
                Ok(Self::Account(ports.gate.permit_own(ctx).await?.1))
            }
            Actor::Guest { invitation, organization } => Ok(Self::Guest { origin: invitation, organization }),
            Actor::Service { .. } => {
                Err(ports.denied(ctx, InterviewSession::attempt(TAKE), Refused::PersonNeeded).await)
            }
            Actor::System | Actor::Anonymous => Err(Refused::PersonNeeded),
        }
    }

    /// The scope in which they read their sessions and answer.
    const fn scope(self) -> Scope {
        match self {
            Self::Account(account) => Scope::Account(account),
            Self::Guest { organization, .. } => Scope::Tenant(organization),
        }
    }
}

/// A session of the caller, settled, and the context to move it in.
struct OwnSession {
    tenant: Ctx,
    session: InterviewSession,
    published: Arc<PublishedVersion>,
}

impl SessionService {
    /// A service over these ports.
    pub fn new(ports: Ports, settings: Arc<Settings>) -> Self {
        Self { ports, settings }
    }

    /// A session of the caller's own, finished where its deadline has passed.
    async fn enter(&self, ctx: &Ctx, id: InterviewSessionId) -> Result<OwnSession, Refused> {
        let session = self.own(ctx, id).await?;
        let tenant = ctx.within(Scope::Tenant(session.organization));
        let published = self.ports.published(ctx, session.organization, session.published).await?;
        if session.settled(self.ports.clock.now()) == session.progress {
            return Ok(OwnSession { tenant, session, published });
        }
        let settled = completion::settled(&self.ports, &tenant, id).await?;
        let session = settled.ok_or(Refused::Missing("session"))?;
        Ok(OwnSession { tenant, session, published })
    }

    async fn own(&self, ctx: &Ctx, id: InterviewSessionId) -> Result<InterviewSession, Refused> {
        let participant = Participant::of(&self.ports, ctx).await?;
        let mut unit = self.ports.store.begin_in(ctx, participant.scope()).await?;
        let mut found = unit.interview_session(id).await?.filter(|session| is_of(session, participant));
        // A token outlives the person's erasure; what it opened is nobody's then.
        if let (Participant::Guest { origin, .. }, Some(session)) = (participant, &found) {
            let source = InvitationSource::of(&mut *unit, origin, Some(session.origin.kind())).await?;
            found = found.filter(|_| source.is_some_and(|source| source.invitee().email.is_some()));
        }
        drop(unit);
        match found {
            Some(session) => admitted(session, participant),
            None => Err(self.stranger(ctx, id).await),
        }
    }

    /// Somebody reached for a session that is not theirs, or not there.
    async fn stranger(&self, ctx: &Ctx, id: InterviewSessionId) -> Refused {
        let attempt = InterviewSession::attempt(TAKE).on(id.uuid());
        let attempt = match ctx.actor {
            Actor::Guest { organization, .. } => attempt.of(organization),
            _ => attempt,
        };
        self.ports.denied(ctx, attempt, Refused::Missing("session")).await
    }
}

fn is_of(session: &InterviewSession, participant: Participant) -> bool {
    match participant {
        Participant::Account(account) => session.account == Some(account),
        Participant::Guest { origin, .. } => session.origin.id() == origin,
    }
}

/// A token serves nobody who has an account.
fn admitted(session: InterviewSession, participant: Participant) -> Result<InterviewSession, Refused> {
    match participant {
        Participant::Guest { .. } if session.account.is_some() => Err(Refused::SignInNeeded),
        _ => Ok(session),
    }
}
