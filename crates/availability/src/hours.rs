//! When a calendar is open: hours of the week, dates with hours of their own, absences and travel, on the clocks of
//! its zones.

mod calendar;
mod clock;
mod week;
mod zones;

pub use calendar::{Calendar, Travel, Trip};
pub(crate) use clock::Clock;
pub use week::{ClockTime, DayHours, HoursText, OpenHours, WeekText, WeeklyHours};
pub use zones::{UnknownZone, Zones};

#[cfg(test)]
pub(crate) mod tests;
