//! Who of those that are free takes a booking, so that in the long run each has their share.

use std::{cmp::Ordering, num::NonZeroU32};

use kernel::Timestamp;

/// How many bookings somebody is held to have had before they came, in thousandths: what lets newcomers begin with the
/// share of the others, not with all that the others have had already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Calibration(u64);

impl Calibration {
    /// Thousandths of a booking.
    pub const fn from_thousandths(thousandths: u64) -> Self {
        Self(thousandths)
    }

    /// Thousandths of a booking.
    pub const fn thousandths(self) -> u64 {
        self.0
    }

    /// What a newcomer of that weight is held to have had: of the bookings and calibrations of the others as much as
    /// the weight has of theirs, to the nearest thousandth; nothing where nobody else is.
    ///
    /// ```
    /// use std::num::NonZeroU32;
    /// use availability::rotation::{Calibration, Share};
    /// let weight = |weight| NonZeroU32::new(weight).expect("more than none");
    /// let share = |assigned, of| Share { weight: weight(of), assigned, calibration: Calibration::default() };
    /// let others = [share(12, 100), share(24, 200)];
    /// assert_eq!(Calibration::of_newcomer(weight(50), others).thousandths(), 6_000);
    /// ```
    pub fn of_newcomer(weight: NonZeroU32, others: impl IntoIterator<Item = Share>) -> Self {
        let (mut load, mut weights) = (0_u128, 0_u128);
        for other in others {
            load += other.load();
            weights += u128::from(other.weight.get());
        }
        let share = (load * u128::from(weight.get()) + weights / 2).checked_div(weights).unwrap_or_default();
        Self(u64::try_from(share).unwrap_or(u64::MAX))
    }
}

/// What somebody has had of what is given out, and how much they should have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// How much they should have, in proportion to the others.
    pub weight: NonZeroU32,
    /// How many bookings they have had this month, without those that clients missed or cancelled.
    pub assigned: u32,
    /// How many more they are held to have had.
    pub calibration: Calibration,
}

impl Share {
    /// Thousandths of bookings.
    fn load(&self) -> u128 {
        u128::from(self.assigned) * 1000 + u128::from(self.calibration.0)
    }

    /// Who has had less in proportion to their weight. Crosswise products say it without a division.
    fn compare(&self, other: &Self) -> Ordering {
        let of = |one: &Self, two: &Self| one.load() * u128::from(two.weight.get());
        of(self, other).cmp(&of(other, self))
    }
}

/// Somebody who is free, and could take the booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate<Id> {
    /// Who.
    pub id: Id,
    /// What they have had.
    pub share: Share,
    /// Who comes first of those with equal shares: the higher.
    pub priority: u8,
    /// When they were booked last.
    pub last_booked: Option<Timestamp>,
}

/// In which order those who are free are tried: first who has had least in proportion to their weight, then by
/// priority, then who was booked least recently, then by id.
///
/// ```
/// use std::num::NonZeroU32;
/// use availability::rotation::{Calibration, Candidate, Share, ranked};
/// let candidate = |id, assigned, weight| {
///     let weight = NonZeroU32::new(weight).expect("more than none");
///     let share = Share { weight, assigned, calibration: Calibration::default() };
///     Candidate { id, share, priority: 0, last_booked: None }
/// };
/// // Who works half the time has had their half.
/// let order = ranked([candidate("full", 11, 100), candidate("half", 5, 50)]);
/// assert_eq!(order.map(|one| one.id).collect::<Vec<_>>(), ["half", "full"]);
/// ```
pub fn ranked<Id: Ord>(free: impl IntoIterator<Item = Candidate<Id>>) -> impl Iterator<Item = Candidate<Id>> {
    let mut order: Vec<Candidate<Id>> = free.into_iter().collect();
    order.sort_by(|one, two| {
        one.share
            .compare(&two.share)
            .then_with(|| two.priority.cmp(&one.priority))
            .then_with(|| one.last_booked.cmp(&two.last_booked))
            .then_with(|| one.id.cmp(&two.id))
    });
    order.into_iter()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn share(weight: u32, assigned: u32, thousandths: u64) -> Share {
        Share { weight: NonZeroU32::new(weight).unwrap(), assigned, calibration: Calibration(thousandths) }
    }

    fn candidate(id: u32, share: Share) -> Candidate<u32> {
        Candidate { id, share, priority: 0, last_booked: None }
    }

    fn order(free: &[Candidate<u32>]) -> Vec<u32> {
        ranked(free.iter().copied()).map(|one| one.id).collect()
    }

    #[test]
    fn each_rule_counts_where_those_before_it_find_no_difference() {
        let seconds = |seconds: i64| Timestamp::from_unix_seconds(seconds);
        let same = share(3, 2, 0);
        let free = [
            candidate(1, share(1, 1, 0)),
            Candidate { last_booked: seconds(9), ..candidate(2, same) },
            Candidate { last_booked: seconds(7), ..candidate(3, same) },
            candidate(5, same),
            candidate(4, share(6, 4, 0)),
            Candidate { priority: 1, last_booked: seconds(9), ..candidate(6, share(3, 1, 1000)) },
            candidate(7, share(3, 1, 999)),
        ];
        assert_eq!(order(&free), [7, 6, 4, 5, 3, 2, 1]);
        assert_eq!(order(&[]), [0; 0]);
    }

    #[test]
    fn shares_are_compared_exactly() {
        // As numbers of 64 bits with a point both are the same.
        let (weight, load) = (u32::MAX, u64::MAX - 1);
        let (more, less) = (share(weight, u32::MAX, load + 1), share(weight, u32::MAX, load));
        assert_eq!(order(&[candidate(1, more), candidate(2, less)]), [2, 1]);
        assert_eq!(share(1, 1, 0).compare(&share(3, 3, 0)), Ordering::Equal);
    }

    #[test]
    fn newcomers_begin_with_the_share_of_the_others() {
        let newcomer = |weight: u32, others: &[Share]| {
            Calibration::of_newcomer(NonZeroU32::new(weight).unwrap(), others.iter().copied()).thousandths()
        };
        assert_eq!(newcomer(1, &[]), 0);
        assert_eq!(newcomer(1, &[share(1, 10, 0), share(1, 20, 0), share(1, 30, 0)]), 20_000);
        assert_eq!(newcomer(2, &[share(1, 10, 500), share(3, 30, 1500)]), 21_000);
        assert_eq!(
            (newcomer(1, &[share(3, 1, 0)]), newcomer(2, &[share(3, 1, 0)])),
            (333, 667),
            "the nearest"
        );
        assert_eq!(newcomer(u32::MAX, &[share(1, u32::MAX, u64::MAX)]), u64::MAX);
    }

    proptest! {
        /// When all are always free, nobody is ever a booking further ahead of anybody than their own last one.
        #[test]
        fn in_the_long_run_each_has_their_share(
            weights in proptest::collection::vec(1_u32..8, 1..6),
            count in 1_usize..120,
        ) {
            let mut all: Vec<Candidate<u32>> =
                (0..).zip(&weights).map(|(id, weight)| candidate(id, share(*weight, 0, 0))).collect();
            for _ in 0..count {
                let first = order(&all)[0];
                all[usize::try_from(first).unwrap()].share.assigned += 1;
            }
            for (one, two) in all.iter().flat_map(|one| all.iter().map(move |two| (one.share, two.share))) {
                prop_assert!(one.assigned.saturating_sub(1) * two.weight.get() <= two.assigned * one.weight.get());
            }
        }
    }
}
