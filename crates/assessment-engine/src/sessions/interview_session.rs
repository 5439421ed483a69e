//! An interview session as it is kept: one person takes one published version.
//!
//! The rules are those of [`assessment_format::session`]; this adds whose it is. Answers and turns are rows of
//! their own, so that saving one touches nothing else.

use assessment_format::{
    Version,
    definition::Style,
    rating::Required,
    session::{Event, NotAllowed, Progress, Rules, Stage, Status, next},
};
use kernel::{
    AccountId, Change, Class, Id, Notice, OrganizationId, Owner, Target, Timestamp, invitation::Invited,
};
use serde_json::{Value, json};

use crate::{
    authoring::{assessment::CustomAssessmentId, published::PublishedVersionId},
    campaigns::{assignment::AssignmentId, campaign::CampaignId},
    coaching::coaching_session::CoachingSessionId,
    invitations::delivery::Release,
};

/// Identifies an interview session.
pub type InterviewSessionId = Id<InterviewSession>;

/// Told when the deadline of a session passes.
pub const DEADLINE_DUE: &str = "interview_session.deadline_due";
/// Told when a scored result may be seen.
pub const RELEASE_DUE: &str = "interview_session.release_due";

/// The kinds of [`Invited`] that are of this domain.
const ASSIGNMENT: u8 = 1;
const COACHING: u8 = 2;

kernel::named! {
    /// What a session belongs to.
    pub enum OriginKind {
        /// An assignment of a campaign.
        Campaign = "campaign",
        /// A coaching session.
        Coaching = "coaching",
    }
}

/// What a session belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// An assignment of a campaign.
    Campaign {
        /// The campaign.
        campaign: CampaignId,
        /// The assignment.
        assignment: AssignmentId,
    },
    /// A coaching session.
    Coaching(CoachingSessionId),
}

impl Origin {
    /// The kinds of [`Invited`] that are origins.
    pub const KINDS: [u8; 2] = [ASSIGNMENT, COACHING];

    /// Which kind it is.
    pub const fn kind(self) -> OriginKind {
        match self {
            Self::Campaign { .. } => OriginKind::Campaign,
            Self::Coaching(_) => OriginKind::Coaching,
        }
    }

    /// The assignment's or coaching session's id: what results name as `session_id` beside the kind.
    pub fn id(self) -> uuid::Uuid {
        match self {
            Self::Campaign { assignment, .. } => assignment.uuid(),
            Self::Coaching(session) => session.uuid(),
        }
    }

    /// What links and guest tokens name it by.
    pub fn invited(self, organization: OrganizationId) -> Invited {
        let (kind, parent) = match self {
            Self::Campaign { campaign, .. } => (ASSIGNMENT, Some(campaign.uuid())),
            Self::Coaching(_) => (COACHING, None),
        };
        Invited { kind, organization, parent, id: self.id() }
    }

    /// What a link or guest token names, where that is of this domain.
    pub fn of(invited: &Invited) -> Option<Self> {
        match (invited.kind, invited.parent) {
            (ASSIGNMENT, Some(campaign)) => Some(Self::Campaign {
                campaign: Id::from_uuid(campaign),
                assignment: Id::from_uuid(invited.id),
            }),
            (COACHING, _) => Some(Self::Coaching(Id::from_uuid(invited.id))),
            _ => None,
        }
    }

    /// The campaign, where it is one.
    pub const fn campaign(self) -> Option<CampaignId> {
        match self {
            Self::Campaign { campaign, .. } => Some(campaign),
            Self::Coaching(_) => None,
        }
    }
}

/// All an interview session consists of, apart from answers, turns and ratings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterviewSessionState {
    /// Identifies it.
    pub id: InterviewSessionId,
    /// Whose it is.
    pub organization: OrganizationId,
    /// What it belongs to.
    pub origin: Origin,
    /// Who runs the campaign or coaches: they see the result.
    pub run_by: AccountId,
    /// Of which assessment.
    pub assessment: CustomAssessmentId,
    /// Which published version is taken.
    pub published: PublishedVersionId,
    /// How that is called.
    pub version: Version,
    /// Who takes it; `None` while that is a guest.
    pub account: Option<AccountId>,
    /// How freely the interview is led, in place of what the assessment says.
    pub style: Option<Style>,
    /// What holds for it, from its beginning on.
    pub rules: Rules,
    /// When the person may see the result.
    pub release: Release,
    /// Whose ratings complete it.
    pub raters: Required,
    /// How far it has come.
    pub progress: Progress,
    /// When it was opened.
    pub created_at: Timestamp,
}

kernel::aggregate! {
    /// One person takes one published version.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub InterviewSession(InterviewSessionState) as "interview_session" of |session| Owner::Organization(session.organization)
}

impl InterviewSession {
    /// Somebody opened it; the clock does not run yet.
    pub fn open(state: InterviewSessionState, now: Timestamp) -> Self {
        let mut session = Self::restore(state, 0);
        let of = &session.state;
        let change = session
            .change("interview_session.open", now)
            .plain("session_type", &Value::Null, &of.origin.kind())
            .plain("session_id", &Value::Null, &of.origin.id())
            .plain("account_id", &Value::Null, &of.account)
            .plain("assessment_version", &Value::Null, &of.version)
            .plain("status", &Value::Null, &Stage::NotStarted);
        session.record(change);
        session
    }

