//! An open unit of work on PostgreSQL: a transaction in one scope that collects what it did.

use std::{slice, sync::Arc};

use async_trait::async_trait;
use audit::{EventRecorder, RecordedChange};
use kernel::{
    AccountId, Change, Ctx, Keyed, OrganizationId, Owner, Quota, Recorded, SavedTarget, Scope, Store,
    StoreError, UnitOfWork,
};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait, IdenStatic as _, IntoActiveModel, Iterable as _,
    QueryFilter as _,
};
use uuid::Uuid;

use crate::{
    PostgresStorage,
    broadcast::{Broadcast, Committed},
    driver::{Query, query},
    leaves::{self, LeaveEpoch},
    scope::Access,
    tx::Tx,
};

/// The unit of every domain.
pub(crate) struct PostgresUnit {
    pub(crate) tx: Tx,
    asked_last: Option<Query<'static>>,
    pub(crate) ctx: Ctx,
    pub(crate) recorded: Vec<RecordedChange>,
    pub(crate) forgotten: Vec<Uuid>,
    pub(crate) first_saved: Option<SavedTarget>,
    pub(crate) recorder: Arc<EventRecorder>,
    commits: Arc<Broadcast<Committed>>,
    leave_epoch: Arc<LeaveEpoch>,
}

/// An aggregate that has a row of its own.
pub(crate) trait AggregateRow: Keyed + Send + Sync {
    type Entity: EntityTrait<Model = Self::Row, ActiveModel: Send>;
    type Row: IntoActiveModel<<Self::Entity as EntityTrait>::ActiveModel>;

    /// The column that identifies the row.
    const ID: <Self::Entity as EntityTrait>::Column;
    /// The column that counts saves.
    const VERSION: <Self::Entity as EntityTrait>::Column;

    /// Columns, beside those of [`FIXED`], that no update writes: those by which another owner sees the row.
    const SETTLED: &[<Self::Entity as EntityTrait>::Column] = &[];

    /// Whether a change may travel with a later statement, and fail there: not where services tell apart which of their
    /// saves came too late.
    const LATE: bool = true;

    /// All columns, with this version.
    fn row(&self, version: i64) -> Self::Row;
}

/// Columns, beside the one that identifies the row, that no update writes.
const FIXED: [&str; 2] = ["organization_id", "created_at"];

/// The most rows one statement inserts; PostgreSQL takes 65,535 parameters, and no table has 131 columns.
pub(crate) const ROWS: usize = 500;

impl PostgresUnit {
    pub(crate) async fn begin(storage: &PostgresStorage, ctx: &Ctx) -> Result<Self, StoreError> {
        Ok(Self::over(storage.acting(ctx, Access::Write).await?, storage, ctx))
    }

    /// For who changes memberships: the leave of its caller is asked for in its last flight, after whatever it locks
    /// itself. Else two of them that lock the members of one organisation would each hold what the other waits for.
    pub(crate) async fn begin_asking_last(storage: &PostgresStorage, ctx: &Ctx) -> Result<Self, StoreError> {
        let mut unit = Self::over(storage.beginning(ctx, Access::Write).await?, storage, ctx);
        unit.asked_last = leaves::asked(ctx, Access::Write);
        Ok(unit)
    }

    fn over(tx: Tx, storage: &PostgresStorage, ctx: &Ctx) -> Self {
        Self {
            tx,
            asked_last: None,
            ctx: ctx.clone(),
            recorded: Vec::new(),
            forgotten: Vec::new(),
            first_saved: None,
            recorder: Arc::clone(&storage.recorder),
            commits: Arc::clone(&storage.commits),
            leave_epoch: Arc::clone(&storage.leave_epoch),
        }
    }

    /// Inserts at version 0 and otherwise updates the version that was read.
    pub(crate) async fn save<A: AggregateRow>(&mut self, aggregate: &mut A) -> Result<(), StoreError> {
        self.save_all(slice::from_mut(aggregate)).await
    }

