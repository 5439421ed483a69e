//! How far a session has come, what may happen next, and when: the transition table, as one pure function.

use std::{fmt, time::Duration};

use kernel::Timestamp;
use serde::{Deserialize, Serialize};

use super::event::{Event, EventKind, Minutes, Reason};

/// What the campaign says about its sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// How many minutes a person has from the start; without them there is no limit.
    pub minutes: Option<u16>,
    /// When the campaign closes: no session starts after it, no time limit reaches beyond it. Only time
    /// granted by hand does.
    pub closes_at: Option<Timestamp>,
    /// Whether a session may pause.
    pub pauses: Option<Pauses>,
    /// What becomes of a session whose deadline passes.
    #[serde(rename = "lapse")]
    pub on_deadline: OnDeadline,
}

/// How a session may pause. The clock stands still meanwhile, until the minutes are spent; then it runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pauses {
    /// How often.
    pub most: u8,
    /// How many minutes, in all.
    pub minutes: u16,
}

/// What becomes of a session whose deadline passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnDeadline {
    /// What was answered is submitted.
    Submit,
    /// It is abandoned: nothing is scored, unless someone reopens it.
    Abandon,
}

/// How far a session has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Status {
    /// Nobody opened it.
    NotStarted,
    /// The person answers.
    InProgress,
    /// The clock stands still.
    Paused {
        /// Since when.
        since: Timestamp,
    },
    /// The answers are final.
    Submitted {
        /// Since when.
        at: Timestamp,
        /// Whether the deadline did it and not the person.
        #[serde(rename = "lapsed")]
        expired: bool,
    },
    /// The deadline passed, and what was answered does not count.
    Abandoned {
        /// Since when.
        at: Timestamp,
    },
    /// A person's rating is missing.
    NeedsRating,
    /// There is a result.
    Scored,
    /// The person may see the result.
    Released {
        /// Since when.
        at: Timestamp,
    },
    /// It does not count.
    Voided {
        /// Since when.
        at: Timestamp,
        /// Why.
        reason: Reason,
    },
}

/// A session's status without what belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "named as in `Status`, where each is explained")]
pub enum Stage {
    NotStarted,
    InProgress,
    Paused,
    Submitted,
    Abandoned,
    NeedsRating,
    Scored,
    Released,
    Voided,
}

/// Time that was given by hand: while the session ran, or to one that was over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// When.
    pub at: Timestamp,
    /// How many minutes.
    pub minutes: Minutes,
    /// Why.
    pub reason: Reason,
}

/// How far a session has come, and its clock. Storage keeps the fields; only [`next`] and
/// [`Progress::settled`] make new ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// How far.
    #[serde(flatten)]
    pub status: Status,
    /// Minutes beyond the campaign's limit: what this person was granted beforehand, by extending and by reopening.
    pub granted_minutes: u32,
    /// When the person opened it.
    pub started_at: Option<Timestamp>,
    /// When it expires; none before the start and where there is no limit. It never moves earlier.
    pub deadline: Option<Timestamp>,
    /// How often it paused.
    pub pauses: u8,
    /// For how long, in seconds, each pause rounded up.
    pub paused_seconds: u32,
    /// When it was extended or reopened, oldest first.
    pub grants: Vec<Grant>,
}

/// Something that cannot happen to a session as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the session is {stage} and does not take `{event}` now; it takes {}", Listed(.allowed))]
pub struct NotAllowed {
    /// How far it has come.
    pub stage: Stage,
    /// What was to happen.
    pub event: EventKind,
    /// What may happen instead.
    pub allowed: Vec<EventKind>,
}

