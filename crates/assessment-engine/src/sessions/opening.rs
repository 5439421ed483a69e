//! What a person is asked, opening it, and beginning.

use std::{collections::HashMap, sync::Arc};

use assessment_format::{
    Version,
    session::{Event, Progress, Stage},
};
use kernel::{
    Ctx, OrganizationId, Page, PageRequest, Scope, Secret, Timestamp,
    invitation::{GuestToken, InvitationLink},
    letters::letters_about,
};
use uuid::Uuid;

use crate::{
    authoring::published::PublishedVersion,
    campaigns::assignment::Assignment,
    coaching::coaching_session::CoachingSession,
    invitations::{InvitationSource, delivery::AssessmentType},
    participants::participation::Participation,
    refusal::Refused,
    sessions::{
        Participant, SessionService, SessionView, TAKE,
        completion::{RACES, is_race},
        interview_session::{
            InterviewSession, InterviewSessionId, InterviewSessionState, Origin, OriginKind,
        },
    },
    unit::Unit,
};

/// What a person is asked to take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnAssignment {
    /// The assignment or coaching session.
    pub id: Uuid,
    /// Which of the two.
    pub kind: OriginKind,
    /// Who asks.
    pub organization: OrganizationId,
    /// What that is called.
    pub organization_name: String,
    /// The name of the campaign, or the title of the coaching session.
    pub title: String,
    /// What the invitation says; may be empty.
    pub message: String,
    /// Which kind of assessment.
    pub assessment_type: AssessmentType,
    /// What it is called.
    pub assessment_name: String,
    /// Which version of it.
    pub assessment_version: Version,
    /// How many minutes there are from the start; `None` without a limit.
    pub minutes: Option<u32>,
    /// Before this nobody begins.
    pub opens_at: Option<Timestamp>,
    /// From this on nobody begins.
    pub closes_at: Option<Timestamp>,
    /// When coach and coachee meet.
    pub scheduled_at: Option<Timestamp>,
    /// Where it is taken, once it was opened.
    pub session: Option<InterviewSessionId>,
    /// How far that has come by now.
    pub stage: Stage,
    /// When it expires.
    pub deadline: Option<Timestamp>,
    /// When the person was asked.
    pub created_at: Timestamp,
}

/// An invitation that was opened by its link.
#[derive(Debug)]
pub struct OpenedInvitation {
    /// What the guest calls with from now on.
    pub guest_token: Secret,
    /// Until when.
    pub expires_at: Timestamp,
    /// What is asked.
    pub assignment: OwnAssignment,
}

impl SessionService {
    /// What the caller is asked to take, newest first: everywhere, or, for a guest, in what the token serves.
    pub async fn mine(&self, ctx: &Ctx, page: &PageRequest) -> Result<Page<OwnAssignment>, Refused> {
        match Participant::of(&self.ports, ctx).await? {
            Participant::Account(account) => {
                let own = ctx.within(Scope::Account(account));
                let page = self.ports.reading.participations(&own, account, page).await?;
                let mut found = self.assignments_of(ctx, &page.items).await?;
                let items = page.items.iter().filter_map(|of| found.remove(&of.origin));
                Ok(Page { items: items.collect(), next: page.next })
            }
            Participant::Guest { origin, organization } => {
                let tenant = ctx.within(Scope::Tenant(organization));
                let mut unit = self.ports.store.begin(&tenant).await?;
                let source =
                    InvitationSource::of(&mut *unit, origin, None).await?.filter(InvitationSource::stands);
                let source = source.ok_or(Refused::Missing("assignment"))?;
                if source.invitee().account.is_some() {
                    return Err(Refused::SignInNeeded);
                }
                let session = self.progress(&mut *unit, &source).await?;
                drop(unit);
                Ok(Page { items: vec![self.describe(ctx, &source, session).await?], next: None })
            }
        }
    }

