//! A calendar, and when it is open.

use std::collections::BTreeMap;

use kernel::{Boundary, Offsets};
use time::{Date, Duration, PrimitiveDateTime, Time};

use super::{DayHours, OpenHours, UnknownZone, WeeklyHours, Zones};
use crate::{
    fault::{Fault, Faults, Problem},
    interval::{Span, Spans},
};

/// Dates on which the clock of another zone counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trip {
    /// The first date.
    pub from: Date,
    /// The last date.
    pub until: Date,
    /// The zone, as IANA names it.
    pub zone: String,
}

/// Trips in order, of which none is over another.
///
/// ```
/// use availability::{Travel, Trip};
/// use time::macros::date;
/// let trip = |from, until| Trip { from, until, zone: "Asia/Tokyo".to_owned() };
/// let (first, last) = (date!(2026 - 05 - 01), date!(2026 - 05 - 09));
/// let trips = vec![trip(first, last), trip(last, last)];
/// assert_eq!(Travel::new(trips).unwrap_err().iter().next().map(|fault| fault.pointer()), Some("/1"));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Travel(Vec<Trip>);

impl Travel {
    /// The most trips that a calendar has.
    const MOST: usize = 100;

    /// Takes trips in any order.
    pub fn new(trips: Vec<Trip>) -> Result<Self, Faults> {
        let mut faults = Vec::new();
        if trips.len() > Self::MOST {
            faults.push(Fault::new("", Problem::TooMany { most: Self::MOST }));
        }
        let backwards = trips.iter().enumerate().filter(|(_, trip)| trip.from > trip.until);
        faults.extend(backwards.map(|(index, _)| Fault::new(format!("/{index}/until"), Problem::Backwards)));
        let mut ordered: Vec<(usize, Trip)> = trips.into_iter().enumerate().collect();
        ordered.sort_by_key(|(_, trip)| trip.from);
        faults.extend(ordered.windows(2).filter(|two| two[1].1.from <= two[0].1.until).map(|two| {
            Fault::new(format!("/{}", two[1].0), Problem::Overlaps { with: format!("/{}", two[0].0) })
        }));
        Faults::unless_none(faults, Self(ordered.into_iter().map(|(_, trip)| trip).collect()))
    }

    /// The trips in order.
    pub fn trips(&self) -> &[Trip] {
        &self.0
    }

    fn on(&self, date: Date) -> Option<&Trip> {
        let next = self.0.partition_point(|trip| trip.until < date);
        self.0.get(next).filter(|trip| trip.from <= date)
    }
}

/// Whose or what time it is: of a person, or of a room.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    /// The zone whose clock counts where there is no trip, as IANA names it.
    pub zone: String,
    /// The hours of each week.
    pub week: WeeklyHours,
    /// Dates with hours of their own instead; without any the date is closed.
    pub overrides: BTreeMap<Date, DayHours>,
    /// Absences and holidays.
    pub time_off: Spans,
    /// Dates in other zones.
    pub travel: Travel,
}

impl Calendar {
    /// The zones whose clocks count, some more than once: for [`Zones::around`].
    pub fn zones(&self) -> impl Iterator<Item = &str> {
        self.travel.0.iter().map(|trip| &*trip.zone).chain([&*self.zone])
    }

    /// When the calendar is open within the window: its hours, without time off.
    ///
    /// Hours that clocks skip move forward with them; of a time that comes twice a beginning is the earlier, an end the
    /// later. Hours belong to the date on which they begin, and stay within it, or within the next where they end on
    /// that: a date that a zone skipped has none.
    ///
    /// ```
    /// use kernel::Offsets;
    /// use availability::{Calendar, Span, WeeklyHours, Zones};
    /// use time::macros::offset;
    ///
    /// // Berlin in the autumn of 2026: on Sunday at three o'clock the clocks go back to two.
    /// let winter = ("2026-10-25T01:00:00Z".parse()?, offset!(+1));
    /// let zones = Zones::from([("Europe/Berlin".to_owned(), Offsets::new(offset!(+2), vec![winter]))]);
    /// let week: WeeklyHours = serde_json::from_str(r#"{"sunday": [{"from": "00:00", "until": "24:00"}]}"#)?;
    /// let calendar = Calendar { zone: "Europe/Berlin".to_owned(), week, ..Calendar::default() };
    ///
    /// let window = Span::covering("2026-10-20T00:00:00Z".parse()?, "2026-10-30T00:00:00Z".parse()?);
    /// let open = calendar.open(window.expect("ten days"), &zones)?;
    /// assert_eq!(open.total(), 25 * 3600);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open(&self, window: Span, zones: &Zones) -> Result<Spans, UnknownZone> {
        Ok(self.planned(window, zones)?.subtract(&self.time_off))
    }

    /// The hours within the window, time off or not.
    pub(crate) fn planned(&self, window: Span, zones: &Zones) -> Result<Spans, UnknownZone> {
        self.hours(window, zones, |date| {
            self.overrides.get(&date).unwrap_or_else(|| self.week.on(date.weekday()))
        })
    }

    /// The hours that the window would have if no date had hours of its own.
    pub(crate) fn usual(&self, window: Span, zones: &Zones) -> Result<Spans, UnknownZone> {
        self.hours(window, zones, |date| self.week.on(date.weekday()))
    }

    fn hours<'a>(
        &self,
        window: Span,
        zones: &Zones,
        of: impl Fn(Date) -> &'a DayHours,
    ) -> Result<Spans, UnknownZone> {
        let home = zones.get(&self.zone)?;
        let date = |second: i64| crate::interval::moment(second).to_offset_date_time().date().to_julian_day();
        // Clocks are at most a day from UTC, hours end on the next date at the latest.
        let days = date(window.start()) - 3..=date(window.end()) + 1;
        let mut open = Vec::new();
        for date in days.filter_map(|day| Date::from_julian_day(day).ok()) {
            let hours = of(date);
            if hours.iter().next().is_none() {
                continue;
            }
            let clock = self.travel.on(date).map_or(Ok(home), |trip| zones.get(&trip.zone))?;
            let day = Day::new(clock, date);
            open.extend(hours.iter().filter_map(|hours| day.span(hours)?.intersect(window)));
        }
        Ok(open.into_iter().collect())
    }
}

/// A date on the clock of a zone, and when it and the next begin.
struct Day<'a> {
    clock: &'a Offsets,
    date: Date,
    starts: [i64; 3],
}

impl<'a> Day<'a> {
    fn new(clock: &'a Offsets, date: Date) -> Self {
        let starts =
            [0, 1, 2].map(|days| clock.start_of(date.saturating_add(Duration::days(days))).unix_seconds());
        Self { clock, date, starts }
    }

    /// When the hours of the day are. Where one is over the next begins, so `00:00` and `24:00` are its bounds.
    fn span(&self, hours: OpenHours) -> Option<Span> {
        let [start, end, next_end] = self.starts;
        let (from, until) = (hours.from().minute(), hours.last_minute());
        let from = if from == 0 { start } else { self.resolve(from, Boundary::Start) };
        match until {
            ..1440 => Span::new(from.max(start), self.resolve(until, Boundary::End).min(end)),
            1440 => Span::new(from.max(start), end),
            _ => Span::new(from.max(start), self.resolve(until, Boundary::End).min(next_end)),
        }
    }

    fn resolve(&self, minute: u16, boundary: Boundary) -> i64 {
        let midnight = PrimitiveDateTime::new(self.date, Time::MIDNIGHT);
        self.clock.resolve(midnight.saturating_add(Duration::minutes(minute.into())), boundary).unix_seconds()
    }
}
