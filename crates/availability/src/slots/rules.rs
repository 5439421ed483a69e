//! What can be booked of the time that is open.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::{LimitSettings, Limits};
use crate::{
    fault::{Fault, Faults, Problem},
    interval::Span,
};

const HOUR: u32 = 60;
const DAY: u32 = 24 * HOUR;

/// How long meetings are, and how far apart the starts that do not divide an hour, in minutes.
pub(crate) const LENGTH: RangeInclusive<u32> = 5..=DAY;
/// The longest time kept free on a side of a meeting, in minutes.
const BUFFER: RangeInclusive<u32> = 0..=12 * HOUR;
/// How many days ahead people book.
const HORIZON: RangeInclusive<u32> = 1..=730;
/// The most lengths to choose from.
const MOST_LENGTHS: usize = 10;

/// What is said of an offering; [`Rules`] are what holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSettings {
    /// The lengths to choose from, in minutes: up to 10 from 5 to 1,440.
    pub minutes: Vec<u32>,
    /// How far apart starts are, in minutes: 5 to 1,440 that divide 60 or are a multiple of 5.
    pub interval: u32,
    /// Minutes that are free before a meeting, up to 720.
    #[serde(default)]
    pub before: u32,
    /// Minutes that are free after a meeting, up to 720.
    #[serde(default)]
    pub after: u32,
    /// How many minutes ahead people book at the latest; less than the horizon.
    #[serde(default)]
    pub notice: u32,
    /// How many days ahead people book at the earliest: 1 to 730.
    pub horizon_days: u32,
    /// How many there may be.
    #[serde(default)]
    pub limits: LimitSettings,
}

/// The rules of an offering.
///
/// ```
/// use availability::{LimitSettings, RuleSettings, Rules};
/// let hourly = RuleSettings {
///     minutes: vec![50],
///     interval: 60,
///     before: 0,
///     after: 10,
///     notice: 240,
///     horizon_days: 60,
///     limits: LimitSettings { day: Some(5), week: Some(20), ..LimitSettings::default() },
/// };
/// assert!(Rules::new(hourly.clone()).is_ok());
///
/// let odd = RuleSettings { interval: 61, limits: LimitSettings { week: Some(4), ..hourly.limits }, ..hourly };
/// let faults = Rules::new(odd).unwrap_err();
/// assert_eq!(faults.iter().map(|fault| fault.pointer()).collect::<Vec<_>>(), ["/interval", "/limits/week"]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RuleSettings", into = "RuleSettings")]
pub struct Rules {
    settings: RuleSettings,
    limits: Limits,
}

impl Rules {
    /// Checks the settings.
    pub fn new(settings: RuleSettings) -> Result<Self, Faults> {
        let mut faults = Vec::new();
        let mut within = |pointer: String, number: u32, range: RangeInclusive<u32>| {
            let (least, most) = range.into_inner();
            if !(least..=most).contains(&number) {
                faults.push(Fault::new(pointer, Problem::OutOfRange { least, most }));
            }
        };
        for (index, minutes) in settings.minutes.iter().enumerate().take(MOST_LENGTHS) {
            within(format!("/minutes/{index}"), *minutes, LENGTH);
        }
        within("/interval".to_owned(), settings.interval, LENGTH);
        within("/before".to_owned(), settings.before, BUFFER);
        within("/after".to_owned(), settings.after, BUFFER);
        within("/horizon_days".to_owned(), settings.horizon_days, HORIZON);
        if HORIZON.contains(&settings.horizon_days) {
            within("/notice".to_owned(), settings.notice, 0..=settings.horizon_days * DAY - 1);
        }
        let lengths = &settings.minutes;
        match lengths.len() {
            0 => faults.push(Fault::new("/minutes", Problem::TooFew { least: 1 })),
            1..=MOST_LENGTHS => faults.extend(repeated(lengths)),
            _ => faults.push(Fault::new("/minutes", Problem::TooMany { most: MOST_LENGTHS })),
        }
        let interval = settings.interval;
        if LENGTH.contains(&interval) && !HOUR.is_multiple_of(interval) && !interval.is_multiple_of(5) {
            faults.push(Fault::new("/interval", Problem::OddInterval));
        }
        let limits = match Limits::new(settings.limits) {
            Ok(limits) => limits,
            Err(wrong) => {
                faults.extend(wrong.under("/limits").iter().cloned());
                Limits::default()
            }
        };
        Faults::unless_none(faults, Self { settings, limits })
    }

    /// What was said.
    pub const fn settings(&self) -> &RuleSettings {
        &self.settings
    }

    /// How many there may be.
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Whether one can book meetings of this length.
    pub fn allows(&self, minutes: u32) -> bool {
        self.settings.minutes.contains(&minutes)
    }

    /// Where everything has to be known that takes time, for an answer on the starts within the window: so far around
    /// it that meetings which begin in it end there with what is kept free, and that the free time in which they lie
    /// has its beginning there.
    pub fn busy_around(&self, window: Span) -> Span {
        let (before, after) = self.buffers();
        surroundings(window).widen(before, after)
    }

    /// Seconds that are kept free before and after a meeting.
    pub(crate) const fn buffers(&self) -> (u32, u32) {
        (self.settings.before * 60, self.settings.after * 60)
    }
}

/// Where time is free decides on starts in the window: three days before it and one, the longest meeting, after it.
pub(super) const fn surroundings(window: Span) -> Span {
    window.widen(3 * DAY * 60, DAY * 60)
}

fn repeated(lengths: &[u32]) -> impl Iterator<Item = Fault> + '_ {
    lengths.iter().enumerate().filter_map(|(index, minutes)| {
        let first = lengths[..index].iter().position(|earlier| earlier == minutes)?;
        Some(Fault::new(format!("/minutes/{index}"), Problem::Repeated { at: format!("/minutes/{first}") }))
    })
}

impl TryFrom<RuleSettings> for Rules {
    type Error = Faults;

    fn try_from(settings: RuleSettings) -> Result<Self, Faults> {
        Self::new(settings)
    }
}
impl From<Rules> for RuleSettings {
    fn from(rules: Rules) -> Self {
        rules.settings
    }
}
