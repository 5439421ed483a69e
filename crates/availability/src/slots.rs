//! Which starts of an offering can be booked.

mod grid;
mod limits;
mod rules;
#[cfg(test)]
mod tests;

use kernel::{Offsets, Timestamp};

pub(crate) use self::{grid::Grid, rules::LENGTH};
pub use self::{
    limits::{Counted, LimitSettings, Limits},
    rules::{RuleSettings, Rules},
};
use crate::{
    hours::{Calendar, Clock, UnknownZone, Zones},
    interval::{Span, Spans, first_second},
};

/// All that decides when one calendar can be booked by the rules of an offering.
///
/// What is listed and what is taken are found by the same way: [`starts`](Self::starts) has exactly those that
/// [`is_offered`](Self::is_offered) confirms and [`explain`](Self::explain) has nothing against.
///
/// ```
/// use kernel::{Offsets, Timestamp};
/// use availability::{Calendar, LimitSettings, Question, RuleSettings, Rules, Span, Zones};
/// use time::macros::offset;
///
/// let at = |text: &str| text.parse::<Timestamp>();
/// let zones = Zones::from([("Asia/Kolkata".to_owned(), Offsets::new(offset!(+5:30), Vec::new()))]);
/// let calendar = Calendar {
///     zone: "Asia/Kolkata".to_owned(),
///     week: serde_json::from_str(r#"{"tuesday": [{"from": "09:00", "until": "12:00"}]}"#)?,
///     ..Calendar::default()
/// };
/// let rules = Rules::new(RuleSettings {
///     minutes: vec![30, 60],
///     interval: 30,
///     before: 0,
///     after: 15,
///     notice: 60,
///     horizon_days: 30,
///     limits: LimitSettings::default(),
/// })?;
/// let lunch = Span::covering(at("2026-12-01T05:30:00Z")?, at("2026-12-01T06:30:00Z")?).expect("an hour");
/// let question = Question {
///     rules: &rules,
///     calendar: &calendar,
///     zones: &zones,
///     busy: &[lunch],
///     external: &[],
///     counted: &[],
///     now: at("2026-12-01T00:00:00Z")?,
/// };
/// let tuesday = Span::covering(at("2026-12-01T00:00:00Z")?, at("2026-12-02T00:00:00Z")?).expect("a day");
/// // From nine o'clock there; 15 minutes are free after it, and before eleven is lunch.
/// let starts = question.starts(tuesday, 60)?;
/// assert_eq!(starts, [at("2026-12-01T03:30:00Z")?, at("2026-12-01T04:00:00Z")?]);
/// assert!(question.is_offered(starts[0], 60)?);
/// assert!(!question.is_offered(at("2026-12-01T04:30:00Z")?, 60)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The rules of the offering.
    pub rules: &'a Rules,
    /// Whose time it is.
    pub calendar: &'a Calendar,
    /// The clocks of the calendar's zones; [`Zones::around`] the window has them.
    pub zones: &'a Zones,
    /// What is booked, with what it keeps free around it; all of it [around the window](Rules::busy_around).
    pub busy: &'a [Span],
    /// What other calendars of the same person say, as far around.
    pub external: &'a [Span],
    /// What counts for limits, of the offering and of the calendar; all of it
    /// [around the window](Limits::counted_around).
    pub counted: &'a [Counted<'a>],
    /// The present.
    pub now: Timestamp,
}

/// What is found on the way to the starts within a window, and kept to explain those that are missing.
pub(crate) struct Pass<'a> {
    pub(crate) zone: &'a Offsets,
    clock: Clock,
    /// Hours of the calendar, time off or not.
    pub(crate) planned: Spans,
    pub(crate) busy: Spans,
    pub(crate) external: Spans,
    /// What is busy or external, and as far around it as meetings keep free.
    pub(crate) blocked: Spans,
    /// Where meetings can lie.
    pub(crate) free: Spans,
    /// The first second at which a meeting may begin, and the first at which it no longer may.
    pub(crate) bookable: (i64, i64),
    /// Where as many meetings begin as may.
    pub(crate) full: Spans,
    /// Where meetings may begin.
    startable: Spans,
}

