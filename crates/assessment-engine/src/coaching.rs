//! Coaching: a coach asks one coachee to take an assessment.

pub mod coaching_session;
pub mod meeting;

use std::iter;

use assessment_format::session::Stage;
use kernel::{
    Ctx, EmailAddress, Name, OrganizationId, Page, PageRequest, Permit, Reach, Timestamp,
    claims::NotFree,
    invitation::Invitee,
    letters::{LetterHistory, letters_about},
};
use uuid::Uuid;

use crate::{
    authoring::assessment::TemplateName,
    campaigns::timers::a_day_before,
    coaching::{
        coaching_session::{Arrangement, CoachingSession, CoachingSessionId, CoachingStatus},
        meeting::MeetingMinutes,
    },
    invitations::{
        self, ExtraTime,
        assessment_choice::{AssessmentChoice, choose, rechoose},
        correctable,
        delivery::DeliverySettings,
        validation::{check_delivery, check_end, check_message},
    },
    opened::Opened,
    ports::Ports,
    reading::Asked,
    refusal::Refused,
    rule::Action,
    sessions::interview_session::{InterviewSession, Origin},
    unit::Unit,
};

/// The service of coaching sessions. What somebody may do with their own reaches those in which they are the coach.
#[derive(Debug, Clone)]
pub struct CoachingService {
    ports: Ports,
}

/// A coaching session to be arranged.
#[derive(Debug, Clone)]
pub struct NewCoachingSession {
    /// Who is coached.
    pub coachee: Invitee,
    /// What it is called.
    pub title: Name,
    /// What the invitation says; may be empty.
    pub message: String,
    /// What is taken.
    pub choice: AssessmentChoice,
    /// How.
    pub delivery: DeliverySettings,
    /// When coach and coachee meet.
    pub scheduled_at: Option<Timestamp>,
    /// How long they meet.
    pub duration: MeetingMinutes,
    /// The zone in which their time was chosen, by its IANA name; that of the coach unless told.
    pub time_zone: Option<String>,
    /// From this on nothing begins.
    pub closes_at: Option<Timestamp>,
    /// Time the coachee has beyond the limit.
    pub extra: Option<ExtraTime>,
}

impl CoachingService {
    /// A service over these ports.
    pub fn new(ports: Ports) -> Self {
        Self { ports }
    }

    /// Asks a coachee, as their coach; the letter goes out at once. First use of a built-in type makes the
    /// organisation's copy of it.
    pub async fn arrange(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        new: NewCoachingSession,
    ) -> Result<Asked<CoachingSession>, Refused> {
        let permit = self.ports.gate.permit(ctx, organization, &Action::Coach).await?;
        let now = self.ports.clock.now();
        let NewCoachingSession { coachee, title, message, choice, delivery, .. } = new;
        let NewCoachingSession { scheduled_at, duration, time_zone, closes_at, extra, .. } = new;
        check_choice(&choice)?;
        check_message(&message)?;
        check_delivery(&delivery)?;
        check_end(closes_at, now)?;
        self.check_zone(time_zone.as_deref())?;
        self.check_coachee(organization, &permit, &coachee).await?;
        let chosen = choose(&self.ports, &permit, organization, &choice, delivery.style).await?;
        let arrangement = Arrangement {
            title,
            message,
            chosen,
            delivery,
            scheduled_at,
            duration,
            time_zone,
            closes_at,
            extra,
        };
        let id = self.ports.ids.next();
        let mut session =
            CoachingSession::arrange(id, organization, permit.account, coachee, arrangement, now);
        let asked_by = (organization, self.ports.asking(organization).await?);
        if scheduled_at.is_some() {
            self.ports.claim_upkeep.lapse_holds(now).await?;
        }
        let mut unit = self.ports.store.begin(&permit.ctx).await?;
        self.ports.quotas.admit_people(&mut *unit, asked_by, 1, now).await?;
        let not_free = unit.claim(&session.target(), &session.claims(now)).await?;
        ensure_free(&not_free)?;
        unit.save_coaching_session(&mut session).await?;
        let invited = iter::once((&session.coachee, Origin::Coaching(id)));
        invitations::note(&mut *unit, organization, invited, now).await?;
        unit.commit().await?;
        Ok(Asked::new(session, |session| &session.coachee))
    }

    /// One coaching session.
    pub async fn get(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: CoachingSessionId,
    ) -> Result<Asked<CoachingSession>, Refused> {
        let Opened { unit, found, .. } = self.ports.open(ctx, organization, id, Action::ViewCoaching).await?;
        shown(unit, found).await
    }