    /// One read in each organisation.
    async fn assignments_of(
        &self,
        ctx: &Ctx,
        all: &[Participation],
    ) -> Result<HashMap<Uuid, OwnAssignment>, Refused> {
        let mut by_organization: HashMap<OrganizationId, Vec<&Participation>> = HashMap::new();
        for of in all {
            by_organization.entry(of.organization).or_default().push(of);
        }
        let mut asked = HashMap::with_capacity(all.len());
        for (organization, of) in by_organization {
            let mut unit = self.ports.store.begin_in(ctx, Scope::Tenant(organization)).await?;
            let mut found = Vec::with_capacity(of.len());
            for of in of {
                let source = InvitationSource::of(&mut *unit, of.origin, Some(of.kind)).await?;
                let own = |source: &InvitationSource| {
                    source.stands() && source.invitee().account == Some(of.account)
                };
                if let Some(source) = source.filter(own) {
                    let session = self.progress(&mut *unit, &source).await?;
                    found.push((source, session));
                }
            }
            drop(unit);
            for (source, session) in found {
                match self.describe(ctx, &source, session).await {
                    Ok(described) => _ = asked.insert(described.id, described),
                    // Of an organisation that was closed nothing is shown.
                    Err(Refused::Missing(_)) => {}
                    Err(refused) => return Err(refused),
                }
            }
        }
        Ok(asked)
    }

    async fn progress(
        &self,
        unit: &mut Unit,
        source: &InvitationSource,
    ) -> Result<Option<InterviewSession>, Refused> {
        match source.session() {
            Some(id) => Ok(unit.interview_session(id).await?),
            None => Ok(None),
        }
    }

    async fn describe(
        &self,
        ctx: &Ctx,
        source: &InvitationSource,
        session: Option<InterviewSession>,
    ) -> Result<OwnAssignment, Refused> {
        let (organization, chosen) = (source.organization(), source.chosen());
        let organization_name = self.ports.people.organization_name(organization).await?;
        let organization_name = organization_name.ok_or(Refused::Missing("organisation"))?;
        let published = session.as_ref().map_or(chosen.published, |session| session.published);
        let published = self.ports.published(ctx, organization, published).await?;
        let settled = session.as_ref().map(|session| session.settled(self.ports.clock.now()));
        let limit = match &session {
            Some(session) => session.rules.minutes,
            None => source.delivery().rules(&published.definition, None).minutes,
        };
        let granted = settled.as_ref().map_or_else(|| source.granted_minutes(), |of| of.granted_minutes);
        Ok(OwnAssignment {
            id: source.origin().id(),
            kind: source.origin().kind(),
            organization,
            organization_name,
            title: source.title().to_owned(),
            message: source.message().to_owned(),
            assessment_type: chosen.kind,
            assessment_name: published.definition.settings.name.clone(),
            assessment_version: published.version,
            minutes: limit.map(|minutes| u32::from(minutes) + granted),
            opens_at: source.opens_at(),
            closes_at: source.closes_at(),
            scheduled_at: source.scheduled_at(),
            session: session.map(|session| session.id),
            stage: settled.as_ref().map_or(Stage::NotStarted, |of| of.status.stage()),
            deadline: settled.and_then(|of| of.deadline),
            created_at: source.created_at(),
        })
    }

    /// What an authentic link says; `None` for any other text.
    pub fn read_link(&self, token: &Secret) -> Option<InvitationLink> {
        self.ports.guest_tokens.read_link(token.expose())
    }

    /// Opens what the link in a letter invites to. Before its window begins a person may look already; after it ended,
    /// whoever took part may look at what came of it.
    pub async fn open(&self, ctx: &Ctx, token: &Secret) -> Result<OpenedInvitation, Refused> {
        let link = self.read_link(token);
        let Some((link, origin)) = link.and_then(|link| Some((link, Origin::of(&link.invited)?))) else {
            let attempt = Assignment::attempt("campaign_assignment.open");
            return Err(self.ports.denied(ctx, attempt, Refused::InvalidInvitation).await);
        };
        for _ in 0..RACES {
            match self.try_open(ctx, &link, origin).await {
                Err(refused) if is_race(&refused) => {}
                Err(refused @ Refused::InvalidInvitation) => {
                    let attempt = match origin.kind() {
                        OriginKind::Campaign => Assignment::attempt("campaign_assignment.open"),
                        OriginKind::Coaching => CoachingSession::attempt("coaching_session.open"),
                    };
                    return Err(self.ports.denied(ctx, attempt.on(origin.id()), refused).await);
                }
                other => return other,
            }
        }
        Err(Refused::Stale)
    }

