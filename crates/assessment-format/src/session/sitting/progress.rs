//! How far a session has come, and its clock.

use std::time::Duration;

use kernel::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    grant::{Grant, Minutes, Reason},
    rules::{OnDeadline, Pauses, Rules},
    status::Status,
    transition::{EventKind, TABLE},
};

/// How far a session has come, and its clock. Storage keeps the fields; only [`next`](crate::session::next) and
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

    pub(super) fn grant(&mut self, minutes: Minutes, reason: &Reason, now: Timestamp) {
        self.granted_minutes = self.granted_minutes.saturating_add(u32::from(minutes.get()));
        self.grants.push(Grant { at: now, minutes, reason: reason.clone() });
    }

    pub(super) fn first_deadline(&self, rules: &Rules, now: Timestamp) -> Option<Timestamp> {
        let seconds = |minutes: u16| 60 * (u64::from(minutes) + u64::from(self.granted_minutes));
        let limit = rules.minutes.map(|minutes| now.plus(Duration::from_secs(seconds(minutes))));
        [limit, rules.closes_at].into_iter().flatten().min()
    }

    /// The deadline, later by a pause; not past the campaign's end, unless it was before.
    pub(super) fn deadline_after(&self, seconds: u32, rules: &Rules) -> Option<Timestamp> {
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
    pub(super) fn pause_so_far(&self, rules: &Rules, now: Timestamp) -> u32 {
        let Status::Paused { since } = self.status else { return 0 };
        let whole = now.since(since).as_millis().div_ceil(1_000);
        u32::try_from(whole).unwrap_or(u32::MAX).min(self.pause_left(rules))
    }
}
