//! Where starts lie.

use kernel::Offsets;

use crate::{
    hours::Clock,
    interval::{Span, moment},
};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// Starts so far apart. Where that divides an hour, they are its multiples on the clock; else they count from where
/// free time begins.
pub(crate) struct Grid<'a> {
    step: i64,
    clock: &'a Clock,
    /// By whose days long free time is cut.
    zone: &'a Offsets,
}

impl<'a> Grid<'a> {
    pub(crate) fn new(minutes: u32, clock: &'a Clock, zone: &'a Offsets) -> Self {
        Self { step: i64::from(minutes) * 60, clock, zone }
    }

    /// Adds the starts in a part of free time at which the meeting is over before the free time is.
    pub(crate) fn starts(&self, free: Span, part: Span, seconds: i64, starts: &mut Vec<i64>) {
        let fits = Span::new(free.start(), free.end() - seconds + 1).and_then(|fits| fits.intersect(part));
        let Some(part) = fits else { return };
        if HOUR % self.step == 0 {
            for (part, offset) in self.clock.within(part) {
                self.count(part, -offset, starts);
            }
        } else if free.seconds() <= DAY {
            self.count(part, free.start(), starts);
        } else {
            self.count_by_days(free, part, starts);
        }
    }

    /// Free time can be endless. So that its beginning need not be known, each date's starts count from at most 24
    /// hours before the date begins.
    fn count_by_days(&self, free: Span, part: Span, starts: &mut Vec<i64>) {
        let mut date = self.zone.local(moment(part.start())).date();
        let mut begins = self.zone.start_of(date).unix_seconds();
        while begins < part.end() {
            let Some(next) = date.next_day() else { return };
            let ends = self.zone.start_of(next).unix_seconds();
            if let Some(part) = Span::new(begins, ends).and_then(|day| day.intersect(part)) {
                self.count(part, free.start().max(begins - DAY), starts);
            }
            (date, begins) = (next, ends);
        }
    }

    /// Adds the seconds of the part that lie whole steps from the origin.
    fn count(&self, part: Span, origin: i64, starts: &mut Vec<i64>) {
        let mut start = part.start() + (origin - part.start()).rem_euclid(self.step);
        while start < part.end() {
            starts.push(start);
            start += self.step;
        }
    }
}
