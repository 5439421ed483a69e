//! Throttling: how often a secret may be guessed and a mail be asked for.
//!
//! An attempt is reserved before its secret is checked, and settled once it is known how it ended. What is under way
//! and what failed are counted apart: an attempt under way is no failure, yet it takes a place, so that parallel
//! guesses pass no limit.
//!
//! - **An account** is the strict bound. Five failures are free; the sixth and each after it close the account for 2^k
//!   seconds, up to 15 minutes. Failures and attempts under way together never pass what is free, and after that one
//!   attempt is under way at a time; whoever comes meanwhile is told to come back in a second. A device that signed in
//!   before, and a session that proves itself again, have counters of their own.
//! - **A client address** may stand for one guesser or for a school. It weighs the distinct accounts whose last attempt
//!   from there failed: as many as [`AddressLimits::accounts`] within [`AddressLimits::window`] ban it for
//!   [`AddressLimits::ban`], twice as long at each repetition. The right password takes its account off again. However
//!   many people sign in at once, [`AddressLimits::at_once`] are looked at and the others are told to come back, so
//!   that parallel guesses reach `accounts - 1 + at_once` accounts before the ban falls, and no more. A known device
//!   and a session do not pass through their address.
//! - **A mail address** is sent three mails of a kind an hour, and asked for something by organisations as often as
//!   [`Settings::letters_per_hour`](crate::Settings::letters_per_hour) says of one and
//!   [`letters_to_address`](crate::Settings::letters_to_address) of all.
//!
//! The arithmetic is here, pure; storage makes each step atomic.

mod counter;

use std::time::Duration;

use async_trait::async_trait;
use kernel::{Page, PageRequest, StoreError, Timestamp};

pub use counter::Counter;

/// What is limited, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ThrottleRule {
    /// Guesses at one account, or from one known device: 5 failures are free, then 2^k seconds up to 15 minutes.
    /// Forgotten after 24 hours without an attempt.
    Subject,
    /// Failures on distinct accounts from one client address.
    Address {
        /// The account that is tried, by the key of its own counter.
        account: String,
        /// How many are too many.
        limits: AddressLimits,
    },
    /// Mails one address is sent on request: 3 an hour.
    Mail,
    /// Letters by which organisations ask one address for something. What is over waits, so no lock is listed.
    Letter {
        /// How many go within an hour.
        most: u32,
    },
}

/// What a client address may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressLimits {
    /// Failures on so many distinct accounts ban it; 15.
    pub accounts: usize,
    /// For how long the failure on an account weighs; 10 minutes.
    pub window: Duration,
    /// How long the first ban lasts; 5 minutes. Each that follows lasts twice as long as the one before.
    pub ban: Duration,
    /// How long a ban lasts at most; an hour. After as long without a ban the next one is a first one again.
    pub longest_ban: Duration,
    /// How many of its attempts may be under way at a time; 30.
    pub at_once: usize,
}

impl Default for AddressLimits {
    fn default() -> Self {
        let minutes = |count: u64| Duration::from_secs(60 * count);
        Self { accounts: 15, window: minutes(10), ban: minutes(5), longest_ban: minutes(60), at_once: 30 }
    }
}

/// One step of a counter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// An attempt begins, or a mail is asked for. An attempt is under way until it is settled; one that
    /// nobody settles, because the client hung up or the process ended, is forgotten after 15 seconds.
    Reserve(ThrottleRule),
    /// It is known how an attempt ended.
    Settle {
        /// The rule it was reserved under.
        rule: ThrottleRule,
        /// When it was reserved.
        reserved_at: Timestamp,
        /// How it ended.
        outcome: AttemptOutcome,
    },
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// The secret was right: what failed before is forgiven, to a subject all, to an address this account.
    Succeeded,
    /// It was wrong.
    Failed,
    /// It was not looked at, for want of room or by a fault: it counts for nothing and forgives nothing.
    Undecided,
}

/// Whether the attempt may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It may.
    Free,
    /// Not now: too many attempts are under way.
    Busy,
    /// Not before then.
    Locked {
        /// When it may be tried again.
        until: Timestamp,
    },
}

/// The counters. Keys are opaque texts of at most 200 characters.
#[async_trait]
pub trait Throttle: Send + Sync {
    /// Applies [`Counter::step`] to the counter under `key`, a fresh one if there is none.
    /// MUST be atomic: of 50 parallel steps each sees the others' (`throttle::parallel_steps_all_count`).
    /// MUST be lasting when it returns, whatever becomes of the attempt.
    async fn step(&self, key: &str, step: &Step, now: Timestamp) -> Result<Verdict, StoreError>;

    /// The counters that are locked at `now`, with their keys, in the order of these
    /// (`throttle::what_is_locked_is_listed`).
    async fn locked(&self, now: Timestamp, page: &PageRequest)
    -> Result<Page<(String, Counter)>, StoreError>;

    /// Forgets a counter, and tells whether there was one (`throttle::a_lifted_counter_begins_anew`).
    async fn lift(&self, key: &str) -> Result<bool, StoreError>;
}

#[cfg(test)]
mod tests;
