//! Civil times of a zone and the moments they stand for.

use time::{Date, Duration, PrimitiveDateTime, Time, UtcOffset};

use crate::Timestamp;

/// The UTC offsets in force in a zone, and when each begins: what [`TimeZones`](crate::TimeZones) knows of a stretch of
/// time. Before and after the stretch the first and the last offset go on.
///
/// ```
/// use kernel::{Boundary, Offsets};
/// use time::macros::{date, datetime, offset};
///
/// // Berlin in the autumn of 2026: at three o'clock the clocks go back to two.
/// let winter = ("2026-10-25T01:00:00Z".parse()?, offset!(+1));
/// let berlin = Offsets::new(offset!(+2), vec![winter]);
/// let twice = datetime!(2026-10-25 02:30);
/// assert_eq!(berlin.resolve(twice, Boundary::Start).to_string(), "2026-10-25T00:30:00Z");
/// assert_eq!(berlin.resolve(twice, Boundary::End).to_string(), "2026-10-25T01:30:00Z");
/// assert_eq!(berlin.start_of(date!(2026-10-25)).to_string(), "2026-10-24T22:00:00Z");
/// assert_eq!(berlin.start_of(date!(2026-10-26)).to_string(), "2026-10-25T23:00:00Z");
/// # Ok::<(), kernel::ParseTimestampError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offsets {
    first: UtcOffset,
    changes: Vec<(Timestamp, UtcOffset)>,
}

/// What a civil time bounds, which decides between the two moments that it stands for when clocks are put back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Boundary {
    /// Something begins then: at the earlier moment.
    Start,
    /// Something ends then: at the later moment.
    End,
}

impl Offsets {
    /// The first offset, and those that take its place, each with the moment from which it is in force.
    pub fn new(first: UtcOffset, mut changes: Vec<(Timestamp, UtcOffset)>) -> Self {
        changes.sort_by_key(|(start, _)| *start);
        let mut before = first;
        changes.retain(|(_, offset)| std::mem::replace(&mut before, *offset) != *offset);
        Self { first, changes }
    }

    /// The first offset, and those that take its place, each with the moment from which it is in force.
    pub fn parts(&self) -> (UtcOffset, &[(Timestamp, UtcOffset)]) {
        (self.first, &self.changes)
    }

    /// What clocks in the zone show at that moment.
    pub fn local(&self, at: Timestamp) -> PrimitiveDateTime {
        let current = self.changes.iter().rev().find(|(start, _)| *start <= at);
        let offset = current.map_or(self.first, |(_, offset)| *offset);
        let shown = at.to_offset_date_time().saturating_add(seconds(offset));
        PrimitiveDateTime::new(shown.date(), shown.time())
    }

    /// The moment a civil time stands for. One that clocks skip moves forward by as much as they do: where they go from
    /// two to three, 02:30 is 03:30.
    pub fn resolve(&self, civil: PrimitiveDateTime, boundary: Boundary) -> Timestamp {
        let begun = self.changes.iter().rev().find(|(start, offset)| *start <= moment(civil, *offset));
        let latest = moment(civil, begun.map_or(self.first, |(_, offset)| *offset));
        let (start, earliest) = self.earliest(civil);
        let is_skipped = start.is_some_and(|start| earliest < start);
        if boundary == Boundary::End || is_skipped { latest } else { earliest }
    }

    /// The first moment of a day, which is not always midnight. A day goes until the next one starts; one that the zone
    /// skipped is empty.
    pub fn start_of(&self, date: Date) -> Timestamp {
        let (start, midnight) = self.earliest(PrimitiveDateTime::new(date, Time::MIDNIGHT));
        start.map_or(midnight, |start| midnight.max(start))
    }

    /// The civil time by the first offset that is still in force then, and since when that is.
    fn earliest(&self, civil: PrimitiveDateTime) -> (Option<Timestamp>, Timestamp) {
        let (mut start, mut at) = (None, moment(civil, self.first));
        for (change, offset) in &self.changes {
            if at < *change {
                break;
            }
            (start, at) = (Some(*change), moment(civil, *offset));
        }
        (start, at)
    }
}

fn moment(civil: PrimitiveDateTime, offset: UtcOffset) -> Timestamp {
    Timestamp::new(civil.assume_utc().saturating_sub(seconds(offset)))
}

