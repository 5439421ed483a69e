//! Rules of documents: the rows, what the worker finds of them, and how other domains attach them.

mod aggregate;
mod attaching;
mod documents;
mod index;
mod suite;

pub(crate) use self::aggregate::each_aggregate;
pub use self::{attaching::*, documents::*, index::*};