/// The transition table: what may happen at which stage. That time passes needs no permission:
/// [`Progress::settled`].
const TABLE: [(Stage, &[EventKind]); 9] = [
    (Stage::NotStarted, &[EventKind::Start, EventKind::Void]),
    (
        Stage::InProgress,
        &[
            EventKind::Answer,
            EventKind::Turn,
            EventKind::Pause,
            EventKind::Extend,
            EventKind::Submit,
            EventKind::Void,
        ],
    ),
    (Stage::Paused, &[EventKind::Resume, EventKind::Extend, EventKind::Void]),
    (Stage::Submitted, &[EventKind::Score, EventKind::Reopen, EventKind::Void]),
    (Stage::Abandoned, &[EventKind::Reopen, EventKind::Void]),
    (Stage::NeedsRating, &[EventKind::Rate, EventKind::Reopen, EventKind::Void]),
    (Stage::Scored, &[EventKind::Release, EventKind::Void]),
    (Stage::Released, &[]),
    (Stage::Voided, &[]),
];

/// The session after the event, or what may happen instead. An event after the deadline meets the expired
/// session.
pub fn next(before: &Progress, event: &Event, rules: &Rules, now: Timestamp) -> Result<Progress, NotAllowed> {
    let mut after = before.settled(rules, now);
    let allowed = after.allowed(rules, now);
    if !allowed.contains(&event.kind()) {
        return Err(NotAllowed { stage: after.status.stage(), event: event.kind(), allowed });
    }
    after.status = match event {
        Event::Start => {
            after.started_at = Some(now);
            after.deadline = after.first_deadline(rules, now);
            Status::InProgress
        }
        Event::Answer { .. } | Event::Turn { .. } => after.status,
        Event::Pause => {
            after.pauses += 1;
            Status::Paused { since: now }
        }
        Event::Resume => {
            let seconds = after.pause_so_far(rules, now);
            after.deadline = after.deadline_after(seconds, rules);
            after.paused_seconds += seconds;
            Status::InProgress
        }
        Event::Submit => Status::Submitted { at: now, expired: false },
        Event::Score { ratings_missing } | Event::Rate { ratings_missing } => {
            if *ratings_missing == 0 {
                Status::Scored
            } else {
                Status::NeedsRating
            }
        }
        Event::Release => Status::Released { at: now },
        Event::Extend { minutes, reason } => {
            after.deadline = after.deadline.map(|deadline| deadline.plus(minutes.duration()));
            after.grant(*minutes, reason, now);
            after.status
        }
        Event::Reopen { minutes, reason } => {
            after.deadline = after.deadline.map(|deadline| deadline.max(now.plus(minutes.duration())));
            after.grant(*minutes, reason, now);
            Status::InProgress
        }
        Event::Void { reason } => Status::Voided { at: now, reason: reason.clone() },
    };
    Ok(after)
}

impl Progress {
    /// A session nobody opened. `granted_minutes` is what this person has beyond the campaign's limit.
    pub const fn new(granted_minutes: u32) -> Self {
        Self {
            status: Status::NotStarted,
            granted_minutes,
            started_at: None,
            deadline: None,
            pauses: 0,
            paused_seconds: 0,
            grants: Vec::new(),
        }
    }

    /// Keeps of every reason that there was one: it may tell of the person.
    pub fn forget_reasons(&mut self) {
        self.grants.iter_mut().for_each(|grant| grant.reason = Reason::forgotten());
        if let Status::Voided { reason, .. } = &mut self.status {
            *reason = Reason::forgotten();
        }
    }

    /// What may happen now, in the order of the table.
    pub fn allowed(&self, rules: &Rules, now: Timestamp) -> Vec<EventKind> {
        let stage = self.settled(rules, now).status.stage();
        let may_pause = |p: &Pauses| self.pauses < p.most && self.pause_left(rules) > 0;
        let (_, events) = TABLE.into_iter().find(|(of, _)| *of == stage).unwrap_or((stage, &[]));
        let open = |event: &&EventKind| match event {
            EventKind::Start => rules.closes_at.is_none_or(|closes_at| now < closes_at),
            EventKind::Pause => rules.pauses.as_ref().is_some_and(may_pause),
            _ => true,
        };
        events.iter().filter(open).copied().collect()
    }

