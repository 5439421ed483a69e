//! What is PostgreSQL's own about this adapter. The contract suite runs in the workspace's `tests/`.

mod assessment;
mod audit;
mod catalogue;
mod connecting;
mod documents;
mod leaves;
mod lifelines;
mod migrating;
mod outbox;
mod policies;
mod races;
mod support;
mod traceability;
mod writable;
