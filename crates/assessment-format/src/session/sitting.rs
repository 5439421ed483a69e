//! How far a session has come and its clock: what sessions of every kind share.
//!
//! Nothing here knows an assessment, an item, a reply or a turn. What an event brings along stays with whoever takes
//! it; the table sees a [`Transition`] alone.

mod grant;
mod progress;
mod rules;
mod status;
mod transition;

pub(super) use self::transition::{Transition, next};
pub use self::{
    grant::{Grant, Minutes, NoMinutes, NoReason, Reason},
    progress::Progress,
    rules::{OnDeadline, Pauses, Rules},
    status::{Stage, Status},
    transition::{EventKind, NotAllowed},
};
