//! A coaching session: a coach asks one coachee to take an assessment.

use kernel::{
    AccountId, Change, EmailAddress, Id, Lane, Name, OrganizationId, Owner, Target, Timestamp,
    invitation::Invitee,
};
use serde_json::Value;

use crate::{
    coaching::meeting::MeetingMinutes,
    invitations::{
        ExtraTime,
        delivery::{AssessmentRef, DeliverySettings},
    },
    notices,
    sessions::interview_session::InterviewSessionId,
};

/// Identifies a coaching session.
pub type CoachingSessionId = Id<CoachingSession>;

kernel::named! {
    /// How far a coaching session has come.
    pub enum CoachingStatus {
        /// The coachee is asked.
        Open = "open",
        /// It is over: nothing new begins.
        Closed = "closed",
    }
}

/// What can be set about a coaching session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrangement {
    /// What it is called; the coachee sees it.
    pub title: Name,
    /// What the invitation says, at most 2,000 characters; may be empty.
    pub message: String,
    /// What is taken.
    pub chosen: AssessmentRef,
    /// How.
    pub delivery: DeliverySettings,
    /// When coach and coachee meet.
    pub scheduled_at: Option<Timestamp>,
    /// How long they meet.
    pub duration: MeetingMinutes,
    /// The zone in which their time was chosen, by its IANA name; that of the coach where it is `None`.
    pub time_zone: Option<String>,
    /// From this on nothing begins, and no time limit reaches beyond it.
    pub closes_at: Option<Timestamp>,
    /// Time the coachee has beyond the limit.
    pub extra: Option<ExtraTime>,
}

/// All a coaching session consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoachingSessionState {
    /// Identifies it.
    pub id: CoachingSessionId,
    /// Whose it is.
    pub organization: OrganizationId,
    /// Who coaches, and sees the result.
    pub coach: AccountId,
    /// Who is coached.
    pub coachee: Invitee,
    /// What is set.
    pub arrangement: Arrangement,
    /// How far it has come.
    pub status: CoachingStatus,
    /// Where the coachee takes it, once it was opened.
    pub session: Option<InterviewSessionId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
}

kernel::aggregate! {
    /// A coach asks one coachee to take an assessment.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub CoachingSession(CoachingSessionState) as "coaching_session" of |session| Owner::Organization(session.organization)
}

impl CoachingSession {
    /// Asks a coachee.
    pub fn arrange(
        id: CoachingSessionId,
        organization: OrganizationId,
        coach: AccountId,
        coachee: Invitee,
        arrangement: Arrangement,
        now: Timestamp,
    ) -> Self {
        let state = CoachingSessionState {
            id,
            organization,
            coach,
            coachee: Invitee { invited_at: Some(now), ..coachee },
            arrangement,
            status: CoachingStatus::Open,
            session: None,
            created_at: now,
            closed_at: None,
        };
        let mut session = Self::restore(state, 0);
        let of = &session.state;
        let change = session
            .change("coaching_session.arrange", now)
            .lane(Lane::Now)
            .plain("coach_id", &Value::Null, &of.coach)
            .plain("coachee_id", &Value::Null, &of.coachee.account)
            .personal("email", &Value::Null, &of.coachee.email)
            .personal("name", &Value::Null, &of.coachee.name)
            .plain("status", &Value::Null, &of.status)
            .notify(notices::coaching_arranged(&session));
        let change = session.differences(change, None);
        session.record(change);
        session
    }

    /// Whether the coachee may begin now.
    pub fn is_open(&self, now: Timestamp) -> bool {
        let closes_at = self.state.arrangement.closes_at;
        self.state.status == CoachingStatus::Open && closes_at.is_none_or(|at| now < at)
    }

    /// Other things are set. What is possible when is for the service.
    pub fn edit(&mut self, arrangement: Arrangement, now: Timestamp) {
        let before = std::mem::replace(&mut self.state.arrangement, arrangement);
        let change = self.differences(self.change("coaching_session.edit", now), Some(&before));
        self.record(change);
    }

