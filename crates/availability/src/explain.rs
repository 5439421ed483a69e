//! Why a start cannot be booked.

use kernel::Timestamp;

use crate::{
    hours::UnknownZone,
    interval::{Span, Spans, first_second},
    slots::Question,
};

kernel::named! {
    /// What takes away a piece of time.
    pub enum Reason {
        /// The calendar is closed then.
        OutsideHours = "outside_hours",
        /// The date has hours of its own, by which it is closed then.
        Override = "override",
        /// Somebody is away, or the house is closed.
        TimeOff = "time_off",
        /// Another booking is then.
        Busy = "busy",
        /// Time is kept free between this and another booking.
        Buffer = "buffer",
        /// Another calendar of the same person says so.
        External = "external",
        /// It begins too soon.
        Notice = "notice",
        /// It begins too far ahead.
        Horizon = "horizon",
        /// As many begin on these dates as may.
        Limit = "limit",
        /// Nobody is there who could be booked. Who asks for many calendars says this; one calendar never has it.
        HostMissing = "host_missing",
        /// The time is free, and no start of those that are offered.
        Grid = "grid",
        /// Meetings of this offering are not that long.
        Length = "length",
    }
}

kernel::named! {
    /// What staff can book in spite of.
    pub enum Waiver {
        /// When the calendar is open, and where its starts lie.
        Hours = "hours",
        /// How far ahead one books.
        Notice = "notice",
        /// How many there may be.
        Limit = "limit",
    }
}

kernel::named! {
    /// What clients are told: nothing of what others do.
    pub enum ClientReason {
        /// It cannot be booked.
        Unavailable = "unavailable",
        /// It can no longer be booked.
        TooSoon = "too_soon",
        /// It cannot be booked yet.
        TooFarAhead = "too_far_ahead",
        /// No meeting of that length begins then.
        NotAStart = "not_a_start",
    }
}

impl Reason {
    /// By what staff can book all the same; nothing helps against what is taken.
    pub const fn waiver(self) -> Option<Waiver> {
        match self {
            Self::OutsideHours | Self::Override | Self::TimeOff | Self::Grid => Some(Waiver::Hours),
            Self::Notice | Self::Horizon => Some(Waiver::Notice),
            Self::Limit => Some(Waiver::Limit),
            Self::Busy | Self::Buffer | Self::External | Self::HostMissing | Self::Length => None,
        }
    }

    /// What clients are told.
    pub const fn for_clients(self) -> ClientReason {
        match self {
            Self::Notice => ClientReason::TooSoon,
            Self::Horizon => ClientReason::TooFarAhead,
            Self::Grid | Self::Length => ClientReason::NotAStart,
            _ => ClientReason::Unavailable,
        }
    }
}

/// A piece of time that cannot be booked, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Removed {
    /// The piece, of the time that the meeting would take.
    pub span: Span,
    /// Why.
    pub reason: Reason,
}

impl Question<'_> {
    /// All that speaks against a meeting of that many minutes at that moment, in order; nothing when it
    /// [is offered](Self::is_offered).
    ///
    /// ```
    /// # use kernel::{Offsets, Timestamp};
    /// # use availability::{Calendar, Question, Rules, Span, Zones};
    /// # let zones = Zones::from([("Etc/UTC".to_owned(), Offsets::new(time::UtcOffset::UTC, Vec::new()))]);
    /// # let week = serde_json::from_str(r#"{"tuesday": [{"from": "09:00", "until": "12:00"}]}"#)?;
    /// # let calendar = Calendar { zone: "Etc/UTC".to_owned(), week, ..Calendar::default() };
    /// use availability::{Reason, Waiver};
    /// let rules = r#"{"minutes": [60], "interval": 30, "notice": 60, "horizon_days": 30}"#;
    /// let rules: Rules = serde_json::from_str(rules)?;
    /// let now: Timestamp = "2026-12-01T10:45:00Z".parse()?;
    /// let question =
    ///     Question { rules: &rules, calendar: &calendar, zones: &zones, busy: &[], external: &[], counted: &[], now };
    ///
    /// let against = question.explain("2026-12-01T11:30:00Z".parse()?, 60)?;
    /// let reasons: Vec<Reason> = against.iter().map(|removed| removed.reason).collect();
    /// assert_eq!(reasons, [Reason::Notice, Reason::OutsideHours]);
    /// assert_eq!(against[1].span.starts_at().to_string(), "2026-12-01T12:00:00Z");
    /// // Staff who need not keep to hours and notice can book it.
    /// assert!(reasons.iter().all(|reason| [Some(Waiver::Hours), Some(Waiver::Notice)].contains(&reason.waiver())));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn explain(&self, start: Timestamp, minutes: u32) -> Result<Vec<Removed>, UnknownZone> {
        let second = first_second(start);
        let seconds = i64::from(minutes.clamp(1, 24 * 60)) * 60;
        let (Some(window), Some(meeting)) =
            (Span::new(second, second + 1), Span::new(second, second + seconds))
        else {
            return Ok(Vec::new());
        };
        let pass = self.pass(window)?;
        let mut removed = Vec::new();
        let mut remove = |pieces: &Spans, reason: Reason| {
            removed.extend(pieces.clip(meeting).iter().map(|span| Removed { span, reason }));
        };
        let all = Spans::from(meeting);
        let closed = all.subtract(&pass.planned);
        let usual = self.calendar.usual(meeting, self.zones)?;
        remove(&closed.subtract(&usual), Reason::OutsideHours);
        remove(&closed.intersect(&usual), Reason::Override);
        remove(&self.calendar.time_off, Reason::TimeOff);
        remove(&pass.busy, Reason::Busy);
        remove(&pass.external, Reason::External);
        remove(&pass.blocked.subtract(&pass.busy).subtract(&pass.external), Reason::Buffer);
        let (first, after) = pass.bookable;
        let until = |end: i64| Span::new(i64::MIN, end).map_or(Spans::NONE, Spans::from);
        remove(&until(first), Reason::Notice);
        if second >= after {
            remove(&all, Reason::Horizon);
        }
        if let Some(full) = pass.full.around(second) {
            remove(&full.into(), Reason::Limit);
        }
        if !self.rules.allows(minutes) {
            remove(&all, Reason::Length);
        }
        if pass.is_off_grid(self.rules, start, meeting) {
            remove(&all, Reason::Grid);
        }
        removed.sort_unstable();
        Ok(removed)
    }
}
