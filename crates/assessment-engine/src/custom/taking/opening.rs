//! What a person is asked, opening it, and beginning.

use std::{collections::HashMap, sync::Arc};

use kernel::{Ctx, OrganizationId, Page, PageRequest, Scope, Secret, Timestamp};
use uuid::Uuid;

use super::{Asking, SessionView, TAKE, Taker, Taking};
use crate::{
    Version,
    custom::{
        assignment::Assignment,
        coaching::CoachingSession,
        finishing::{RACES, is_race},
        interview_session::{
            InterviewSession, InterviewSessionId, InterviewSessionState, Origin, OriginKind,
        },
        link::InvitationLink,
        participation::Participation,
        ports::Guest,
        published::PublishedVersion,
        refusal::Refused,
        terms::AssessmentType,
        unit::Unit,
    },
    session::{Event, Progress, Stage},
};

/// What a person is asked to take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
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
    /// When it lapses.
    pub deadline: Option<Timestamp>,
    /// When the person was asked.
    pub created_at: Timestamp,
}

/// An invitation that was opened by its link.
#[derive(Debug)]
pub struct Opened {
    /// What the guest calls with from now on.
    pub pass: Secret,
    /// Until when.
    pub expires_at: Timestamp,
    /// What is asked.
    pub asked: Asked,
}

impl Taking {
    /// What the caller is asked to take, newest first: everywhere, or, for a guest, in what the pass serves.
    pub async fn mine(&self, ctx: &Ctx, page: &PageRequest) -> Result<Page<Asked>, Refused> {
        match Taker::of(&self.ports, ctx).await? {
            Taker::Account(account) => {
                let own = ctx.within(Scope::Account(account));
                let page = self.ports.reading.participations(&own, account, page).await?;
                let mut found = self.asked_in(ctx, &page.items).await?;
                let items = page.items.iter().filter_map(|of| found.remove(&of.origin));
                Ok(Page { items: items.collect(), next: page.next })
            }
            Taker::Guest { origin, organization } => {
                let tenant = ctx.within(Scope::Tenant(organization));
                let mut unit = self.ports.begin(&tenant, tenant.scope).await?;
                let asking = Asking::of(&mut *unit, origin, None).await?.filter(Asking::stands);
                let asking = asking.ok_or(Refused::Missing("assignment"))?;
                if asking.invitee().account.is_some() {
                    return Err(Refused::SignInNeeded);
                }
                let session = self.progress(&mut *unit, &asking).await?;
                drop(unit);
                Ok(Page { items: vec![self.describe(ctx, &asking, session).await?], next: None })
            }
        }
    }

    /// One read in each organisation.
    async fn asked_in(&self, ctx: &Ctx, all: &[Participation]) -> Result<HashMap<Uuid, Asked>, Refused> {
        let mut by_organization: HashMap<OrganizationId, Vec<&Participation>> = HashMap::new();
        for of in all {
            by_organization.entry(of.organization).or_default().push(of);
        }
        let mut asked = HashMap::with_capacity(all.len());
        for (organization, of) in by_organization {
            let mut unit = self.ports.begin(ctx, Scope::Tenant(organization)).await?;
            let mut found = Vec::with_capacity(of.len());
            for of in of {
                let asking = Asking::of(&mut *unit, of.origin, Some(of.kind)).await?;
                let own = |asking: &Asking| asking.stands() && asking.invitee().account == Some(of.account);
                if let Some(asking) = asking.filter(own) {
                    let session = self.progress(&mut *unit, &asking).await?;
                    found.push((asking, session));
                }
            }
            drop(unit);
            for (asking, session) in found {
                match self.describe(ctx, &asking, session).await {
                    Ok(described) => _ = asked.insert(described.id, described),
                    // Of an organisation that was closed nothing is shown.
                    Err(Refused::Missing(_)) => {}
                    Err(refused) => return Err(refused),
                }
            }
        }
        Ok(asked)
    }

    async fn progress(&self, unit: &mut Unit, asking: &Asking) -> Result<Option<InterviewSession>, Refused> {
        match asking.session() {
            Some(id) => Ok(unit.interview_session(id).await?),
            None => Ok(None),
        }
    }