fn seconds(offset: UtcOffset) -> Duration {
    Duration::seconds(offset.whole_seconds().into())
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime, offset};

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// Both moments of a civil time.
    fn both(offsets: &Offsets, civil: PrimitiveDateTime) -> [String; 2] {
        [Boundary::Start, Boundary::End].map(|boundary| offsets.resolve(civil, boundary).to_string())
    }

    #[test]
    fn a_skipped_time_moves_forward() {
        let berlin = Offsets::new(offset!(+1), vec![(at("2027-03-28T01:00:00Z"), offset!(+2))]);
        assert_eq!(both(&berlin, datetime!(2027-03-28 01:59)), ["2027-03-28T00:59:00Z"; 2]);
        assert_eq!(both(&berlin, datetime!(2027-03-28 02:30)), ["2027-03-28T01:30:00Z"; 2]);
        assert_eq!(both(&berlin, datetime!(2027-03-28 03:00)), ["2027-03-28T01:00:00Z"; 2]);
        assert_eq!(berlin.local(at("2027-03-28T00:59:59Z")), datetime!(2027-03-28 01:59:59));
        assert_eq!(berlin.local(at("2027-03-28T01:00:00Z")), datetime!(2027-03-28 03:00));
    }

    #[test]
    fn a_time_that_comes_twice_starts_early_and_ends_late() {
        let lord_howe = Offsets::new(offset!(+11), vec![(at("2026-04-04T15:00:00Z"), offset!(+10:30))]);
        let twice = both(&lord_howe, datetime!(2026-04-05 01:45));
        assert_eq!(twice, ["2026-04-04T14:45:00Z", "2026-04-04T15:15:00Z"]);
        assert_eq!(both(&lord_howe, datetime!(2026-04-05 01:29)), ["2026-04-04T14:29:00Z"; 2]);
        assert_eq!(both(&lord_howe, datetime!(2026-04-05 02:00)), ["2026-04-04T15:30:00Z"; 2]);
    }

    #[test]
    fn a_day_starts_with_its_first_moment() {
        let santiago = Offsets::new(offset!(-4), vec![(at("2026-09-06T04:00:00Z"), offset!(-3))]);
        assert_eq!(santiago.start_of(date!(2026 - 09 - 06)), at("2026-09-06T04:00:00Z"));
        assert_eq!(santiago.start_of(date!(2026 - 09 - 07)), at("2026-09-07T03:00:00Z"), "after 23 hours");
        // Clocks went from half past eleven in the evening to half past twelve.
        let toronto = Offsets::new(offset!(-5), vec![(at("1919-03-31T04:30:00Z"), offset!(-4))]);
        let first = toronto.start_of(date!(1919 - 03 - 31));
        assert_eq!((first, toronto.local(first)), (at("1919-03-31T04:30:00Z"), datetime!(1919-03-31 00:30)));
        // There was no 30 December.
        let apia = Offsets::new(offset!(-10), vec![(at("2011-12-30T10:00:00Z"), offset!(+14))]);
        let starts = [29, 30, 31].map(|day| apia.start_of(date!(2011 - 12 - 01).replace_day(day).unwrap()));
        assert_eq!(
            starts.map(|at| at.to_string()),
            ["2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z"]
        );
    }

    #[test]
    fn what_changes_nothing_is_left_out() {
        let (one, two) = (at("2026-01-01T00:00:00Z"), at("2026-02-01T00:00:00Z"));
        let offsets = Offsets::new(offset!(+1), vec![(two, offset!(+2)), (one, offset!(+1))]);
        assert_eq!(offsets, Offsets::new(offset!(+1), vec![(two, offset!(+2))]));
        assert_eq!(offsets.parts(), (offset!(+1), &[(two, offset!(+2))][..]));
    }

    #[test]
    fn the_ends_of_time_hold() {
        let offsets = Offsets::new(offset!(-12), vec![(Timestamp::EPOCH, offset!(+14))]);
        for civil in [PrimitiveDateTime::MIN, PrimitiveDateTime::MAX] {
            let resolved = offsets.resolve(civil, Boundary::Start);
            assert!((offsets.local(resolved) - civil).abs() < Duration::DAY);
        }
        assert!(offsets.start_of(Date::MAX) > offsets.start_of(Date::MIN));
    }
}
