//! An open unit: an overlay over what is committed.

use std::{any::TypeId, sync::Arc};

use async_trait::async_trait;
use audit::recorder::{Record, RecordedChange};
use kernel::{Change, Ctx, Keyed, OrganizationId, Quota, SavedTarget, Scope, Store, StoreError, UnitOfWork};
use tokio::sync::OwnedMutexGuard;
use uuid::Uuid;

use crate::{
    MemoryStorage, Shared,
    key::{Key, RowId},
    outbox::deliveries,
    overlay::{ExpectedVersion, Overlay},
    row::{Access, AnyRow, Row, typed},
    table::Table,
    tables::{Overlays, Tables},
    unit_view::UnitView,
};

type CommitCheck = Box<dyn Fn(&Tables) -> bool + Send + Sync>;

pub(crate) struct MemoryUnit {
    shared: Arc<Shared>,
    ctx: Ctx,
    overlays: Overlays,
    recorded: Vec<RecordedChange>,
    forgotten: Vec<Uuid>,
    first_saved: Option<SavedTarget>,
    /// What must hold still when the unit is committed: that rows are at the versions they were read at.
    commit_checks: Vec<CommitCheck>,
    failed: bool,
    /// Held until the unit ends.
    turn: Option<OwnedMutexGuard<()>>,
}

impl MemoryUnit {
    pub(crate) fn begin(shared: Arc<Shared>, ctx: &Ctx) -> Self {
        #[cfg_attr(not(feature = "identity"), expect(unused_mut, reason = "nobody is a member of anything"))]
        let mut unit = Self {
            shared,
            ctx: ctx.clone(),
            overlays: Overlays::default(),
            recorded: Vec::new(),
            forgotten: Vec::new(),
            first_saved: None,
            commit_checks: Vec::new(),
            failed: false,
            turn: None,
        };
        #[cfg(feature = "identity")]
        if let Some((organization, leave)) = ctx.scope.organization().zip(ctx.leave.clone()) {
            unit.check_at_commit(move |tables| crate::identity::holds(tables, organization, &leave));
        }
        unit
    }

    pub(crate) const fn scope(&self) -> Scope {
        self.ctx.scope
    }

    /// The organisation, where the unit is one's.
    pub(crate) fn tenant(&mut self) -> Result<OrganizationId, StoreError> {
        self.run(|unit| unit.ctx.scope.organization().ok_or(StoreError::OutOfScope))
    }