    /// Saves aggregates of one kind, the new ones in one statement, and records their changes in the order given.
    pub(crate) async fn save_all<A: AggregateRow>(&mut self, aggregates: &mut [A]) -> Result<(), StoreError> {
        for aggregate in aggregates.iter_mut() {
            self.ensure_saveable(aggregate)?;
        }
        for some in aggregates.chunks_mut(ROWS) {
            let new = some.iter().filter(|aggregate| aggregate.version() == 0);
            let rows: Vec<_> = new.map(|aggregate| aggregate.row(1).into_active_model()).collect();
            if !rows.is_empty() {
                self.tx.execute(Query::of(&A::Entity::insert_many(rows))).await?;
            }
            for aggregate in some {
                let (read, next) = (aggregate.version(), aggregate.version() + 1);
                if read > 0 {
                    self.update(aggregate, read, next).await?;
                }
                self.saved(aggregate, next);
            }
        }
        Ok(())
    }

    /// Updates the version that was read, without a record.
    pub(crate) async fn save_unrecorded<A: AggregateRow>(&mut self, aggregate: &A) -> Result<(), StoreError> {
        self.tx.ensure_open()?;
        self.update(aggregate, aggregate.version(), aggregate.version() + 1).await
    }

    async fn update<A: AggregateRow>(&self, aggregate: &A, read: i64, next: i64) -> Result<(), StoreError> {
        self.ensure_reaches::<A::Entity>(aggregate.owner())?;
        let mut row = aggregate.row(next).into_active_model();
        let settled = |column: &str| A::SETTLED.iter().any(|settled| settled.as_str() == column);
        let fixed = |column: &str| column == A::ID.as_str() || FIXED.contains(&column) || settled(column);
        for column in <A::Entity as EntityTrait>::Column::iter().filter(|column| !fixed(column.as_str())) {
            row.reset(column);
        }
        let update =
            A::Entity::update_many().set(row).filter(A::ID.eq(aggregate.id())).filter(A::VERSION.eq(read));
        self.change::<A>(Query::of(&self.tx.of_tenant::<A::Entity, _>(update))).await
    }

    /// Saves an aggregate that ends with this change: its row goes.
    pub(crate) async fn save_removed<A: AggregateRow>(
        &mut self,
        aggregate: &mut A,
    ) -> Result<(), StoreError> {
        self.ensure_saveable(aggregate)?;
        let version = aggregate.version();
        self.ensure_reaches::<A::Entity>(aggregate.owner())?;
        let delete = A::Entity::delete_many().filter(A::ID.eq(aggregate.id())).filter(A::VERSION.eq(version));
        self.change::<A>(Query::of(&self.tx.of_tenant::<A::Entity, _>(delete))).await?;
        self.saved(aggregate, version + 1);
        Ok(())
    }

    /// Changes the row of an aggregate; where it is not there in the version that was read, this is outdated.
    async fn change<A: AggregateRow>(&self, change: Query<'static>) -> Result<(), StoreError> {
        let change = change.of_some_row();
        if A::LATE { self.tx.execute_late(change).await } else { self.tx.execute(change).await.map(drop) }
    }

    /// Refuses an aggregate that does not say what happened to it.
    pub(crate) fn ensure_saveable(&self, aggregate: &mut impl Recorded) -> Result<(), StoreError> {
        self.tx.ensure_open()?;
        if aggregate.changes().is_empty() {
            return Err(self.tx.fail(StoreError::Unrecorded(aggregate.kind())));
        }
        Ok(())
    }

    /// Refuses work on a person's rows of `E` that the scope does not reach.
    pub(crate) fn ensure_personal<E: EntityTrait>(&self, account: AccountId) -> Result<(), StoreError> {
        self.tx.ensure_open()?;
        self.ensure_reaches::<E>(Owner::Account(account))
    }

    /// The organisation in scope.
    pub(crate) fn tenant(&self) -> Result<OrganizationId, StoreError> {
        self.tx.ensure_open()?;
        self.ctx.scope.organization().ok_or_else(|| self.tx.fail(StoreError::OutOfScope))
    }

    /// Refuses rows the scope does not reach, where PostgreSQL would find none and say nothing.
    fn ensure_reaches<E: EntityTrait>(&self, owner: Owner) -> Result<(), StoreError> {
        if self.reaches::<E>(owner) { Ok(()) } else { Err(self.tx.fail(StoreError::OutOfScope)) }
    }

