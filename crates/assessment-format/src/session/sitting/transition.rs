//! The transition table: which event takes a session where, without what an event brings along.

use std::fmt;

use kernel::Timestamp;

use super::{
    grant::{Minutes, Reason},
    progress::Progress,
    rules::Rules,
    status::{Stage, Status},
};

kernel::named! {
    /// An event's name.
    #[expect(missing_docs, reason = "named as in `Event`, where each is explained")]
    pub enum EventKind {
        Start = "start",
        Answer = "answer",
        Turn = "turn",
        Pause = "pause",
        Resume = "resume",
        Submit = "submit",
        Score = "score",
        Rate = "rate",
        Release = "release",
        Extend = "extend",
        Reopen = "reopen",
        Void = "void",
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An event as far as the table and the clock look at it: not what was answered or said.
#[derive(Debug, Clone, Copy)]
pub(in crate::session) enum Transition<'e> {
    Start,
    Answer,
    Turn,
    Pause,
    Resume,
    Submit,
    Score { ratings_missing: usize },
    Rate { ratings_missing: usize },
    Release,
    Extend { minutes: Minutes, reason: &'e Reason },
    Reopen { minutes: Minutes, reason: &'e Reason },
    Void { reason: &'e Reason },
}

impl Transition<'_> {
    /// The event's name.
    pub(in crate::session) const fn kind(self) -> EventKind {
        match self {
            Self::Start => EventKind::Start,
            Self::Answer => EventKind::Answer,
            Self::Turn => EventKind::Turn,
            Self::Pause => EventKind::Pause,
            Self::Resume => EventKind::Resume,
            Self::Submit => EventKind::Submit,
            Self::Score { .. } => EventKind::Score,
            Self::Rate { .. } => EventKind::Rate,
            Self::Release => EventKind::Release,
            Self::Extend { .. } => EventKind::Extend,
            Self::Reopen { .. } => EventKind::Reopen,
            Self::Void { .. } => EventKind::Void,
        }
    }
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
pub(super) const TABLE: [(Stage, &[EventKind]); 9] = [
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

/// How far the session is after the transition, or what may happen instead.
pub(in crate::session) fn next(
    before: &Progress,
    transition: &Transition<'_>,
    rules: &Rules,
    now: Timestamp,
) -> Result<Progress, NotAllowed> {
    let mut after = before.settled(rules, now);
    let allowed = after.allowed(rules, now);
    if !allowed.contains(&transition.kind()) {
        return Err(NotAllowed { stage: after.status.stage(), event: transition.kind(), allowed });
    }
    after.status = match *transition {
        Transition::Start => {
            after.started_at = Some(now);
            after.deadline = after.first_deadline(rules, now);
            Status::InProgress
        }
        Transition::Answer | Transition::Turn => after.status,
        Transition::Pause => {
            after.pauses += 1;
            Status::Paused { since: now }
        }
        Transition::Resume => {
            let seconds = after.pause_so_far(rules, now);
            after.deadline = after.deadline_after(seconds, rules);
            after.paused_seconds += seconds;
            Status::InProgress
        }
        Transition::Submit => Status::Submitted { at: now, expired: false },
        Transition::Score { ratings_missing } | Transition::Rate { ratings_missing } => {
            if ratings_missing == 0 { Status::Scored } else { Status::NeedsRating }
        }
        Transition::Release => Status::Released { at: now },
        Transition::Extend { minutes, reason } => {
            after.deadline = after.deadline.map(|deadline| deadline.plus(minutes.duration()));
            after.grant(minutes, reason, now);
            after.status
        }
        Transition::Reopen { minutes, reason } => {
            after.deadline = after.deadline.map(|deadline| deadline.max(now.plus(minutes.duration())));
            after.grant(minutes, reason, now);
            Status::InProgress
        }
        Transition::Void { reason } => Status::Voided { at: now, reason: reason.clone() },
    };
    Ok(after)
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