    async fn describe(
        &self,
        ctx: &Ctx,
        asking: &Asking,
        session: Option<InterviewSession>,
    ) -> Result<Asked, Refused> {
        let (organization, chosen) = (asking.organization(), asking.chosen());
        let organization_name = self.ports.people.organization_name(organization).await?;
        let organization_name = organization_name.ok_or(Refused::Missing("organisation"))?;
        let published = session.as_ref().map_or(chosen.published, |session| session.published);
        let published = self.ports.published(ctx, organization, published).await?;
        let settled = session.as_ref().map(|session| session.settled(self.ports.clock.now()));
        let limit = match &session {
            Some(session) => session.rules.minutes,
            None => asking.terms().rules(&published.definition, None).minutes,
        };
        let granted = settled.as_ref().map_or_else(|| asking.granted_minutes(), |of| of.granted_minutes);
        Ok(Asked {
            id: asking.origin().id(),
            kind: asking.origin().kind(),
            organization,
            organization_name,
            title: asking.title().to_owned(),
            message: asking.message().to_owned(),
            assessment_type: chosen.kind,
            assessment_name: published.definition.settings.name.clone(),
            assessment_version: published.version,
            minutes: limit.map(|minutes| u32::from(minutes) + granted),
            opens_at: asking.opens_at(),
            closes_at: asking.closes_at(),
            scheduled_at: asking.scheduled_at(),
            session: session.map(|session| session.id),
            stage: settled.as_ref().map_or(Stage::NotStarted, |of| of.status.stage()),
            deadline: settled.and_then(|of| of.deadline),
            created_at: asking.created_at(),
        })
    }

    /// Opens what the link in a letter invites to. Before its window begins a person may look already.
    pub async fn open(&self, ctx: &Ctx, token: &Secret) -> Result<Opened, Refused> {
        let Some(link) = InvitationLink::read(token.expose()) else {
            let target = (Assignment::KIND, None);
            let refused = Refused::InvalidInvitation;
            return Err(self.ports.denied(ctx, "campaign_assignment.open", target, None, refused).await);
        };
        for _ in 0..RACES {
            match self.try_open(ctx, &link).await {
                Err(refused) if is_race(&refused) => {}
                Err(refused @ Refused::InvalidInvitation) => {
                    let (action, kind) = match link.origin.kind() {
                        OriginKind::Campaign => ("campaign_assignment.open", Assignment::KIND),
                        OriginKind::Coaching => ("coaching_session.open", CoachingSession::KIND),
                    };
                    let target = (kind, Some(link.origin.id()));
                    return Err(self.ports.denied(ctx, action, target, None, refused).await);
                }
                other => return other,
            }
        }
        Err(Refused::Stale)
    }

    async fn try_open(&self, ctx: &Ctx, link: &InvitationLink) -> Result<Opened, Refused> {
        let now = self.ports.clock.now();
        let tenant = ctx.within(Scope::Tenant(link.organization));
        let mut unit = self.ports.begin(&tenant, tenant.scope).await?;
        let kind = Some(link.origin.kind());
        let found = Asking::of(&mut *unit, link.origin.id(), kind).await?;
        let invited = |asking: &Asking| asking.stands() && asking.invitee().opens_by(&link.digest, now);
        let asking = found.filter(invited).ok_or(Refused::InvalidInvitation)?;
        if asking.invitee().account.is_some() {
            return Err(Refused::SignInNeeded);
        }
        let session = self.progress(&mut *unit, &asking).await?;
        drop(unit);
        let (asking, session) = match (session, asking.window(now)) {
            (Some(session), _) => (asking, Some(session)),
            (None, Err(Refused::NotYet(_))) => (asking, None),
            (None, Err(closed)) => return Err(closed),
            (None, Ok(())) => {
                let (asking, session) = self.opened(&tenant, asking.origin(), false).await?;
                (asking, Some(session))
            }
        };
        let expires_at = now.plus(self.settings.pass_life);
        let guest = Guest { organization: link.organization, origin: link.origin, expires_at };
        let asked = match self.describe(ctx, &asking, session).await {
            Err(Refused::Missing(_)) => return Err(Refused::InvalidInvitation),
            described => described?,
        };
        Ok(Opened { pass: self.ports.passes.issue(&guest), expires_at, asked })
    }

