//! The unit of work: a change happens whole, or not at all.

use async_trait::async_trait;
use uuid::Uuid;

use crate::{Change, Ctx, Quota, Scope, refusals};

/// An open unit. Dropping it undoes everything.
///
/// An adapter MUST, and the contract suite shows it:
/// - apply all saves at `commit` or none (`unit::dropped_unit_leaves_nothing`);
/// - refuse a save of an outdated version with [`StoreError::Stale`], and one that breaks a uniqueness rule with
///   [`StoreError::Duplicate`]: by the save or, at the latest, by `commit` (`unit::lost_update_is_stale`);
/// - refuse every call after an error with [`StoreError::Failed`] (`unit::failed_unit_refuses_further_work`);
/// - fail a save without a change record with [`StoreError::Unrecorded`] (`unit::save_without_a_record_fails`);
/// - write the drained change records to the outbox in the same transaction (`unit::changes_reach_the_outbox_once`);
/// - write each of them to the audit trail in the same transaction, and fail when that fails
///   (`audit::each_change_leaves_one_event`).
#[async_trait]
pub trait UnitOfWork: Send {
    /// Records something that happened without changing an aggregate, such as a request; it is written by `commit`.
    fn record(&mut self, change: Change);

    /// Destroys, with the commit, every key the record sealed this subject's personal fields with: what it holds of
    /// them becomes unreadable for good. Part of an erasure, in the identity scope.
    fn shred_keys(&mut self, subject: Uuid);

    /// Waits until no other unit counts what the owner has towards this quota, and lets none until this one ends.
    /// A unit takes one turn at most (`unit::turns_are_taken_one_after_the_other`).
    async fn take_turn(&mut self, quota: &Quota, owner: Uuid) -> Result<(), StoreError>;

    /// Makes the unit's work lasting.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;
}

/// Opens units of the shape `U`.
#[async_trait]
pub trait Store<U: ?Sized>: Send + Sync {
    /// Opens a unit bound to the context's scope: it sees and changes nothing outside.
    async fn begin(&self, ctx: &Ctx) -> Result<Box<U>, StoreError>;
}

impl<U: ?Sized> dyn Store<U> + '_ {
    /// Opens a unit for the caller of `ctx`, bound to another scope.
    pub async fn begin_in(&self, ctx: &Ctx, scope: Scope) -> Result<Box<U>, StoreError> {
        self.begin(&ctx.within(scope)).await
    }
}

/// A uniqueness rule, by the name of the constraint that keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Unique(pub &'static str);

/// Why storage did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Someone else changed it first.
    #[error("it was changed by someone else since it was read")]
    Stale,
    /// A uniqueness rule forbids it.
    #[error("it exists already ({})", .0.0)]
    Duplicate(Unique),
    /// The unit failed before; begin a new one.
    #[error("the unit of work failed before and takes no more work")]
    Failed,
    /// An aggregate was saved without saying what happened to it.
    #[error("{0} was saved without a change record")]
    Unrecorded(&'static str),
    /// The row lies outside the unit's scope.
    #[error("it lies outside the scope of this unit")]
    OutOfScope,
    /// A page was asked for that cannot be given.
    #[error(transparent)]
    Page(#[from] crate::PageRefusal),
    /// The store cannot be reached or is too busy; trying again may help.
    #[error("the store is not available: {0}")]
    Unavailable(String),
    /// A defect: broken data, a wrong statement, a violated rule nobody expected.
    #[error("the store failed: {0}")]
    Fault(String),
}

refusals! {
    StoreError {
        shared {
            Self::Stale => Stale, "request.stale";
            Self::Duplicate(_) => Conflict, "request.duplicate";
            Self::Unavailable(_) => Unavailable, "service.unavailable";
            Self::Failed | Self::Unrecorded(_) | Self::OutOfScope | Self::Fault(_) => Fault, "service.fault";
        }
        nested { Page }
        retry_after { Self::Unavailable(_) => 1; }
    }
}
