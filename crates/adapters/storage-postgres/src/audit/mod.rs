//! The audit trail as it is read, numbered and vouched for. Writing it is the record's part ([`crate::record`]).

mod checkpoints;
mod events;
mod ledger;
mod row;
mod sequencing;
mod tiles;

/// A number as PostgreSQL keeps it; none comes near the limit.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A number that is not negative unless somebody altered it.
fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