    /// Begins what the caller is asked to take: opens the session where it is not yet, and starts the clock. One that
    /// runs already is shown again.
    pub async fn start(&self, ctx: &Ctx, id: Uuid) -> Result<SessionView, Refused> {
        let taker = Taker::of(&self.ports, ctx).await?;
        let organization = match taker {
            Taker::Guest { origin, organization } => Some(organization).filter(|_| origin == id),
            Taker::Account(account) => {
                let mut unit = self.ports.begin(ctx, Scope::Account(account)).await?;
                let mine = unit.participations(account).await?;
                mine.into_iter().find(|of| of.origin == id).map(|of| of.organization)
            }
        };
        let Some(organization) = organization else { return Err(self.uninvited(ctx, id).await) };
        let tenant = ctx.within(Scope::Tenant(organization));
        let mut unit = self.ports.begin(&tenant, tenant.scope).await?;
        let found = Asking::of(&mut *unit, id, None).await?.filter(Asking::stands);
        drop(unit);
        let asking = match (found, taker) {
            (Some(asking), Taker::Guest { .. }) if asking.invitee().account.is_some() => {
                return Err(Refused::SignInNeeded);
            }
            (Some(asking), Taker::Account(account)) if asking.invitee().account == Some(account) => asking,
            (Some(asking), Taker::Guest { .. }) => asking,
            _ => return Err(self.uninvited(ctx, id).await),
        };
        if self.ports.people.organization_name(organization).await?.is_none() {
            return Err(Refused::Closed("the organisation was closed"));
        }
        for _ in 0..RACES {
            match self.opened(&tenant, asking.origin(), true).await {
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
        let target = (Assignment::KIND, Some(id));
        self.ports.denied(ctx, TAKE, target, None, Refused::Missing("assignment")).await
    }

    /// The session of an assignment or coaching session, made where there is none, begun where that is wanted.
    async fn opened(
        &self,
        tenant: &Ctx,
        origin: Origin,
        start: bool,
    ) -> Result<(Asking, InterviewSession), Refused> {
        let published = self.chosen(tenant, origin).await?;
        let now = self.ports.clock.now();
        let mut unit = self.ports.begin(tenant, tenant.scope).await?;
        let known = unit.session_of(origin).await?.map(|session| session.id);
        let held = match known {
            Some(id) => unit.interview_session_for_update(id).await?,
            None => None,
        };
        // Read after the session is held: whoever gives time holds it, too.
        let asking = Asking::of(&mut *unit, origin.id(), Some(origin.kind())).await?.filter(Asking::stands);
        let mut asking = asking.ok_or(Refused::Missing("assignment"))?;
        if asking.chosen().published != published.id {
            return Err(Refused::Stale);
        }
        let mut session = if let Some(session) = held {
            session
        } else {
            asking.window(now)?;
            self.fresh(&asking, &published, now)
        };
        match session.settled(now).status.stage() {
            Stage::NotStarted if start => {
                asking.window(now)?;
                session.allow(asking.granted_minutes(), now);
                session.bind(asking.terms().rules(&published.definition, asking.closes_at()), now);
                session.happen(&Event::Start, Vec::new(), now)?;
            }
            Stage::NotStarted | Stage::InProgress | Stage::Paused => {}
            _ if start => session.admits(&Event::Start, now)?,
            _ => {}
        }
        if session.has_changed() {
            unit.save_interview_session(&mut session).await?;
            if known.is_none() {
                asking.open(&mut *unit, session.id, now).await?;
            }
            unit.commit().await?;
        }
        Ok((asking, session))
    }

    /// What is to be taken; read before the unit that needs it is open.
    async fn chosen(&self, tenant: &Ctx, origin: Origin) -> Result<Arc<PublishedVersion>, Refused> {
        let mut unit = self.ports.begin(tenant, tenant.scope).await?;
        let asking = Asking::of(&mut *unit, origin.id(), Some(origin.kind())).await?;
        drop(unit);
        let asking = asking.ok_or(Refused::Missing("assignment"))?;
        self.ports.published(tenant, asking.organization(), asking.chosen().published).await
    }

    fn fresh(&self, asking: &Asking, published: &PublishedVersion, now: Timestamp) -> InterviewSession {
        let (chosen, terms) = (asking.chosen(), asking.terms());
        let state = InterviewSessionState {
            id: self.ports.ids.next(),
            organization: asking.organization(),
            origin: asking.origin(),
            run_by: asking.run_by(),
            assessment: chosen.assessment,
            published: chosen.published,
            version: chosen.version,
            account: asking.invitee().account,
            style: terms.style,
            rules: terms.rules(&published.definition, asking.closes_at()),
            release: terms.release,
            raters: terms.raters,
            progress: Progress::new(asking.granted_minutes()),
            created_at: now,
        };
        InterviewSession::open(state, now)
    }
}
