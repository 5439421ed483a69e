//! Reading the audit trail, numbering its events and signing them.

mod checkpoints;
mod event_log;
mod ledger;
mod sequencing;
