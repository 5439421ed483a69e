//! Rules of notifications: what is put into inboxes, what is seen there, and how people want to be told.

mod aggregate;
mod inboxes;
mod mail;
mod suite;

pub(crate) use self::aggregate::each_aggregate;
pub use self::{inboxes::*, mail::*};
