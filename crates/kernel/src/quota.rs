//! Quotas: how much one owner may have, so that nobody fills an installation alone.

use crate::refusals;

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
        "{}: {most} at most, and there are {used}; {}, or ask whoever runs this installation to raise `quotas.{}`",
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
             installation to raise `quotas.api_keys`"
        );
        assert!(keys.admit(u64::MAX, u64::MAX, 1).is_ok(), "nothing overflows");
    }
}
