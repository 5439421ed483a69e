//! What campaigns and coaching sessions have in common: whom they ask, to take what, how, and the letters about it.

pub mod assessment_choice;
pub mod delivery;
mod extra_time;
pub mod mails;
pub(crate) mod source;
pub(crate) mod validation;

pub(crate) use self::source::InvitationSource;
pub use self::{assessment_choice::AssessmentChoice, extra_time::ExtraTime};
