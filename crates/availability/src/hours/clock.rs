//! What the clock on the wall of a calendar shows, as offsets from one change to the next.

use kernel::Offsets;
use time::UtcOffset;

use super::{Calendar, UnknownZone, Zones};
use crate::interval::Span;

/// Offsets from UTC in seconds, each from a second on until the next; those before the first are as the first.
pub(crate) struct Clock(Vec<(i64, i64)>);

impl Clock {
    pub(crate) fn of(offsets: &Offsets) -> Self {
        let (first, changes) = offsets.parts();
        let seconds = |offset: UtcOffset| i64::from(offset.whole_seconds());
        let changes = changes.iter().map(|(start, offset)| (start.unix_seconds(), seconds(*offset)));
        Self([(i64::MIN, seconds(first))].into_iter().chain(changes).collect())
    }

    /// The clock of a calendar, which goes along on its trips. Where a trip is not over yet and the next begins, the
    /// later one counts.
    pub(crate) fn along(calendar: &Calendar, zones: &Zones) -> Result<Self, UnknownZone> {
        let home = zones.get(&calendar.zone)?;
        let mut clock = Self::of(home);
        for trip in calendar.travel.trips() {
            let abroad = zones.get(&trip.zone)?;
            let after = trip.until.next_day().unwrap_or(trip.until);
            let (from, until) = (abroad.start_of(trip.from), abroad.start_of(after));
            if let Some(stay) = Span::new(from.unix_seconds(), until.unix_seconds()) {
                clock.replace(stay, &Self::of(abroad), &Self::of(home));
            }
        }
        Ok(clock)
    }

    /// Within the span the other clock counts, and after it this one's again.
    fn replace(&mut self, span: Span, other: &Self, after: &Self) {
        let mut parts: Vec<(i64, i64)> =
            self.0.iter().copied().filter(|(start, _)| *start < span.start()).collect();
        parts.extend(other.within(span).map(|(part, offset)| (part.start(), offset)));
        let rest = Span::new(span.end(), i64::MAX);
        parts.extend(
            rest.into_iter().flat_map(|rest| after.within(rest)).map(|(part, offset)| (part.start(), offset)),
        );
        self.0 = parts;
    }

    /// The span in parts of one offset each.
    pub(crate) fn within(&self, span: Span) -> impl Iterator<Item = (Span, i64)> + '_ {
        let first = self.0.partition_point(|(start, _)| *start <= span.start()).saturating_sub(1);
        self.0[first..].iter().enumerate().take_while(move |(_, (start, _))| *start < span.end()).filter_map(
            move |(index, (start, offset))| {
                let next = self.0.get(first + index + 1).map_or(i64::MAX, |(next, _)| *next);
                Some((Span::new(*start, next)?.intersect(span)?, *offset))
            },
        )
    }
}