impl<'a> Question<'a> {
    /// The moments in the window at which one can book a meeting of that many minutes, in order; none of lengths that
    /// the rules do not have.
    pub fn starts(&self, window: Span, minutes: u32) -> Result<Vec<Timestamp>, UnknownZone> {
        let starts = self.pass(window)?.starts(self.rules, minutes);
        Ok(starts.into_iter().map(crate::interval::moment).collect())
    }

    /// Whether one can book a meeting of that many minutes at that moment.
    pub fn is_offered(&self, start: Timestamp, minutes: u32) -> Result<bool, UnknownZone> {
        let second = first_second(start);
        let Some(window) = Span::new(second, second.saturating_add(1)) else { return Ok(false) };
        Ok(self.starts(window, minutes)?.contains(&start))
    }

    /// Where meetings of the calendar can lie in the window: its hours, without time off and what is taken, and what
    /// meetings keep free of that. Notice, horizon and limits say when they may begin, and are not in it.
    pub fn free(&self, window: Span) -> Result<Spans, UnknownZone> {
        Ok(self.pass(window)?.free.clip(window))
    }

    pub(crate) fn pass(&self, window: Span) -> Result<Pass<'a>, UnknownZone> {
        let around = rules::surroundings(window);
        let known = self.rules.busy_around(window);
        let zone = self.zones.get(&self.calendar.zone)?;
        let planned = self.calendar.planned(around, self.zones)?;
        let gather =
            |spans: &[Span]| spans.iter().filter_map(|span| span.intersect(known)).collect::<Spans>();
        let (busy, external) = (gather(self.busy), gather(self.external));
        // The time after a meeting lies before what comes next, and the time before it after what was.
        let (before, after) = self.rules.buffers();
        let blocked = busy.union(&external).widen(after, before);
        let free = planned.subtract(&self.calendar.time_off).subtract(&blocked);
        let bookable = self.bookable();
        let full = |counted: &Counted<'_>| counted.limits.full(counted.starts, zone);
        let full = self.counted.iter().map(full).fold(Spans::NONE, |all, more| all.union(&more));
        let timely = Span::new(bookable.0, bookable.1).and_then(|timely| timely.intersect(window));
        let startable = timely.map_or(Spans::NONE, Spans::from).subtract(&full);
        let clock = Clock::along(self.calendar, self.zones)?;
        Ok(Pass { zone, clock, planned, busy, external, blocked, free, bookable, full, startable })
    }

    fn bookable(&self) -> (i64, i64) {
        let settings = self.rules.settings();
        let minutes = |count: u32| std::time::Duration::from_secs(u64::from(count) * 60);
        let last = self.now.plus(minutes(settings.horizon_days * 24 * 60));
        (first_second(self.now.plus(minutes(settings.notice))), last.unix_seconds() + 1)
    }
}

impl Pass<'_> {
    /// The seconds at which a meeting can begin.
    pub(crate) fn starts(&self, rules: &Rules, minutes: u32) -> Vec<i64> {
        let mut starts = Vec::new();
        if rules.allows(minutes) {
            let grid = Grid::new(rules.settings().interval, &self.clock, self.zone);
            for part in self.startable.iter() {
                for free in self.free.touching(part) {
                    grid.starts(*free, part, i64::from(minutes) * 60, &mut starts);
                }
            }
        }
        starts
    }
    /// Whether a meeting could lie there, and begins where none does.
    pub(crate) fn is_off_grid(&self, rules: &Rules, start: Timestamp, meeting: Span) -> bool {
        let grid = Grid::new(rules.settings().interval, &self.clock, self.zone);
        let mut starts = Vec::new();
        match (self.free.around(meeting.start()), Span::new(meeting.start(), meeting.start() + 1)) {
            (Some(free), Some(first)) if free.covers(meeting) => {
                grid.starts(free, first, meeting.seconds(), &mut starts);
                starts.is_empty() || meeting.starts_at() != start
            }
            _ => meeting.starts_at() != start,
        }
    }
}