    /// The address was wrong: the coachee is asked at this one, by another letter.
    pub fn correct(&mut self, email: EmailAddress, name: Option<Name>, now: Timestamp) {
        let before = self.state.coachee.readdress(email, name);
        let coachee = &self.state.coachee;
        let change = self
            .change("coaching_session.correct", now)
            .lane(Lane::Now)
            .personal("email", &before.email, &coachee.email)
            .personal("name", &before.name, &coachee.name)
            .notify(notices::coaching_arranged(self));
        let change = self.state.coachee.invite(change);
        self.record(change);
    }

    /// A reminder is to be sent.
    pub fn remind(&mut self, now: Timestamp) {
        let notice = notices::coaching_reminded(self);
        let change = self.change("coaching_session.remind", now).lane(Lane::Now).notify(notice);
        let change = self.state.coachee.remind(change);
        self.record(change);
    }

    /// It is known who has the address, and they are told what they are asked while it is open. Who that is, is nothing
    /// the organisation learns.
    pub fn link(&mut self, account: AccountId, now: Timestamp) {
        self.state.coachee.account = Some(account);
        let waits = self.is_open(now) && self.state.session.is_none();
        let notice = notices::coaching_arranged(self);
        let change = self.change("coaching_session.link", now).secret("coachee_id");
        self.record(change.notify(notice.filter(|_| waits)));
    }

    /// The coachee opened it.
    pub fn open(&mut self, session: InterviewSessionId, now: Timestamp) {
        let before = self.state.session.replace(session);
        let change = self.change("coaching_session.open", now).plain("session_id", &before, &Some(session));
        self.record(change);
    }

    /// It is over.
    pub fn close(&mut self, now: Timestamp) {
        let before = std::mem::replace(&mut self.state.status, CoachingStatus::Closed);
        self.state.closed_at = Some(now);
        let change = self.change("coaching_session.close", now).plain("status", &before, &self.state.status);
        self.record(change);
    }

    /// The coachee had their data erased.
    pub fn forget(&mut self, now: Timestamp) {
        self.state.coachee.forget();
        self.state.arrangement.extra = None;
        self.state.arrangement.message = String::new();
        if let Ok(title) = Name::new("Coaching") {
            self.state.arrangement.title = title;
        }
        let change = self.change("coaching_session.forget", now);
        self.record(change.secret("coachee"));
    }

    fn differences(&self, change: Change, before: Option<&Arrangement>) -> Change {
        let old = |value: fn(&Arrangement) -> Value| before.map_or(Value::Null, value);
        let new = |value: fn(&Arrangement) -> Value| value(&self.state.arrangement);
        let json = |change: Change, path, value: fn(&Arrangement) -> Value| {
            change.plain(path, &old(value), &new(value))
        };
        // The words are written to one person, and may tell of them.
        let personal = |change: Change, path, value: fn(&Arrangement) -> Value| {
            change.personal(path, &old(value), &new(value))
        };
        let change = personal(change, "title", |of| of.title.as_str().into());
        let change = personal(change, "message", |of| of.message.as_str().into());
        let change = json(change, "assessment_type", |of| of.chosen.kind.name().into());
        let change = json(change, "custom_assessment_id", |of| of.chosen.assessment.to_string().into());
        let change = json(change, "assessment_version", |of| of.chosen.version.to_string().into());
        let change =
            json(change, "scheduled_at", |of| serde_json::to_value(of.scheduled_at).unwrap_or_default());
        let change = json(change, "duration_minutes", |of| of.duration.get().into());
        let change = json(change, "time_zone", |of| of.time_zone.clone().into());
        let change = json(change, "closes_at", |of| serde_json::to_value(of.closes_at).unwrap_or_default());
        let change = json(change, "terms", |of| serde_json::to_value(of.delivery).unwrap_or_default());
        // Why somebody needs more time may tell of their health.
        let extra: fn(&Arrangement) -> Value = |of| serde_json::to_value(&of.extra).unwrap_or_default();
        change.personal("extra", &old(extra), &new(extra))
    }

    fn change(&self, action: &'static str, now: Timestamp) -> Change {
        Change::new(action, Target::new(Self::KIND, self.state.id), now)
            .of(self.state.organization)
            .about(self.state.coachee.subject(self.state.id))
    }
}