    /// Whether the scope sees the owner's rows: tables bind all scopes, and owners those of an organisation or a
    /// person.
    fn reaches<E: EntityTrait>(&self, owner: Owner) -> bool {
        match self.ctx.scope {
            Scope::Tenant(_) | Scope::Account(_) => owner.is(self.ctx.scope),
            _ => self.tx.can_read_entity::<E>(),
        }
    }

    fn saved<A: AggregateRow>(&mut self, aggregate: &mut A, version: i64) {
        aggregate.set_version(version);
        let changes = aggregate.changes().drain().into_iter();
        self.recorded.extend(changes.map(|change| RecordedChange { change, version: Some(version) }));
        let (kind, id) = (aggregate.kind().to_owned(), aggregate.id());
        self.first_saved.get_or_insert(SavedTarget { kind, id, version });
    }
}

#[async_trait]
impl UnitOfWork for PostgresUnit {
    fn record(&mut self, change: Change) {
        self.recorded.push(RecordedChange { change, version: None });
    }

    fn shred_keys(&mut self, subject: Uuid) {
        self.forgotten.push(subject);
    }

    async fn take_turn(&mut self, quota: &Quota, owner: Uuid) -> Result<(), StoreError> {
        let turn = query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))");
        self.tx.execute(turn.bind(format!("{} of {owner}", quota.setting))).await.map(drop)
    }

    async fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        self.tx.ensure_open()?;
        let has_changes = !self.recorded.is_empty();
        let changes_leaves = self.recorded.iter().any(|one| LeaveEpoch::is_moved_by(one.change.target.kind));
        let (record, keys) = self.take_record()?;
        let Self { tx, asked_last, recorder, commits, leave_epoch, .. } = *self;
        tx.commit_with(asked_last.into_iter().chain(record).collect()).await?;
        if changes_leaves {
            leave_epoch.advance();
        }
        recorder.committed(keys);
        if has_changes {
            commits.tell(Committed::SOMETHING);
        }
        Ok(())
    }
}

/// A unit that saves nothing, only says what happened.
#[async_trait]
impl Store<dyn UnitOfWork> for PostgresStorage {
    async fn begin(&self, ctx: &Ctx) -> Result<Box<dyn UnitOfWork>, StoreError> {
        Ok(Box::new(PostgresUnit::begin(self, ctx).await?))
    }
}

#[cfg(all(test, feature = "identity", feature = "testing"))]
mod tests {
    use identity::{Account, EmailAddress, PasswordHash, Profile};
    use kernel::{Actor, Id, PlatformRole, Timestamp};

    use super::*;

    fn account(number: u128) -> Account {
        let email = EmailAddress::new(&format!("person{number}@example.org")).expect("an address");
        let hash = PasswordHash("hash".to_owned());
        let id = Id::from_uuid(Uuid::from_u128(number));
        Account::open(id, email, hash, Profile::default(), PlatformRole::User, Timestamp::EPOCH)
    }

    #[tokio::test]
    async fn many_are_saved_and_recorded_in_their_order() {
        let database = crate::testing::fresh_database().await;
        let storage = database.storage(contracts::fixture::recorder()).await;
        let mut unit =
            PostgresUnit::begin(&storage, &Ctx::new(Actor::System, Scope::Identity)).await.expect("a unit");
        let mut old = account(3);
        unit.save(&mut old).await.expect("saved");
        old.suspend(Timestamp::EPOCH);
        let numbers = (1..=2 * ROWS as u128 + 1).filter(|number| *number != 3);
        let mut accounts: Vec<Account> = numbers.map(account).collect();
        accounts.insert(2, old);
        unit.save_all(&mut accounts).await.expect("saved");

        let versions: Vec<i64> = accounts.iter().map(Account::version).collect();
        assert_eq!(versions.iter().map(|version| version - 1).sum::<i64>(), 1, "one was saved before");
        let recorded: Vec<Uuid> = unit.recorded.iter().map(|one| one.change.target.id).skip(1).collect();
        assert_eq!(recorded, accounts.iter().map(Keyed::id).collect::<Vec<_>>());
        let mut again = [account(5000), account(7)];
        assert!(matches!(unit.save_all(&mut again).await, Err(StoreError::Duplicate(_) | StoreError::Stale)));
    }
}
