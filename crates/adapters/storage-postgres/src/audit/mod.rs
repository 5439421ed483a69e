//! The audit trail as it is read, numbered and vouched for. Writing it is the record's part ([`crate::record`]).

mod checkpoints;
mod events;
mod ledger;
mod row;
mod sequencing;
mod tiles;

use crate::value::{signed, unsigned};