    /// How far it has come by now.
    pub fn settled(&self, now: Timestamp) -> Progress {
        self.state.progress.settled(&self.state.rules, now)
    }

    /// Lets a passed deadline take effect; says whether it did. `evidence` is what the record keeps beside.
    pub fn expire(&mut self, evidence: Vec<(&'static str, Value)>, now: Timestamp) -> bool {
        let settled = self.settled(now);
        if settled == self.state.progress {
            return false;
        }
        self.turn(settled, "interview_session.expire", evidence, None, now);
        true
    }

    /// Something happens to it that moves it on. Answers and turns do not: see [`InterviewSession::admits`].
    /// `evidence` is what the record keeps beside: the digest of what was submitted, a reason.
    pub fn happen(
        &mut self,
        event: &Event,
        evidence: Vec<(&'static str, Value)>,
        now: Timestamp,
    ) -> Result<(), NotAllowed> {
        self.happen_told(event, evidence, None, now)
    }

    /// The same, and people are told of it.
    pub(crate) fn happen_told(
        &mut self,
        event: &Event,
        evidence: Vec<(&'static str, Value)>,
        notice: Option<Notice>,
        now: Timestamp,
    ) -> Result<(), NotAllowed> {
        let progress = next(&self.state.progress, event, &self.state.rules, now)?;
        let action = match event {
            Event::Start => "interview_session.start",
            Event::Pause => "interview_session.pause",
            Event::Resume => "interview_session.resume",
            Event::Submit => "interview_session.submit",
            Event::Score { .. } => "interview_session.score",
            Event::Rate { .. } => "interview_session.rate",
            Event::Release => "interview_session.release",
            Event::Extend { .. } => "interview_session.extend",
            Event::Reopen { .. } => "interview_session.reopen",
            Event::Void { .. } => "interview_session.void",
            Event::Answer { .. } | Event::Turn { .. } => "interview_session.answer",
        };
        self.turn(progress, action, evidence, notice, now);
        Ok(())
    }

    /// Whether an answer or a turn may come now.
    pub fn admits(&self, event: &Event, now: Timestamp) -> Result<(), NotAllowed> {
        next(&self.state.progress, event, &self.state.rules, now).map(|_| ())
    }

    /// Before it begins: the person has this many minutes beyond everyone else. Nothing happens where they have
    /// them already.
    pub fn allow(&mut self, minutes: u32, now: Timestamp) {
        let before = std::mem::replace(&mut self.state.progress.granted_minutes, minutes);
        if before != minutes {
            let change = self.change("interview_session.allow", now);
            self.record(change.plain("granted_minutes", &before, &minutes));
        }
    }

    /// Before it begins: these rules hold for it. Nothing happens where they do already.
    pub fn bind(&mut self, rules: Rules, now: Timestamp) {
        let before = std::mem::replace(&mut self.state.rules, rules);
        if before != rules {
            let change = self.change("interview_session.allow", now);
            self.record(change.plain("rules", &before, &rules));
        }
    }

    /// It is known who takes it.
    pub fn link(&mut self, account: AccountId, now: Timestamp) {
        self.state.account = Some(account);
        let change = self.change("interview_session.link", now).secret("account_id");
        self.record(change);
    }

    /// The person had their data erased: nobody takes it any more, and what was said is gone.
    pub fn forget(&mut self, now: Timestamp) {
        self.state.account = None;
        self.state.progress.forget_reasons();
        let change = self.change("interview_session.forget", now);
        self.record(change.secret("words"));
    }

    fn turn(
        &mut self,
        progress: Progress,
        action: &'static str,
        evidence: Vec<(&'static str, Value)>,
        notice: Option<Notice>,
        now: Timestamp,
    ) {
        let before = std::mem::replace(&mut self.state.progress, progress);
        let after = &self.state.progress;
        let mut change = self
            .change(action, now)
            .plain("status", &before.status.stage(), &after.status.stage())
            .plain("deadline", &before.deadline, &after.deadline)
            .plain("granted_minutes", &before.granted_minutes, &after.granted_minutes);
        for (path, value) in evidence {
            // Why somebody had more time may tell of their health.
            let class = if path == "reason" { Class::Personal } else { Class::Plain };
            change = change.field(path, class, &Value::Null, &value);
        }
        if let Some(at) = after.expires_at(&self.state.rules) {
            change = change.timer(DEADLINE_DUE, at);
        }
        if let (Status::Scored, Release::At { at }) = (&after.status, self.state.release) {
            change = change.timer(RELEASE_DUE, at);
        }
        self.record(change.notify(notice));
    }

    /// It is about whoever takes it, who may have no account: what it belongs to then stands for them.
    fn change(&self, action: &'static str, now: Timestamp) -> Change {
        let subject = self.state.account.map_or(self.state.origin.id(), Id::uuid);
        Change::new(action, Target::new(Self::KIND, self.state.id), now)
            .of(self.state.organization)
            .about(subject)
            .with(json!({ "organization": self.state.organization }))
    }
}
