//! What every domain uses: tasks, the outbox, and requests that are done once.

mod idempotency;
mod outbox;
mod task_outputs;
mod tasks;