    async fn try_open(
        &self,
        ctx: &Ctx,
        link: &InvitationLink,
        origin: Origin,
    ) -> Result<OpenedInvitation, Refused> {
        let now = self.ports.clock.now();
        let tenant = ctx.within(Scope::Tenant(link.invited.organization));
        let mut unit = self.ports.store.begin(&tenant).await?;
        let found = InvitationSource::of(&mut *unit, origin.id(), Some(origin.kind())).await?;
        let source = found.ok_or(Refused::InvalidInvitation)?;
        if source.invitee().account.is_some() {
            return Err(Refused::SignInNeeded);
        }
        if source.invitee().email.is_none() {
            return Err(Refused::InvalidInvitation);
        }
        if !source.stands() {
            return Err(Refused::Withdrawn);
        }
        if !letters_about(&mut *unit, link.invited).await?.links.admit(link.issued_at, now) {
            return Err(Refused::LinkReplaced);
        }
        let session = self.progress(&mut *unit, &source).await?;
        if let Some(session) = &session
            && let Some(result) = unit.result_of(session.id).await?
            && result.released_at.is_some_and(|at| at.plus(self.settings.result_life) <= now)
        {
            return Err(Refused::LinkExpired);
        }
        drop(unit);
        let begun = session.as_ref().is_some_and(|of| of.settled(now).status.stage() != Stage::NotStarted);
        let (source, session) = match source.window(now) {
            _ if begun => (source, session),
            Err(Refused::NotYet(_)) => (source, session),
            Err(closed) => return Err(closed),
            Ok(()) => {
                let (source, session) = self.opened(&tenant, source.origin(), false).await?;
                (source, Some(session))
            }
        };
        let expires_at = now.plus(self.settings.guest_token_life);
        let guest = GuestToken { invited: link.invited, expires_at };
        let assignment = match self.describe(ctx, &source, session).await {
            Err(Refused::Missing(_)) => return Err(Refused::InvalidInvitation),
            described => described?,
        };
        Ok(OpenedInvitation { guest_token: self.ports.guest_tokens.issue(&guest), expires_at, assignment })
    }

    /// Begins what the caller is asked to take: opens the session where it is not yet, and starts the clock. One that
    /// runs already is shown again.
    pub async fn start(&self, ctx: &Ctx, id: Uuid) -> Result<SessionView, Refused> {
        let participant = Participant::of(&self.ports, ctx).await?;
        let organization = match participant {
            Participant::Guest { origin, organization } => Some(organization).filter(|_| origin == id),
            Participant::Account(account) => {
                let mut unit = self.ports.store.begin_in(ctx, Scope::Account(account)).await?;
                let mine = unit.participations(account).await?;
                mine.into_iter().find(|of| of.origin == id).map(|of| of.organization)
            }
        };
        let Some(organization) = organization else { return Err(self.uninvited(ctx, id).await) };
        let tenant = ctx.within(Scope::Tenant(organization));
        let mut unit = self.ports.store.begin(&tenant).await?;
        let found = InvitationSource::of(&mut *unit, id, None).await?.filter(InvitationSource::stands);
        drop(unit);
        let source = match (found, participant) {
            (Some(source), Participant::Guest { .. }) if source.invitee().account.is_some() => {
                return Err(Refused::SignInNeeded);
            }
            (Some(source), Participant::Account(account)) if source.invitee().account == Some(account) => {
                source
            }
            (Some(source), Participant::Guest { .. }) => source,
            _ => return Err(self.uninvited(ctx, id).await),
        };
        if self.ports.people.organization_name(organization).await?.is_none() {
            return Err(Refused::Closed("the organisation was closed"));
        }
        for _ in 0..RACES {
            match self.opened(&tenant, source.origin(), true).await {
                Err(refused) if is_race(&refused) => {}
                Err(refused) => return Err(refused),
                Ok((_, session)) => {
                    let published = self.ports.published(ctx, organization, session.published).await?;
                    self.lead_on(&tenant, session.id, &published).await?;
                    return self.view(ctx, session.id).await;
                }
            }
        }
        Err(Refused::Stale)
    }

