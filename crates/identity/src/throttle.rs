//! Throttling: how often a secret may be guessed and a mail be asked for.
//!
//! Each attempt reserves a failure before the secret is checked and success gives it back, so that parallel
//! guesses cannot pass the limit. The arithmetic is here, pure; storage makes each step atomic.

use std::time::Duration;

use async_trait::async_trait;
use kernel::{StoreError, Timestamp};

/// What is counted under one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counter {
    /// Failures, or mails, since `since`.
    pub count: u32,
    /// When counting began.
    pub since: Timestamp,
    /// The last step.
    pub last_at: Timestamp,
    /// Until when attempts are refused.
    pub locked_until: Option<Timestamp>,
    /// The distinct accounts that were tried, for [`ThrottleRule::Spread`].
    pub accounts: Vec<String>,
}

/// What is limited, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ThrottleRule {
    /// Guesses at one account, or from one known device: 5 failures are free, then 2^k seconds up to 15 minutes.
    /// Forgotten after 24 hours without an attempt.
    Subject,
    /// Failures from one client address: 20 in 10 minutes.
    Address,
    /// Failures on distinct accounts from one client address: 15 in 3 hours ban it for 24 hours.
    Spread {
        /// The account that is tried, by its fingerprint.
        account: String,
    },
    /// Mails one address is sent on request: 3 an hour.
    Mail,
}

/// One step of a counter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Counts an attempt as failed until it is given back.
    Reserve(ThrottleRule),
    /// The attempt succeeded: undo its reservation. On a subject all is forgiven.
    GiveBack(ThrottleRule),
    /// The attempt was never decided, for want of room or by a fault: undo its reservation, and nothing else.
    Cancel(ThrottleRule),
}

/// Whether the attempt may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It may.
    Free,
    /// Not before then.
    Locked {
        /// When it may be tried again.
        until: Timestamp,
    },
}

const FREE_FAILURES: u32 = 5;
const LONGEST_LOCK: u64 = 15 * 60;
const ADDRESS_FAILURES: u32 = 20;
const SPREAD_ACCOUNTS: usize = 15;
const MAILS: u32 = 3;
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

impl ThrottleRule {
    const fn window(&self) -> Duration {
        match self {
            Self::Subject => Duration::from_secs(24 * 3600),
            Self::Address => Duration::from_secs(10 * MINUTE.as_secs()),
            Self::Spread { .. } => Duration::from_secs(3 * HOUR.as_secs()),
            Self::Mail => HOUR,
        }
    }
}

impl Counter {
    /// Nothing counted yet.
    pub const fn fresh(now: Timestamp) -> Self {
        Self { count: 0, since: now, last_at: now, locked_until: None, accounts: Vec::new() }
    }

    /// Takes the step and says whether the attempt may go on. The verdict is that of the counter before this
    /// attempt was counted.
    pub fn step(&mut self, step: &Step, now: Timestamp) -> Verdict {
        match step {
            Step::Reserve(rule) => self.reserve(rule, now),
            Step::GiveBack(rule) => {
                self.give_back(rule, now);
                Verdict::Free
            }
            Step::Cancel(_) => {
                self.count = self.count.saturating_sub(1);
                Verdict::Free
            }
        }
    }

    fn reserve(&mut self, rule: &ThrottleRule, now: Timestamp) -> Verdict {
        let begun = if *rule == ThrottleRule::Subject { self.last_at } else { self.since };
        let locked = self.locked_until.is_some_and(|until| now < until);
        if !locked && now.since(begun) >= rule.window() {
            *self = Self::fresh(now);
        }
        let before = self.locked_until.filter(|until| now < *until);
        let spent = |limit| self.count >= limit;
        let verdict = match (rule, before) {
            (_, Some(until)) => Verdict::Locked { until },
            (ThrottleRule::Address, None) if spent(ADDRESS_FAILURES) => {
                Verdict::Locked { until: self.since.plus(rule.window()) }
            }
            (ThrottleRule::Mail, None) if spent(MAILS) => {
                Verdict::Locked { until: self.since.plus(rule.window()) }
            }
            _ => Verdict::Free,
        };
        self.count = self.count.saturating_add(1);
        self.last_at = now;
        match rule {
            ThrottleRule::Subject if self.count > FREE_FAILURES => {
                let power = (self.count - FREE_FAILURES).min(10);
                let seconds = (1_u64 << power).min(LONGEST_LOCK);
                self.locked_until = Some(now.plus(Duration::from_secs(seconds)));
            }
            ThrottleRule::Spread { account }
                if self.accounts.len() < SPREAD_ACCOUNTS && !self.accounts.contains(account) =>
            {
                self.accounts.push(account.clone());
                if self.accounts.len() == SPREAD_ACCOUNTS {
                    self.locked_until = Some(now.plus(24 * HOUR));
                }
            }
            _ => {}
        }
        verdict
    }