    /// When it expires unless something happens: the deadline, later by what is left of the pauses while it is
    /// paused.
    pub fn expires_at(&self, rules: &Rules) -> Option<Timestamp> {
        match self.status {
            Status::InProgress => self.deadline,
            Status::Paused { .. } => self.deadline_after(self.pause_left(rules), rules),
            _ => None,
        }
    }

    /// The session as it is by now: expired, where its deadline has passed. It expired at the deadline,
    /// whenever somebody looks.
    pub fn settled(&self, rules: &Rules, now: Timestamp) -> Self {
        let mut settled = self.clone();
        if let Some(at) = self.expires_at(rules).filter(|at| *at <= now) {
            settled.paused_seconds += self.pause_so_far(rules, at);
            settled.deadline = Some(at);
            settled.status = match rules.on_deadline {
                OnDeadline::Submit => Status::Submitted { at, expired: true },
                OnDeadline::Abandon => Status::Abandoned { at },
            };
        }
        settled
    }

    fn grant(&mut self, minutes: Minutes, reason: &Reason, now: Timestamp) {
        self.granted_minutes = self.granted_minutes.saturating_add(u32::from(minutes.get()));
        self.grants.push(Grant { at: now, minutes, reason: reason.clone() });
    }

    fn first_deadline(&self, rules: &Rules, now: Timestamp) -> Option<Timestamp> {
        let seconds = |minutes: u16| 60 * (u64::from(minutes) + u64::from(self.granted_minutes));
        let limit = rules.minutes.map(|minutes| now.plus(Duration::from_secs(seconds(minutes))));
        [limit, rules.closes_at].into_iter().flatten().min()
    }

    /// The deadline, later by a pause; not past the campaign's end, unless it was before.
    fn deadline_after(&self, seconds: u32, rules: &Rules) -> Option<Timestamp> {
        let deadline = self.deadline?;
        let later = deadline.plus(Duration::from_secs(seconds.into()));
        Some(rules.closes_at.map_or(later, |closes_at| later.min(closes_at.max(deadline))))
    }

    /// How many seconds of pause are left.
    fn pause_left(&self, rules: &Rules) -> u32 {
        let granted = rules.pauses.map_or(0, |pauses| 60 * u32::from(pauses.minutes));
        granted.saturating_sub(self.paused_seconds)
    }

    /// How many seconds the clock has stood still in this pause.
    fn pause_so_far(&self, rules: &Rules, now: Timestamp) -> u32 {
        let Status::Paused { since } = self.status else { return 0 };
        let whole = now.since(since).as_millis().div_ceil(1_000);
        u32::try_from(whole).unwrap_or(u32::MAX).min(self.pause_left(rules))
    }
}

impl Status {
    /// Its name alone.
    pub const fn stage(&self) -> Stage {
        match self {
            Self::NotStarted => Stage::NotStarted,
            Self::InProgress => Stage::InProgress,
            Self::Paused { .. } => Stage::Paused,
            Self::Submitted { .. } => Stage::Submitted,
            Self::Abandoned { .. } => Stage::Abandoned,
            Self::NeedsRating => Stage::NeedsRating,
            Self::Scored => Stage::Scored,
            Self::Released { .. } => Stage::Released,
            Self::Voided { .. } => Stage::Voided,
        }
    }
}

impl Stage {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 9] = {
        let mut all = [Self::NotStarted; 9];
        let mut n = 0;
        while n < all.len() {
            all[n] = TABLE[n].0;
            n += 1;
        }
        all
    };

    /// The name it is stored and sent under.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotStarted => "not_started",
            Self::InProgress => "in_progress",
            Self::Paused => "paused",
            Self::Submitted => "submitted",
            Self::Abandoned => "abandoned",
            Self::NeedsRating => "needs_rating",
            Self::Scored => "scored",
            Self::Released => "released",
            Self::Voided => "voided",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

struct Listed<'a>(&'a [EventKind]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, event) in self.0.iter().enumerate() {
            write!(f, "{}`{event}`", if n == 0 { "" } else { ", " })?;
        }
        f.write_str(if self.0.is_empty() { "nothing any more" } else { "" })
    }
}
