//! Quotas: how much one owner may have, so that nobody fills an installation alone.

use std::time::Duration;

use crate::{Timestamp, refusals};

/// Something that owners have a bounded number of. A domain counts it in the unit that adds to it, after
/// [`UnitOfWork::take_turn`](crate::UnitOfWork::take_turn), so that units side by side do not pass the bound together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// The setting that bounds it, after `quotas.`.
    pub setting: &'static str,
    /// What is counted, of whom.
    pub of: &'static str,
    /// What makes room.
    pub mend: &'static str,
}

/// What is not added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QuotaRefused {
    /// The owner would have more than there may be.
    #[error(
        "{}: {most} at most, and there are {used}; {}, or ask whoever runs this installation to allow more (`quotas.{}`)",
        .quota.of, .quota.mend, .quota.setting
    )]
    Reached {
        /// What is bounded.
        quota: Quota,
        /// How many there may be.
        most: u64,
        /// How many there are.
        used: u64,
    },
}

/// How many of something an organisation may have: fewer while it is new and nobody knows what it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allotment {
    /// How many in the end.
    pub usual: u64,
    /// How many as long as it is new; never more than in the end.
    pub at_first: u64,
    /// For how long after its founding it is new.
    pub new_for: Duration,
}

impl Allotment {
    /// As many for all.
    pub const fn flat(most: u64) -> Self {
        Self { usual: most, at_first: most, new_for: Duration::ZERO }
    }

    /// How many, for one that was founded then. What the operators of the installation decided of it counts before all.
    pub fn of(self, decided: Option<u64>, founded_at: Timestamp, now: Timestamp) -> u64 {
        let by_age =
            if now.since(founded_at) < self.new_for { self.usual.min(self.at_first) } else { self.usual };
        decided.unwrap_or(by_age)
    }
}

impl Quota {
    /// Lets `more` be added to what is there, up to `most`.
    pub const fn admit(self, most: u64, used: u64, more: u64) -> Result<(), QuotaRefused> {
        if used.saturating_add(more) > most {
            Err(QuotaRefused::Reached { quota: self, most, used })
        } else {
            Ok(())
        }
    }
}

refusals! {
    QuotaRefused {
        own {
            Self::Reached { .. } => Conflict, "quota.reached", "The account or organisation has as many of these as the installation allows. The detail says of what, how many there may be, and what makes room. People make room, or ask whoever runs the installation.";
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_admits_up_to_its_bound_and_says_what_is_over() {
        let keys = Quota { setting: "api_keys", of: "API keys of an organisation", mend: "revoke one" };
        assert_eq!(keys.admit(3, 2, 1), Ok(()));
        let reached = keys.admit(3, 2, 2).expect_err("there would be four");
        assert_eq!(
            reached.to_string(),
            "API keys of an organisation: 3 at most, and there are 2; revoke one, or ask whoever runs this \
             installation to allow more (`quotas.api_keys`)"
        );
        assert!(keys.admit(u64::MAX, u64::MAX, 1).is_ok(), "nothing overflows");
    }

    #[test]
    fn a_new_organisation_is_allotted_less_unless_its_operators_decided() {
        let of = Allotment { usual: 100, at_first: 5, new_for: Duration::from_secs(60) };
        let at = |seconds| Timestamp::EPOCH.plus(Duration::from_secs(seconds));
        assert_eq!([59, 60].map(|seconds| of.of(None, at(0), at(seconds))), [5, 100]);
        assert_eq!([0, 60].map(|seconds| of.of(Some(7), at(0), at(seconds))), [7, 7]);
        assert_eq!(Allotment { usual: 3, ..of }.of(None, at(0), at(1)), 3, "never more than in the end");
        assert_eq!(Allotment::flat(9).of(None, at(0), at(0)), 9);
    }
}