    /// The coaching sessions, newest first, or those in which one is the coach.
    pub async fn list(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        page: &PageRequest,
    ) -> Result<Page<Asked<CoachingSession>>, Refused> {
        let permit = self.ports.gate.permit(ctx, organization, &Action::ViewCoaching).await?;
        let coach = (permit.reach < Reach::Tenant).then_some(permit.account);
        let Page { items, next } = self.ports.reading.coaching_sessions(&permit.ctx, coach, page).await?;
        let mut unit = self.ports.store.begin(&permit.ctx).await?;
        Ok(Page { items: invitations::delivered(&mut *unit, organization, items, key).await?, next })
    }

    /// Changes the coaching session read at `version`: before the coachee opened it everything, afterwards the
    /// title, the message and the times, and until they begin the extra time. A session that has begun keeps its
    /// rules. Another address is where the coachee is asked from now on, by another letter, as long as nobody has
    /// opened it: no link of an earlier letter opens anything then.
    pub async fn edit(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        (id, version): (CoachingSessionId, i64),
        choice: Option<AssessmentChoice>,
        address: Option<(EmailAddress, Option<Name>)>,
        set: impl FnOnce(&mut Arrangement) + Send,
    ) -> Result<Asked<CoachingSession>, Refused> {
        self.ports.claim_upkeep.lapse_holds(self.ports.clock.now()).await?;
        let mut opened = self.open(ctx, organization, id).await?;
        let session = &opened.found;
        session.unchanged_since(version)?;
        if session.status == CoachingStatus::Closed {
            return Err(Refused::Closed("a coaching session that is over is not changed any more"));
        }
        let now = self.ports.clock.now();
        let before = &session.arrangement;
        let mut after = before.clone();
        set(&mut after);
        choice.as_ref().map_or(Ok(()), check_choice)?;
        check_message(&after.message)?;
        check_delivery(&after.delivery)?;
        self.check_zone(after.time_zone.as_deref().filter(|_| after.time_zone != before.time_zone))?;
        let is_moved = after.scheduled_at != before.scheduled_at;
        if after.closes_at != before.closes_at {
            check_end(after.closes_at, now)?;
        }
        if session.session.is_some() && (choice.is_some() || after.delivery != before.delivery) {
            return Err(Refused::Closed("the coachee has opened it: what is taken, and how, is fixed"));
        }
        let chosen = (after.chosen, after.delivery.style);
        (opened, after.chosen) = rechoose(&self.ports, opened, organization, choice, chosen).await?;
        let Opened { unit, found: session, .. } = &mut opened;
        if after.extra != session.arrangement.extra {
            grant(&mut **unit, session, after.extra.as_ref(), now).await?;
        }
        if after != session.arrangement {
            session.edit(after, now);
            let claims = session.claims(now);
            // A meeting that has begun keeps its time; one that was arranged before meetings took time takes it now.
            if is_moved || !claims.is_empty() {
                ensure_free(&unit.move_claims(&session.target(), &claims).await?)?;
            }
        }
        if let Some((email, name)) = address {
            correctable(&session.coachee, session.session.is_some())?;
            let origin = Origin::Coaching(id);
            session.correct(email, name, now);
            invitations::revoke_links(&mut **unit, origin.invited(organization), now).await?;
            let invited = iter::once((&session.coachee, origin));
            invitations::note(&mut **unit, organization, invited, now).await?;
        }
        self.saved(opened).await
    }

    /// Sends the letter again: at once where the last one did not reach the coachee, else at most once in 24 hours.
    pub async fn remind(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: CoachingSessionId,
    ) -> Result<Asked<CoachingSession>, Refused> {
        let mut opened = self.open(ctx, organization, id).await?;
        let (session, now) = (&mut opened.found, self.ports.clock.now());
        if !session.is_open(now) {
            return Err(Refused::Closed("the coaching session is over"));
        }
        let about = Origin::Coaching(id).invited(organization);
        let lately = session.coachee.reminded_at.is_some_and(|at| at >= a_day_before(now));
        if lately && !invitations::is_undelivered(&mut *opened.unit, about).await? {
            return Err(Refused::Closed("the coachee was reminded within the last 24 hours"));
        }
        if let Some(id) = session.session
            && opened.unit.interview_session(id).await?.is_some_and(|session| is_done(&session, now))
        {
            return Err(Refused::Closed("the coachee is done"));
        }
        session.remind(now);
        self.saved(opened).await
    }