    fn give_back(&mut self, rule: &ThrottleRule, now: Timestamp) {
        match rule {
            ThrottleRule::Subject => *self = Self::fresh(now),
            ThrottleRule::Address | ThrottleRule::Mail => self.count = self.count.saturating_sub(1),
            ThrottleRule::Spread { account } => {
                self.count = self.count.saturating_sub(1);
                self.accounts.retain(|tried| tried != account);
                if self.accounts.len() < SPREAD_ACCOUNTS {
                    self.locked_until = None;
                }
            }
        }
    }
}

/// The counters. Keys are opaque texts of at most 200 characters.
#[async_trait]
pub trait Throttle: Send + Sync {
    /// Applies [`Counter::step`] to the counter under `key`, a fresh one if there is none.
    /// MUST be atomic: of 50 parallel steps each sees the others' (`throttle::parallel_steps_all_count`).
    /// MUST be lasting when it returns, whatever becomes of the attempt.
    async fn step(&self, key: &str, step: &Step, now: Timestamp) -> Result<Verdict, StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::EPOCH.plus(Duration::from_secs(seconds))
    }

    #[test]
    fn five_guesses_are_free_then_the_wait_doubles_up_to_a_quarter_hour() {
        let mut counter = Counter::fresh(at(0));
        let guess = Step::Reserve(ThrottleRule::Subject);
        for _ in 0..6 {
            assert_eq!(counter.step(&guess, at(0)), Verdict::Free);
        }
        assert_eq!(counter.step(&guess, at(0)), Verdict::Locked { until: at(2) });
        for _ in 0..60 {
            counter.step(&guess, at(0));
        }
        assert_eq!(counter.locked_until, Some(at(900)));
        counter.step(&Step::GiveBack(ThrottleRule::Subject), at(900));
        assert_eq!(counter, Counter::fresh(at(900)));
    }

    #[test]
    fn what_was_never_decided_counts_for_nothing_and_forgives_nothing() {
        let mut counter = Counter::fresh(at(0));
        counter.step(&Step::Reserve(ThrottleRule::Subject), at(0));
        for _ in 0..50 {
            counter.step(&Step::Reserve(ThrottleRule::Subject), at(0));
            counter.step(&Step::Cancel(ThrottleRule::Subject), at(0));
        }
        assert_eq!(counter.count, 1);
    }

    #[test]
    fn an_address_has_twenty_failures_in_ten_minutes() {
        let mut counter = Counter::fresh(at(0));
        let guess = Step::Reserve(ThrottleRule::Address);
        for _ in 0..20 {
            assert_eq!(counter.step(&guess, at(1)), Verdict::Free);
        }
        assert_eq!(counter.step(&guess, at(2)), Verdict::Locked { until: at(600) });
        assert_eq!(counter.step(&guess, at(600)), Verdict::Free);
    }

    #[test]
    fn trying_fifteen_accounts_bans_for_a_day() {
        let mut counter = Counter::fresh(at(0));
        let guess = |n: u32| Step::Reserve(ThrottleRule::Spread { account: n.to_string() });
        for n in 0..15 {
            assert_eq!(counter.step(&guess(n), at(0)), Verdict::Free);
        }
        assert_eq!(counter.step(&guess(0), at(86_399)), Verdict::Locked { until: at(86_400) });
        assert_eq!(counter.step(&guess(0), at(86_400)), Verdict::Free);
    }

    #[test]
    fn a_fourth_mail_within_the_hour_is_one_too_many() {
        let mut counter = Counter::fresh(at(0));
        let ask = Step::Reserve(ThrottleRule::Mail);
        let free = (0..4).filter(|_| counter.step(&ask, at(0)) == Verdict::Free).count();
        assert_eq!(free, 3);
    }
}
