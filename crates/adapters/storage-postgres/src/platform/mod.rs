//! What every domain uses: tasks, the outbox, and requests that are done once.

mod claims;
mod idempotency;
pub(crate) mod letters;
mod outbox;
mod pending_invitations;
mod tables;
mod task_outputs;
mod tasks;

pub(crate) use self::{outbox::number_of, tables::TABLES};
