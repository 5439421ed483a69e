//! When people can meet.
//!
//! A [`Calendar`] says when somebody is at work, on the clocks of the zones they are in. [`Rules`] say which of that
//! can be booked. A [`Question`] asks: which [starts](Question::starts) there are, whether one is
//! [offered](Question::is_offered), and [why not](Question::explain).
//! [`rotation`] chooses who of many takes a booking.
//! [`panel`] finds when many can meet.
//!
//! Nothing here reads a clock, the rules of a zone, or storage: it all comes with the call.
#![deny(missing_docs)]

mod explain;
mod fault;
mod hours;
mod interval;
pub mod panel;
pub mod rotation;
mod slots;

pub use explain::{ClientReason, Reason, Removed, Waiver};
pub use fault::{Fault, Faults, Problem};
pub use hours::{
    Calendar, ClockTime, DayHours, HoursText, OpenHours, Travel, Trip, UnknownZone, WeekText, WeeklyHours,
    Zones,
};
pub use interval::{Span, Spans};
pub use slots::{Counted, LimitSettings, Limits, Question, RuleSettings, Rules};