    /// Runs one port method; an error is the unit's last.
    pub(crate) fn run<R>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<R, StoreError>,
    ) -> Result<R, StoreError> {
        if self.failed {
            return Err(StoreError::Failed);
        }
        let result = work(self);
        self.failed = result.is_err();
        result
    }

    /// Takes no more work and is never committed, as after an error.
    pub(crate) const fn give_up(&mut self) {
        self.failed = true;
    }

    /// Reads under one lock: what is committed in between two reads would go unnoticed.
    pub(crate) fn read<R>(&mut self, read: impl FnOnce(UnitView<'_>) -> R) -> Result<R, StoreError> {
        self.run(|unit| {
            let state = unit.shared.read();
            Ok(read(UnitView { overlays: &unit.overlays, committed: &state.tables, scope: unit.ctx.scope }))
        })
    }

    /// Makes the commit stale unless this holds then.
    pub(crate) fn check_at_commit(&mut self, holds: impl Fn(&Tables) -> bool + Send + Sync + 'static) {
        self.commit_checks.push(Box::new(holds));
    }

    /// Whoever changes one of these committed rows first makes this unit stale.
    pub(crate) fn lock<T: Row>(&mut self, versions: Vec<(RowId, i64)>) {
        let of = TypeId::of::<T>();
        self.check_at_commit(move |tables| {
            versions.iter().all(|(id, version)| tables.of(of).revision(*id) == *version)
        });
    }

    pub(crate) fn get<T: Row + Clone>(&mut self, id: RowId) -> Result<Option<T>, StoreError> {
        self.read(|view| view.get(id).filter(|row: &&T| row.visible(view.scope)).cloned())
    }

    /// The row, which makes this unit stale if somebody changes it before the commit.
    pub(crate) fn get_locked<T: Row + Clone>(&mut self, id: RowId) -> Result<Option<T>, StoreError> {
        let (row, version) = self.read(|view| {
            let row = view.get(id).filter(|row: &&T| row.visible(view.scope)).cloned();
            (row, view.committed.get::<T>(id).map(Row::revision))
        })?;
        self.lock::<T>(version.map(|version| (id, version)).into_iter().collect());
        Ok(row)
    }

    pub(crate) fn get_unique<T: Row + Clone>(&mut self, key: &Key) -> Result<Option<T>, StoreError> {
        self.read(|view| view.holder(key).filter(|row: &&T| row.visible(view.scope)).cloned())
    }

    /// The rows under a key that pass, oldest first.
    pub(crate) fn list<T: Row + Clone>(
        &mut self,
        key: &Key,
        pass: impl Fn(&T) -> bool,
    ) -> Result<Vec<T>, StoreError> {
        self.read(|view| {
            view.under(key).filter(|row: &&T| row.visible(view.scope) && pass(row)).cloned().collect()
        })
    }

    /// How many rows under a key pass.
    pub(crate) fn count<T: Row>(&mut self, key: &Key, pass: impl Fn(&T) -> bool) -> Result<u64, StoreError> {
        self.read(|view| {
            let passing = view.under(key).filter(|row: &&T| row.visible(view.scope) && pass(row)).count();
            u64::try_from(passing).unwrap_or(u64::MAX)
        })
    }

    pub(crate) fn save<T: Row + Keyed + Clone>(&mut self, aggregate: &mut T) -> Result<(), StoreError> {
        let mut row = aggregate.clone();
        row.changes().drain();
        row.set_version(aggregate.version() + 1);
        let access = aggregate.access(self.scope());
        self.save_as(Some(Arc::new(row)), TypeId::of::<T>(), access, aggregate)
    }

    /// Saves an aggregate that ends with this change.
    pub(crate) fn save_removed<T: Row + Keyed>(&mut self, aggregate: &mut T) -> Result<(), StoreError> {
        let access = aggregate.access(self.scope());
        self.save_as(None, TypeId::of::<T>(), access, aggregate)
    }

    /// Puts what becomes of an aggregate in its place, or nothing where it ends, and takes its record over.
    fn save_as(
        &mut self,
        row: Option<AnyRow>,
        of: TypeId,
        access: Access,
        aggregate: &mut dyn Keyed,
    ) -> Result<(), StoreError> {
        self.run(|unit| {
            let (id, before) = (aggregate.id(), aggregate.version());
            if aggregate.changes().is_empty() {
                return Err(StoreError::Unrecorded(aggregate.kind()));
            }
            if access < if before == 0 { Access::Full } else { Access::Edit } {
                return Err(StoreError::OutOfScope);
            }
            unit.change(of, |overlay, committed| match row {
                Some(row) => overlay.save(committed, row, before),
                None => overlay.end(committed, RowId::of_uuid(id), before),
            })?;
            let version = before + 1;
            aggregate.set_version(version);
            let changes = aggregate.changes().drain().into_iter();
            unit.recorded.extend(changes.map(|change| RecordedChange { change, version: Some(version) }));
            let kind = aggregate.kind().to_owned();
            unit.first_saved.get_or_insert(SavedTarget { kind, id, version });
            Ok(())
        })
    }

    fn change<R>(&mut self, of: TypeId, change: impl FnOnce(&mut Overlay, &Table) -> R) -> R {
        let state = self.shared.read();
        change(self.overlays.of_mut(of), state.tables.of(of))
    }

    /// Changes rows that leave no record, where the unit has full access to them.
    fn change_within(
        &mut self,
        access: Access,
        of: TypeId,
        change: impl FnOnce(&mut Overlay, &Table) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.run(|unit| match access {
            Access::Full => unit.change(of, change),
            Access::Edit | Access::Read | Access::Nothing => Err(StoreError::OutOfScope),
        })
    }

    /// Adds a row that never changes and leaves no record; where one with its id is there, this comes too late.
    pub(crate) fn add<T: Row>(&mut self, row: T) -> Result<(), StoreError> {
        self.replace(row, 0)
    }

    /// Keeps an aggregate over the version that was read, without a record.
    pub(crate) fn save_unrecorded<T: Row + Keyed + Clone>(
        &mut self,
        aggregate: &T,
    ) -> Result<(), StoreError> {
        let (mut row, version) = (aggregate.clone(), aggregate.version());
        row.set_version(version + 1);
        self.replace(row, version)
    }

    /// Puts a row over a version without a record.
    pub(crate) fn replace<T: Row>(&mut self, row: T, version: i64) -> Result<(), StoreError> {
        self.change_within(row.access(self.scope()), TypeId::of::<T>(), |overlay, committed| {
            overlay.save(committed, Arc::new(row), version)
        })
    }

    /// Puts a row that has no version and leaves no record.
    pub(crate) fn put<T: Row>(&mut self, row: T) -> Result<(), StoreError> {
        self.change_within(row.access(self.scope()), TypeId::of::<T>(), |overlay, _| {
            overlay.put(Arc::new(row));
            Ok(())
        })
    }

    /// Removes a row that has no version and leaves no record; `access` is that to such a row.
    pub(crate) fn remove<T: Row>(&mut self, access: Access, id: RowId) -> Result<(), StoreError> {
        self.change_within(access, TypeId::of::<T>(), |overlay, _| {
            overlay.remove(id, ExpectedVersion::Any);
            Ok(())
        })
    }

    /// Removes all rows under a key, whatever became of them.
    pub(crate) fn remove_all<T: Row>(&mut self, access: Access, key: &Key) -> Result<(), StoreError> {
        self.change_within(access, TypeId::of::<T>(), |overlay, committed| {
            let rows = overlay.under(committed, key).into_iter();
            let found: Vec<_> = rows.map(|row| row.row_id()).collect();
            for id in found {
                overlay.remove(id, ExpectedVersion::Any);
            }
            Ok(())
        })
    }

    /// Amends those rows under a key that nobody else changes before the commit. Their versions stay.
    pub(crate) fn amend_unchanged<T: Row + Clone>(
        &mut self,
        access: Access,
        key: &Key,
        amend: impl Fn(&mut T),
    ) -> Result<(), StoreError> {
        self.change_within(access, TypeId::of::<T>(), |overlay, committed| {
            let rows = overlay.under(committed, key).into_iter();
            let mut found: Vec<T> = rows.filter_map(typed).cloned().collect();
            for mut row in found.drain(..) {
                amend(&mut row);
                overlay.amend(Arc::new(row));
            }
            Ok(())
        })
    }
}

