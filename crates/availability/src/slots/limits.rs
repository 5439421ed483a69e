//! How many meetings may begin in a day, a week, a month and a year.

use std::collections::BTreeMap;

use kernel::{Offsets, Timestamp};
use serde::{Deserialize, Serialize};
use time::{Date, Duration, Month};

use crate::{
    fault::{Fault, Faults, Problem},
    interval::{Span, Spans},
};

/// What is said of limits; [`Limits`] are what holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitSettings {
    /// How many may begin on a date.
    pub day: Option<u32>,
    /// How many from a Monday until the next.
    pub week: Option<u32>,
    /// How many in a month.
    pub month: Option<u32>,
    /// How many in a year.
    pub year: Option<u32>,
}

/// How many meetings may begin in a stretch of dates: of each limit at least one, and not below that of a shorter one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "LimitSettings", into = "LimitSettings")]
pub struct Limits(LimitSettings);

/// Limits, and the starts of the meetings that count for them.
#[derive(Debug, Clone, Copy)]
pub struct Counted<'a> {
    /// The limits.
    pub limits: &'a Limits,
    /// When the meetings begin.
    pub starts: &'a [Timestamp],
}

/// Dates of which a limit speaks.
#[derive(Clone, Copy)]
enum Stretch {
    Day,
    Week,
    Month,
    Year,
}

impl Limits {
    /// Checks the settings.
    ///
    /// ```
    /// use availability::{LimitSettings, Limits};
    /// let limits = LimitSettings { day: Some(3), month: Some(2), ..LimitSettings::default() };
    /// let faults = Limits::new(limits).unwrap_err();
    /// let text = "/month this is not below 3, which is the limit of a shorter time";
    /// assert_eq!(faults.to_string(), text);
    /// ```
    pub fn new(settings: LimitSettings) -> Result<Self, Faults> {
        let LimitSettings { day, week, month, year } = settings;
        let mut faults = Vec::new();
        let mut shorter = 1;
        for (pointer, limit) in [("/day", day), ("/week", week), ("/month", month), ("/year", year)] {
            match limit {
                Some(0) => faults.push(Fault::new(pointer, Problem::OutOfRange { least: 1, most: u32::MAX })),
                Some(limit) if limit < shorter => {
                    faults.push(Fault::new(pointer, Problem::BelowShorter { shorter }));
                }
                _ => shorter = limit.unwrap_or(shorter),
            }
        }
        Faults::unless_none(faults, Self(settings))
    }

    /// What was said.
    pub const fn settings(&self) -> &LimitSettings {
        &self.0
    }

    /// Where the starts of all meetings have to be known that count, for an answer on the starts within the window;
    /// `None` when nothing is limited. The offsets are those of the calendar's zone.
    pub fn counted_around(&self, window: Span, zone: &Offsets) -> Option<Span> {
        let ends = [window.starts_at(), crate::interval::moment(window.end() - 1)];
        let dates = ends.map(|at| date_at(at, zone));
        let around: Vec<Span> = self
            .stretches()
            .flat_map(|(stretch, _)| dates.map(|date| stretch.around(date, zone)))
            .flatten()
            .collect();
        Span::new(around.iter().map(|span| span.start()).min()?, around.iter().map(|span| span.end()).max()?)
    }

    /// The stretches in which as many begin as may.
    pub(crate) fn full(&self, starts: &[Timestamp], zone: &Offsets) -> Spans {
        let mut full = Vec::new();
        for (stretch, limit) in self.stretches() {
            let mut counts: BTreeMap<Date, u32> = BTreeMap::new();
            for start in starts {
                *counts.entry(stretch.first(date_at(*start, zone))).or_default() += 1;
            }
            let reached = counts.into_iter().filter(|(_, count)| *count >= limit);
            full.extend(reached.filter_map(|(first, _)| stretch.around(first, zone)));
        }
        full.into_iter().collect()
    }

    /// The limits there are, from the shortest.
    fn stretches(&self) -> impl Iterator<Item = (Stretch, u32)> {
        let LimitSettings { day, week, month, year } = self.0;
        let all =
            [(Stretch::Day, day), (Stretch::Week, week), (Stretch::Month, month), (Stretch::Year, year)];
        all.into_iter().filter_map(|(stretch, limit)| Some((stretch, limit?)))
    }
}

impl Stretch {
    /// The first date of the stretch in which the date lies.
    fn first(self, date: Date) -> Date {
        match self {
            Self::Day => date,
            Self::Week => {
                date.saturating_sub(Duration::days(date.weekday().number_days_from_monday().into()))
            }
            Self::Month => date.replace_day(1).unwrap_or(date),
            Self::Year => Date::from_ordinal_date(date.year(), 1).unwrap_or(date),
        }
    }

    /// The stretch in which the date lies.
    fn around(self, date: Date, zone: &Offsets) -> Option<Span> {
        let first = self.first(date);
        let next = match self {
            Self::Day => first.saturating_add(Duration::DAY),
            Self::Week => first.saturating_add(Duration::WEEK),
            Self::Month => {
                let year = first.year() + i32::from(first.month() == Month::December);
                Date::from_calendar_date(year, first.month().next(), 1).unwrap_or(Date::MAX)
            }
            Self::Year => Date::from_ordinal_date(first.year() + 1, 1).unwrap_or(Date::MAX),
        };
        Span::new(zone.start_of(first).unix_seconds(), zone.start_of(next).unix_seconds())
    }
}

/// The date in whose time the moment lies. It is not always the one that clocks show: they can be put back over
/// midnight.
fn date_at(at: Timestamp, zone: &Offsets) -> Date {
    let shown = zone.local(at).date();
    shown.next_day().filter(|next| zone.start_of(*next) <= at).unwrap_or(shown)
}

impl TryFrom<LimitSettings> for Limits {
    type Error = Faults;

    fn try_from(settings: LimitSettings) -> Result<Self, Faults> {
        Self::new(settings)
    }
}
impl From<Limits> for LimitSettings {
    fn from(limits: Limits) -> Self {
        limits.0
    }
}