    /// Ends it: nothing new begins. A session that has begun goes on until its own deadline.
    pub async fn close(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: CoachingSessionId,
    ) -> Result<Asked<CoachingSession>, Refused> {
        let mut opened = self.open(ctx, organization, id).await?;
        if opened.found.status == CoachingStatus::Closed {
            return Err(Refused::Closed("the coaching session is over already"));
        }
        opened.found.close(self.ports.clock.now());
        opened.unit.release_claims(&opened.found.target()).await?;
        self.saved(opened).await
    }

    async fn saved(&self, opened: Opened<CoachingSession>) -> Result<Asked<CoachingSession>, Refused> {
        let ctx = opened.permit.ctx.clone();
        let saved = opened.save().await?;
        shown(self.ports.store.begin(&ctx).await?, saved).await
    }

    async fn open(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: CoachingSessionId,
    ) -> Result<Opened<CoachingSession>, Refused> {
        self.ports.open(ctx, organization, id, Action::Coach).await
    }

    fn check_zone(&self, zone: Option<&str>) -> Result<(), Refused> {
        match zone {
            Some(zone) if !self.ports.zones.knows(zone) => Err(Refused::Invalid {
                pointer: "/time_zone".to_owned(),
                detail: "is no time zone of the IANA database; one is Europe/Berlin".to_owned(),
            }),
            _ => Ok(()),
        }
    }

    /// Nobody coaches themselves, and an account is asked only as a member.
    async fn check_coachee(
        &self,
        organization: OrganizationId,
        permit: &Permit,
        coachee: &Invitee,
    ) -> Result<(), Refused> {
        let invalid = |pointer: &str, detail: &str| {
            Err(Refused::Invalid { pointer: pointer.to_owned(), detail: detail.to_owned() })
        };
        let people = &self.ports.people;
        if coachee.account == Some(permit.account) {
            return invalid("/coachee/account_id", "is yourself; nobody coaches themselves");
        }
        if let Some(account) = coachee.account
            && !people.is_member(organization, account).await?
        {
            let detail = "is no member of the organisation; ask others by their address";
            return invalid("/coachee/account_id", detail);
        }
        if coachee.email.is_some()
            && people.person(permit.account).await?.map(|coach| coach.email) == coachee.email
        {
            return invalid("/coachee/email", "is your own; nobody coaches themselves");
        }
        Ok(())
    }
}

/// Whoever meets somebody else then is the coach: the time of a coachee is no condition.
fn ensure_free(not_free: &NotFree) -> Result<(), Refused> {
    if not_free.is_empty() { Ok(()) } else { Err(Refused::TimeTaken) }
}

fn key(of: &CoachingSession) -> (Uuid, &Invitee) {
    (of.id.uuid(), &of.coachee)
}

async fn shown(mut unit: Box<Unit>, session: CoachingSession) -> Result<Asked<CoachingSession>, Refused> {
    let history =
        letters_about(&mut *unit, Origin::Coaching(session.id).invited(session.organization)).await?;
    let delivery = LetterHistory::status(Some(&history), session.coachee.asked_at());
    Ok(Asked { of: session, delivery })
}

/// Of the built-in types one is for coaching.
fn check_choice(choice: &AssessmentChoice) -> Result<(), Refused> {
    match choice {
        AssessmentChoice::BuiltIn(TemplateName::Archetype) | AssessmentChoice::Own { .. } => Ok(()),
        AssessmentChoice::BuiltIn(_) => Err(Refused::Invalid {
            pointer: "/assessment_type".to_owned(),
            detail: "is `archetype` or `custom` in coaching".to_owned(),
        }),
    }
}

/// Gives a session that was opened and has not begun these extra minutes.
async fn grant(
    unit: &mut Unit,
    of: &CoachingSession,
    extra: Option<&ExtraTime>,
    now: Timestamp,
) -> Result<(), Refused> {
    let Some(id) = of.session else { return Ok(()) };
    let session = unit.interview_session_for_update(id).await?;
    let mut session = session.ok_or(Refused::Missing("session"))?;
    if session.progress.status.stage() != Stage::NotStarted {
        let hint = "the coachee has begun; extend or reopen the session to give more time";
        return Err(Refused::Closed(hint));
    }
    session.allow(extra.map_or(0, |extra| extra.minutes.get().into()), now);
    if session.has_changed() {
        unit.save_interview_session(&mut session).await?;
    }
    Ok(())
}

/// Whether the person has nothing more to do.
pub(crate) fn is_done(session: &InterviewSession, now: Timestamp) -> bool {
    let stage = session.settled(now).status.stage();
    !matches!(stage, Stage::NotStarted | Stage::InProgress | Stage::Paused)
}
