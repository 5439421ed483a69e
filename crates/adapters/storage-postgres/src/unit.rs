//! An open unit of work on PostgreSQL: a transaction in one scope that collects what it did.

use std::sync::Arc;

use async_trait::async_trait;
use audit::{EventRecorder, RecordedChange};
use kernel::{
    AccountId, Change, Ctx, OrganizationId, Recorded, SavedTarget, Scope, Store, StoreError, UnitOfWork,
};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter as _};
use uuid::Uuid;

use crate::{
    PostgresStorage,
    commit_notifier::CommitNotifier,
    scope::{Access, begin_statement},
    tx::Tx,
};

/// The unit of every domain.
pub(crate) struct PostgresUnit {
    pub(crate) tx: Tx,
    pub(crate) ctx: Ctx,
    pub(crate) recorded: Vec<RecordedChange>,
    pub(crate) forgotten: Vec<Uuid>,
    pub(crate) first_saved: Option<SavedTarget>,
    pub(crate) recorder: Arc<EventRecorder>,
    notifier: Arc<CommitNotifier>,
}

/// Whose a row is, for telling what is out of scope from what is outdated.
pub(crate) struct Owner {
    pub(crate) organization: Option<OrganizationId>,
    pub(crate) account: Option<AccountId>,
    /// Whether platform administrators change it.
    pub(crate) supervised: bool,
}

/// An aggregate that has a row of its own.
pub(crate) trait AggregateRow: Recorded + Send + Sync {
    type Entity: EntityTrait<ActiveModel = Self::Row>;
    type Row: ActiveModelTrait<Entity = Self::Entity> + IntoActiveModel<Self::Row> + Send;

    /// The column that identifies the row.
    const ID: <Self::Entity as EntityTrait>::Column;
    /// The column that counts saves.
    const VERSION: <Self::Entity as EntityTrait>::Column;

    fn id(&self) -> Uuid;
    fn owner(&self) -> Owner;
    /// All columns, with this version.
    fn row(&self, version: i64) -> Self::Row;
}

impl PostgresUnit {
    pub(crate) async fn begin(storage: &PostgresStorage, ctx: &Ctx) -> Result<Self, StoreError> {
        let tx = Tx::begin(&storage.pool, &begin_statement(ctx, Access::Write)).await?;
        Ok(Self {
            tx,
            ctx: ctx.clone(),
            recorded: Vec::new(),
            forgotten: Vec::new(),
            first_saved: None,
            recorder: Arc::clone(&storage.recorder),
            notifier: Arc::clone(&storage.notifier),
        })
    }

    /// Inserts at version 0 and otherwise updates the version that was read.
    pub(crate) async fn save<A: AggregateRow>(&mut self, aggregate: &mut A) -> Result<(), StoreError> {
        self.ensure_saveable(aggregate)?;
        let (read, next) = (aggregate.version(), aggregate.version() + 1);
        let row = aggregate.row(next);
        if read == 0 {
            let inserted = A::Entity::insert(row).exec_without_returning(&self.tx).await;
            self.tx.checked(inserted)?;
        } else {
            let update = A::Entity::update_many()
                .set(row)
                .filter(A::ID.eq(aggregate.id()))
                .filter(A::VERSION.eq(read));
            let updated = self.tx.checked(update.exec(&self.tx).await)?;
            self.ensure_one_row(updated.rows_affected, &aggregate.owner())?;
        }
        self.saved(aggregate, next);
        Ok(())
    }

    /// Saves an aggregate that ends with this change: its row goes.
    pub(crate) async fn save_removed<A: AggregateRow>(
        &mut self,
        aggregate: &mut A,
    ) -> Result<(), StoreError> {
        self.ensure_saveable(aggregate)?;
        let version = aggregate.version();
        let delete = A::Entity::delete_many().filter(A::ID.eq(aggregate.id())).filter(A::VERSION.eq(version));
        let deleted = self.tx.checked(delete.exec(&self.tx).await)?;
        self.ensure_one_row(deleted.rows_affected, &aggregate.owner())?;
        self.saved(aggregate, version + 1);
        Ok(())
    }

    /// Refuses an aggregate that does not say what happened to it.
    pub(crate) fn ensure_saveable(&self, aggregate: &mut impl Recorded) -> Result<(), StoreError> {
        self.tx.ensure_open()?;
        if aggregate.changes().is_empty() {
            return Err(self.tx.fail(StoreError::Unrecorded(aggregate.kind())));
        }
        Ok(())
    }

    /// Refuses work on a person's rows that the scope does not reach, where PostgreSQL would find no row and say nothing.
    pub(crate) fn ensure_personal(&self, account: AccountId) -> Result<(), StoreError> {
        let owner = Owner { organization: None, account: Some(account), supervised: false };
        self.tx.ensure_open()?;
        if owner.is_in(self.ctx.scope) { Ok(()) } else { Err(self.tx.fail(StoreError::OutOfScope)) }
    }

    fn ensure_one_row(&self, rows: u64, owner: &Owner) -> Result<(), StoreError> {
        match rows {
            1 => Ok(()),
            _ if owner.is_in(self.ctx.scope) => Err(self.tx.fail(StoreError::Stale)),
            _ => Err(self.tx.fail(StoreError::OutOfScope)),
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

impl Owner {
    pub(crate) fn is_in(&self, scope: Scope) -> bool {
        match scope {
            Scope::Identity => true,
            Scope::Tenant(id) => self.organization == Some(id),
            Scope::Account(id) => self.account == Some(id),
            Scope::Platform => self.supervised,
            Scope::Worker => false,
        }
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

    async fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        self.tx.ensure_open()?;
        let has_changes = !self.recorded.is_empty();
        let keys = self.write_record().await?;
        let Self { tx, recorder, notifier, .. } = *self;
        tx.commit().await?;
        recorder.committed(keys);
        if has_changes {
            notifier.notify();
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