/// A tenant's unit tells of the tenant, and a person's of no organisation.
fn may_name(scope: Scope, organization: OrganizationId) -> bool {
    match scope {
        Scope::Tenant(own) => own == organization,
        Scope::Identity | Scope::Worker | Scope::Platform => true,
        _ => false,
    }
}

#[async_trait]
impl UnitOfWork for MemoryUnit {
    fn record(&mut self, change: Change) {
        self.recorded.push(RecordedChange { change, version: None });
    }

    fn shred_keys(&mut self, subject: Uuid) {
        self.forgotten.push(subject);
    }

    async fn take_turn(&mut self, quota: &Quota, owner: Uuid) -> Result<(), StoreError> {
        self.run(|_| Ok(()))?;
        let turn = self.shared.turns.of((quota.setting, owner));
        self.turn = Some(turn.lock_owned().await);
        Ok(())
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        if self.failed {
            return Err(StoreError::Failed);
        }
        let Self {
            shared,
            ctx,
            overlays,
            mut recorded,
            forgotten,
            first_saved,
            commit_checks,
            failed: _,
            turn,
        } = *self;
        let mut named = recorded.iter().filter_map(|recorded| recorded.change.organization);
        let forgets = !forgotten.is_empty();
        let may_record = recorded.is_empty() || ctx.scope.records();
        if forgets && ctx.scope != Scope::Identity || !may_record || !named.all(|of| may_name(ctx.scope, of))
        {
            return Err(StoreError::OutOfScope);
        }
        let changes = recorded.iter_mut();
        let queued: Vec<_> = changes.flat_map(|change| deliveries(&*shared.ids, change, &ctx)).collect();
        let Record { events, keys } = shared.recorder.record(&ctx, recorded, &forgotten)?;
        let now = shared.clock.now();
        let mut state = shared.write();
        if commit_checks.iter().any(|lock| !lock(&state.tables)) {
            return Err(StoreError::Stale);
        }
        overlays.check(&state.tables)?;
        if let Some(key) = ctx.idempotency {
            state.idempotency.mark(key, first_saved)?;
        }
        overlays.apply(&mut state.tables);
        state.trail.write(events, &keys, &forgotten);
        let has_deliveries = !queued.is_empty();
        for (delivery, at) in queued {
            state.queue.push(delivery, at, now);
        }
        drop((state, turn));
        shared.recorder.committed(keys);
        if has_deliveries {
            shared.wake();
        }
        Ok(())
    }
}

#[async_trait]
impl Store<dyn UnitOfWork> for MemoryStorage {
    async fn begin(&self, ctx: &Ctx) -> Result<Box<dyn UnitOfWork>, StoreError> {
        Ok(Box::new(MemoryUnit::begin(self.shared.clone(), ctx)))
    }
}