    async fn uninvited(&self, ctx: &Ctx, id: Uuid) -> Refused {
        self.ports.denied(ctx, Assignment::attempt(TAKE).on(id), Refused::Missing("assignment")).await
    }

    /// The session of an assignment or coaching session, made where there is none, begun where that is wanted.
    async fn opened(
        &self,
        tenant: &Ctx,
        origin: Origin,
        start: bool,
    ) -> Result<(InvitationSource, InterviewSession), Refused> {
        let published = self.chosen(tenant, origin).await?;
        let now = self.ports.clock.now();
        let mut unit = self.ports.store.begin(tenant).await?;
        let known = unit.session_of(origin).await?.map(|session| session.id);
        let held = match known {
            Some(id) => unit.interview_session_for_update(id).await?,
            None => None,
        };
        // Read after the session is held: whoever gives time holds it, too.
        let source = InvitationSource::of(&mut *unit, origin.id(), Some(origin.kind()))
            .await?
            .filter(InvitationSource::stands);
        let mut source = source.ok_or(Refused::Missing("assignment"))?;
        if source.chosen().published != published.id {
            return Err(Refused::Stale);
        }
        let mut session = if let Some(session) = held {
            session
        } else {
            source.window(now)?;
            self.fresh(&source, &published, now)
        };
        match session.settled(now).status.stage() {
            Stage::NotStarted if start => {
                source.window(now)?;
                session.allow(source.granted_minutes(), now);
                session.bind(source.delivery().rules(&published.definition, source.closes_at()), now);
                session.happen(&Event::Start, Vec::new(), now)?;
            }
            Stage::NotStarted | Stage::InProgress | Stage::Paused => {}
            _ if start => session.admits(&Event::Start, now)?,
            _ => {}
        }
        if session.has_changed() {
            unit.save_interview_session(&mut session).await?;
            if known.is_none() {
                source.open(&mut *unit, session.id, now).await?;
            }
            unit.commit().await?;
        }
        Ok((source, session))
    }

    /// What is to be taken; read before the unit that needs it is open.
    async fn chosen(&self, tenant: &Ctx, origin: Origin) -> Result<Arc<PublishedVersion>, Refused> {
        let mut unit = self.ports.store.begin(tenant).await?;
        let source = InvitationSource::of(&mut *unit, origin.id(), Some(origin.kind())).await?;
        drop(unit);
        let source = source.ok_or(Refused::Missing("assignment"))?;
        self.ports.published(tenant, source.organization(), source.chosen().published).await
    }

    fn fresh(
        &self,
        source: &InvitationSource,
        published: &PublishedVersion,
        now: Timestamp,
    ) -> InterviewSession {
        let (chosen, delivery) = (source.chosen(), source.delivery());
        let state = InterviewSessionState {
            id: self.ports.ids.next(),
            organization: source.organization(),
            origin: source.origin(),
            run_by: source.run_by(),
            assessment: chosen.assessment,
            published: chosen.published,
            version: chosen.version,
            account: source.invitee().account,
            style: delivery.style,
            rules: delivery.rules(&published.definition, source.closes_at()),
            release: delivery.release,
            raters: delivery.raters,
            progress: Progress::new(source.granted_minutes()),
            created_at: now,
        };
        InterviewSession::open(state, now)
    }
}
