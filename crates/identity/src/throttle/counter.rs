//! The arithmetic of one counter.

use std::{mem, time::Duration};

use kernel::Timestamp;

use super::{AddressLimits, AttemptOutcome, Step, ThrottleRule, Verdict};

const FREE_FAILURES: u32 = 5;
const LONGEST_LOCK: u64 = 15 * 60;
const SUBJECT_WINDOW: Duration = Duration::from_secs(24 * 3600);
const MAILS: u32 = 3;
const MAIL_WINDOW: Duration = Duration::from_secs(3600);
/// Longer than any request is answered.
const LONGEST_ATTEMPT: Duration = Duration::from_secs(15);

/// What is counted under one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counter {
    /// Failures of a subject, mails to an address, or bans of a client address one after the other.
    pub count: u32,
    /// When counting began; for a client address that was banned, its last ban.
    pub since: Timestamp,
    /// The last step that counted.
    pub last_at: Timestamp,
    /// Until when attempts are refused.
    pub locked_until: Option<Timestamp>,
    /// The distinct accounts whose last attempt failed, and when, for [`ThrottleRule::Address`].
    pub failed: Vec<(String, Timestamp)>,
    /// When each attempt that is under way was reserved.
    pub under_way: Vec<Timestamp>,
}

impl Counter {
    /// Nothing counted yet.
    pub const fn fresh(now: Timestamp) -> Self {
        Self {
            count: 0,
            since: now,
            last_at: now,
            locked_until: None,
            failed: Vec::new(),
            under_way: Vec::new(),
        }
    }

    /// Takes the step. The verdict is that of the counter before this attempt was counted; whoever settles is free.
    pub fn step(&mut self, step: &Step, now: Timestamp) -> Verdict {
        match step {
            Step::Reserve(rule) => {
                self.age(rule, now);
                self.reserve(rule, now)
            }
            Step::Settle { rule, reserved_at, outcome } => {
                self.age(rule, now);
                if let Some(place) = self.under_way.iter().position(|at| at == reserved_at) {
                    self.under_way.swap_remove(place);
                }
                match outcome {
                    AttemptOutcome::Succeeded => self.forgive(rule, now),
                    AttemptOutcome::Failed => self.fail(rule, now),
                    AttemptOutcome::Undecided => {}
                }
                Verdict::Free
            }
        }
    }

    /// Until when it is locked, if it is at `now`.
    pub fn locked_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.locked_until.filter(|until| now < *until)
    }

    /// Forgets what is too old to weigh.
    fn age(&mut self, rule: &ThrottleRule, now: Timestamp) {
        self.under_way.retain(|at| now.since(*at) < LONGEST_ATTEMPT);
        if self.locked_at(now).is_some() {
            return;
        }
        match rule {
            ThrottleRule::Subject if now.since(self.last_at) >= SUBJECT_WINDOW => *self = Self::fresh(now),
            ThrottleRule::Mail | ThrottleRule::Letter { .. } if now.since(self.since) >= MAIL_WINDOW => {
                *self = Self::fresh(now);
            }
            ThrottleRule::Address { limits, .. } => {
                // A ban has paid for what led to it.
                let unpaid = |at: &Timestamp| self.locked_until.is_none_or(|until| *at >= until);
                self.failed.retain(|(_, at)| now.since(*at) < limits.window && unpaid(at));
                if self.locked_until.is_some_and(|until| now.since(until) >= limits.longest_ban) {
                    (self.count, self.locked_until) = (0, None);
                }
            }
            _ => {}
        }
    }

    fn reserve(&mut self, rule: &ThrottleRule, now: Timestamp) -> Verdict {
        if let Some(until) = self.locked_at(now) {
            return Verdict::Locked { until };
        }
        let under_way = self.under_way.len();
        let has_room = match rule {
            ThrottleRule::Subject => {
                under_way == 0 || self.count as usize + under_way <= FREE_FAILURES as usize
            }
            ThrottleRule::Address { limits, .. } => under_way < limits.at_once,
            ThrottleRule::Letter { most } if self.count >= *most => {
                return Verdict::Locked { until: self.since.plus(MAIL_WINDOW) };
            }
            ThrottleRule::Mail | ThrottleRule::Letter { .. } => true,
        };
        if !has_room {
            return Verdict::Busy;
        }
        match rule {
            ThrottleRule::Mail => {
                self.count += 1;
                self.locked_until = (self.count == MAILS).then(|| self.since.plus(MAIL_WINDOW));
            }
            ThrottleRule::Letter { .. } => self.count += 1,
            ThrottleRule::Subject | ThrottleRule::Address { .. } => self.under_way.push(now),
        }
        self.last_at = now;
        Verdict::Free
    }

    fn fail(&mut self, rule: &ThrottleRule, now: Timestamp) {
        self.last_at = now;
        match rule {
            ThrottleRule::Subject => {
                self.count = self.count.saturating_add(1);
                if self.count > FREE_FAILURES {
                    let power = (self.count - FREE_FAILURES).min(10);
                    let seconds = (1_u64 << power).min(LONGEST_LOCK);
                    self.locked_until = Some(now.plus(Duration::from_secs(seconds)));
                }
            }
            ThrottleRule::Address { account, limits } => {
                self.failed.retain(|(failed, _)| failed != account);
                self.failed.push((account.clone(), now));
                if self.failed.len() >= limits.accounts && self.locked_at(now).is_none() {
                    self.ban(limits, now);
                }
            }
            ThrottleRule::Mail | ThrottleRule::Letter { .. } => {}
        }
    }

    fn ban(&mut self, limits: &AddressLimits, now: Timestamp) {
        let doubled = 2_u32.saturating_pow(self.count);
        let lasts = limits.ban.saturating_mul(doubled).min(limits.longest_ban);
        self.count = self.count.saturating_add(1);
        self.since = now;
        self.locked_until = Some(now.plus(lasts));
    }

    fn forgive(&mut self, rule: &ThrottleRule, now: Timestamp) {
        match rule {
            ThrottleRule::Subject => {
                *self = Self { under_way: mem::take(&mut self.under_way), ..Self::fresh(now) };
            }
            ThrottleRule::Address { account, .. } => self.failed.retain(|(failed, _)| failed != account),
            ThrottleRule::Mail | ThrottleRule::Letter { .. } => {}
        }
    }
}
