//! One truth about time: somebody or something is taken for a span, and storage refuses whatever overlaps.
//!
//! Each domain that arranges meetings claims time in the unit that makes them, so that meeting and claims are there
//! together or not at all. Claims are compared across domains and across organisations; an organisation reads its own
//! alone.

use std::{slice, time::Duration};

use async_trait::async_trait;
use uuid::Uuid;

use crate::{AccountId, StoreError, Target, Timestamp};

/// Who or what is taken. A person has two lanes, so that nobody who works with them can tell from a time that is not
/// free what they do as a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resource {
    /// A person at work: as a coach, an interviewer, a practitioner.
    Host(AccountId),
    /// A person as a client.
    Guest(AccountId),
    /// A room, or a person who has no account.
    Thing(Uuid),
}

impl Resource {
    /// What tells the kinds apart in storage.
    pub const fn lane(self) -> &'static str {
        match self {
            Self::Host(_) => "host",
            Self::Guest(_) => "guest",
            Self::Thing(_) => "thing",
        }
    }

    /// Which of its kind.
    pub const fn id(self) -> Uuid {
        match self {
            Self::Host(account) | Self::Guest(account) => account.uuid(),
            Self::Thing(id) => id,
        }
    }
}

/// That something is taken for a span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// What is taken.
    pub resource: Resource,
    /// When the meeting begins.
    pub starts_at: Timestamp,
    /// How long the meeting takes, in minutes, 1 to [`Claim::LONGEST`].
    pub minutes: u16,
    /// How many minutes before it are taken with it, at most [`Claim::LONGEST_BUFFER`].
    pub before: u16,
    /// How many minutes after it are taken with it, at most [`Claim::LONGEST_BUFFER`].
    pub after: u16,
    /// When it lapses by itself, if it only holds the time.
    pub held_until: Option<Timestamp>,
    /// Whether it is left out, without a word, where the time is not free. For the time of a client when others arrange
    /// the meeting: whether it is free is nothing that they may learn.
    pub courtesy: bool,
}

impl Claim {
    /// The longest meeting, in minutes: 24 hours.
    pub const LONGEST: u16 = 24 * 60;
    /// The longest buffer, in minutes: 12 hours.
    pub const LONGEST_BUFFER: u16 = 12 * 60;
    /// How long claims are kept after their end.
    pub const KEPT: Duration = Duration::from_secs(30 * 24 * 3600);

    /// A claim of just the time of the meeting, which must be free.
    pub const fn new(resource: Resource, starts_at: Timestamp, minutes: u16) -> Self {
        Self { resource, starts_at, minutes, before: 0, after: 0, held_until: None, courtesy: false }
    }

    /// The same, left out where the time is not free.
    pub const fn as_courtesy(self) -> Self {
        Self { courtesy: true, ..self }
    }

    /// When the meeting ends.
    pub fn ends_at(&self) -> Timestamp {
        self.starts_at.plus(minutes(self.minutes))
    }

    /// From when on nothing else may be claimed.
    pub fn blocked_from(&self) -> Timestamp {
        self.starts_at.minus(minutes(self.before))
    }

    /// Until when nothing else may be claimed; from this moment on it may.
    pub fn blocked_until(&self) -> Timestamp {
        self.ends_at().plus(minutes(self.after))
    }

    /// Refuses lengths that no meeting has: a domain that lets one pass has a defect.
    pub fn ensure_sound(&self) -> Result<(), StoreError> {
        let is_sound = (1..=Self::LONGEST).contains(&self.minutes)
            && self.before.max(self.after) <= Self::LONGEST_BUFFER;
        if is_sound { Ok(()) } else { Err(StoreError::Fault(format!("no meeting takes so long: {self:?}"))) }
    }
}

fn minutes(count: u16) -> Duration {
    Duration::from_secs(u64::from(count) * 60)
}

/// Whose time was not free, in the order in which it was asked for. Where there is any, the unit failed: nothing of it
/// lasts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use = "a time that is not free must be refused"]
pub struct NotFree(Vec<Resource>);

impl NotFree {
    /// Of all that was asked for, what was not taken though it had to be.
    pub fn of(asked: &[Claim], is_taken: impl Fn(&Claim) -> bool) -> Self {
        let missing = asked.iter().filter(|claim| !claim.courtesy && !is_taken(claim));
        Self(missing.map(|claim| claim.resource).collect())
    }

    /// Whether all is taken that was asked for.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Goes through what is not free.
    pub fn iter(&self) -> slice::Iter<'_, Resource> {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a NotFree {
    type Item = &'a Resource;
    type IntoIter = slice::Iter<'a, Resource>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Takes time in a unit of work. Scope: tenant.
///
/// A unit calls one of [`claim`](Self::claim) and [`move_claims`](Self::move_claims), once: each locks what it names in
/// one order, so that no two units wait for each other.
#[async_trait]
pub trait Claims: Send {
    /// Takes time for a meeting. What holds any of it, in whatever organisation, is named; then the unit takes no more
    /// work. An adapter that cannot make others wait MUST let the later commit fail with [`StoreError::Stale`].
    async fn claim(&mut self, of: &Target, all: &[Claim]) -> Result<NotFree, StoreError>;
    /// The same in place of all that the meeting had taken, over its own old time too.
    async fn move_claims(&mut self, of: &Target, all: &[Claim]) -> Result<NotFree, StoreError>;
    /// Gives back all that the meeting had taken. Again is no change.
    async fn release_claims(&mut self, of: &Target) -> Result<(), StoreError>;
}

/// Forgets claims that are over, unread. Scope: worker.
#[async_trait]
pub trait ClaimUpkeep: Send + Sync {
    /// Gives back what was held until then or earlier; tells how many claims that were.
    async fn lapse_holds(&self, now: Timestamp) -> Result<u64, StoreError>;
    /// Forgets claims whose meeting ended before then; tells how many.
    async fn forget_claims(&self, before: Timestamp) -> Result<u64, StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Id;

    fn claim() -> Claim {
        let host = Resource::Host(Id::from_uuid(Uuid::nil()));
        Claim {
            before: 5,
            after: 10,
            ..Claim::new(host, Timestamp::EPOCH.plus(Duration::from_secs(3600)), 50)
        }
    }

    #[test]
    fn buffers_are_taken_with_the_meeting() {
        let times = [claim().blocked_from(), claim().ends_at(), claim().blocked_until()];
        let expected = ["1970-01-01T00:55:00Z", "1970-01-01T01:50:00Z", "1970-01-01T02:00:00Z"];
        assert_eq!(times.map(|at| at.to_string()), expected);
    }

    #[test]
    fn lengths_that_no_meeting_has_are_faults() {
        assert!(Claim { minutes: 1440, before: 720, after: 720, ..claim() }.ensure_sound().is_ok());
        for wrong in [
            Claim { minutes: 0, ..claim() },
            Claim { minutes: 1441, ..claim() },
            Claim { before: 721, ..claim() },
            Claim { after: 721, ..claim() },
        ] {
            assert!(matches!(wrong.ensure_sound(), Err(StoreError::Fault(_))), "{wrong:?}");
        }
    }

    #[test]
    fn what_is_asked_as_a_courtesy_is_never_named() {
        let not_free = NotFree::of(&[claim(), claim().as_courtesy()], |_| false);
        assert_eq!(not_free.iter().collect::<Vec<_>>(), [&claim().resource]);
        assert!(NotFree::of(&[claim().as_courtesy()], |_| false).is_empty());
    }
}
