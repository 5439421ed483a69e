//! What every storage adapter must do, as tests that any adapter can run.
//!
//! Each rule is a plain `async fn` that takes a [`StorageUnderTest`], the adapter's ports over empty storage, and
//! panics with a sentence when the rule is broken. [`suite!`] makes a test of each:
//!
//! ```text
//! async fn fresh() -> contracts::StorageUnderTest {
//!     contracts::StorageUnderTest::of(MyStorage::open_somewhere_empty().await)
//! }
//!
//! contracts::suite!(fresh);
//! ```
//!
//! The adapter implements the ports of the kernel (store, denials, outbox, tasks, idempotency, health), of identity
//! (directory, rotation, throttle, signing keys), of assessments and of audit (event log, ledger, checkpoints), and
//! has a [`fixture::recorder`] record what its units do. Time in the rules is [`fixture`] time, and reaches the
//! adapter only through the ports. [`model`] gives random work to two adapters and compares their answers.
#![deny(missing_docs)]

pub mod accounts;
mod aggregate;
pub mod api_keys;
pub mod assessment;
pub mod audit;
pub mod directory;
pub mod fixture;
pub mod housekeeping;
pub mod idempotency;
pub mod invitations;
pub mod isolation;
pub mod memberships;
pub mod model;
pub mod organizations;
pub mod outbox;
mod pages;
pub mod registrations;
pub mod rotation;
mod samples;
pub mod second_factors;
pub mod sessions;
pub mod signing_keys;
mod storage;
mod suite;
pub mod tasks;
pub mod throttle;
pub mod tokens;
pub mod unit;
mod world;

pub use storage::StorageUnderTest;
