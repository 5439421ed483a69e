//! An open unit: an overlay over what is committed.

mod accounts;
mod assessment;
mod organizations;
mod sessions;
mod tasks;

use std::sync::Arc;

use async_trait::async_trait;
use audit::recorder::{Record, RecordedChange};
use kernel::{Change, Ctx, OrganizationId, Recorded, SavedTarget, Scope, StoreError, UnitOfWork};
use uuid::Uuid;

use crate::{
    Shared,
    outbox::deliveries,
    overlay::{ExpectedVersion, Overlay},
    table::{Access, Key, Row},
    tables::{HasTable, Overlays, Tables},
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
}

impl MemoryUnit {
    pub(crate) fn begin(shared: Arc<Shared>, ctx: &Ctx) -> Self {
        Self {
            shared,
            ctx: ctx.clone(),
            overlays: Overlays::default(),
            recorded: Vec::new(),
            forgotten: Vec::new(),
            first_saved: None,
            commit_checks: Vec::new(),
            failed: false,
        }
    }

    fn overlay<T: HasTable>(&self) -> &Overlay<T> {
        T::overlay(&self.overlays)
    }

    /// Whoever changes one of these committed rows first makes this unit stale.
    fn lock<T: HasTable>(&mut self, rows: impl IntoIterator<Item = (T::Id, i64)>)
    where
        T::Id: Send + Sync,
    {
        for (id, version) in rows {
            let lock =
                move |tables: &Tables| T::table(tables).get(id).is_some_and(|row| row.revision() == version);
            self.commit_checks.push(Box::new(lock));
        }
    }

    /// The organisation, where the unit is one's.
    fn tenant(&mut self) -> Result<OrganizationId, StoreError> {
        self.run(|unit| unit.ctx.scope.organization().ok_or(StoreError::OutOfScope))
    }

    /// Runs one port method; an error is the unit's last.
    fn run<R>(&mut self, work: impl FnOnce(&mut Self) -> Result<R, StoreError>) -> Result<R, StoreError> {
        if self.failed {
            return Err(StoreError::Failed);
        }
        let result = work(self);
        self.failed = result.is_err();
        result
    }

    fn get<T: HasTable>(&mut self, id: T::Id) -> Result<Option<T>, StoreError> {
        self.run(|unit| {
            let state = unit.shared.read();
            let row = unit.overlay::<T>().get(T::table(&state.tables), id);
            Ok(row.filter(|row| row.visible(unit.ctx.scope)).cloned())
        })
    }

    fn get_unique<T: HasTable>(&mut self, key: &Key) -> Result<Option<T>, StoreError> {
        self.run(|unit| {
            let state = unit.shared.read();
            let row = unit.overlay::<T>().holder(T::table(&state.tables), key);
            Ok(row.filter(|row| row.visible(unit.ctx.scope)).cloned())
        })
    }

    /// The rows under a key that pass, oldest first.
    fn list<T: HasTable>(&mut self, key: &Key, pass: impl Fn(&T) -> bool) -> Result<Vec<T>, StoreError> {
        self.run(|unit| {
            let state = unit.shared.read();
            let rows = unit.overlay::<T>().under(T::table(&state.tables), key);
            Ok(rows.into_iter().filter(|row| row.visible(unit.ctx.scope) && pass(row)).cloned().collect())
        })
    }

    fn save<T: HasTable<Id = Uuid> + Recorded>(&mut self, aggregate: &mut T) -> Result<(), StoreError> {
        self.run(|unit| {
            unit.ensure_saveable(aggregate)?;
            let version = aggregate.version();
            let mut row = aggregate.clone();
            row.changes().drain();
            row.set_version(version + 1);
            let state = unit.shared.read();
            T::overlay_mut(&mut unit.overlays).save(T::table(&state.tables), row, version)?;
            drop(state);
            unit.saved(aggregate);
            Ok(())
        })
    }

    /// Saves an aggregate that ends with this change.
    fn save_removed<T: HasTable<Id = Uuid> + Recorded>(
        &mut self,
        aggregate: &mut T,
    ) -> Result<(), StoreError> {
        self.run(|unit| {
            unit.ensure_saveable(aggregate)?;
            let (id, version) = (aggregate.id(), aggregate.version());
            let state = unit.shared.read();
            let overlay = T::overlay_mut(&mut unit.overlays);
            overlay.expect_version(T::table(&state.tables), id, version)?;
            overlay.remove(id, ExpectedVersion::Exactly(version));
            drop(state);
            unit.saved(aggregate);
            Ok(())
        })
    }

    fn ensure_saveable<T: Row + Recorded>(&self, aggregate: &mut T) -> Result<(), StoreError> {
        if aggregate.changes().is_empty() {
            return Err(StoreError::Unrecorded(aggregate.kind()));
        }
        let needed = if aggregate.version() == 0 { Access::Full } else { Access::Edit };
        if aggregate.access(self.ctx.scope) >= needed { Ok(()) } else { Err(StoreError::OutOfScope) }
    }

    fn saved<T: Row<Id = Uuid> + Recorded>(&mut self, aggregate: &mut T) {
        let version = aggregate.version() + 1;
        aggregate.set_version(version);
        let changes = aggregate.changes().drain().into_iter();
        self.recorded.extend(changes.map(|change| RecordedChange { change, version: Some(version) }));
        let (kind, id) = (aggregate.kind().to_owned(), aggregate.id());
        self.first_saved.get_or_insert(SavedTarget { kind, id, version });
    }

    /// Adds a row that never changes and leaves no record; where one with its id is there, this comes too late.
    fn add<T: HasTable>(&mut self, row: T) -> Result<(), StoreError> {
        self.run(|unit| {
            if row.access(unit.ctx.scope) < Access::Full {
                return Err(StoreError::OutOfScope);
            }
            let state = unit.shared.read();
            T::overlay_mut(&mut unit.overlays).save(T::table(&state.tables), row, 0)
        })
    }

    /// Puts a row that has no version and leaves no record.
    fn put<T: HasTable>(&mut self, row: T) -> Result<(), StoreError> {
        self.run(|unit| {
            if row.access(unit.ctx.scope) < Access::Full {
                return Err(StoreError::OutOfScope);
            }
            T::overlay_mut(&mut unit.overlays).put(row);
            Ok(())
        })
    }

    /// Removes a row that has no version and leaves no record; `access` is that to such a row.
    fn remove<T: HasTable>(&mut self, access: Access, id: T::Id) -> Result<(), StoreError> {
        self.run(|unit| {
            if access < Access::Full {
                return Err(StoreError::OutOfScope);
            }
            T::overlay_mut(&mut unit.overlays).remove(id, ExpectedVersion::Any);
            Ok(())
        })
    }

    /// Removes all rows under a key, each as `expected` says.
    fn remove_all<T: HasTable>(
        &mut self,
        access: Access,
        key: &Key,
        expected: impl Fn(&T) -> ExpectedVersion,
    ) -> Result<(), StoreError> {
        self.run(|unit| {
            if access < Access::Full {
                return Err(StoreError::OutOfScope);
            }
            let state = unit.shared.read();
            let overlay = T::overlay_mut(&mut unit.overlays);
            let rows = overlay.under(T::table(&state.tables), key);
            let found: Vec<_> = rows.into_iter().map(|row| (row.id(), expected(row))).collect();
            for (id, expected) in found {
                overlay.remove(id, expected);
            }
            Ok(())
        })
    }
}

fn first<T>(mut rows: Vec<T>, most: u32) -> Vec<T> {
    rows.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    rows
}

/// A tenant's unit tells of the tenant, and a person's of no organisation.
fn may_name(scope: Scope, organization: OrganizationId) -> bool {
    match scope {
        Scope::Tenant(own) => own == organization,
        Scope::Account(_) => false,
        Scope::Identity | Scope::Worker | Scope::Platform => true,
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

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        if self.failed {
            return Err(StoreError::Failed);
        }
        let Self { shared, ctx, overlays, recorded, forgotten, first_saved, commit_checks, failed: _ } =
            *self;
        let mut named = recorded.iter().filter_map(|recorded| recorded.change.organization);
        let forgets = !forgotten.is_empty();
        if forgets && ctx.scope != Scope::Identity || !named.all(|of| may_name(ctx.scope, of)) {
            return Err(StoreError::OutOfScope);
        }
        let queued =
            recorded.iter().flat_map(|recorded| deliveries(&*shared.ids, &recorded.change, ctx.scope));
        let queued: Vec<_> = queued.collect();
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
        drop(state);
        shared.recorder.committed(keys);
        if has_deliveries {
            shared.wake();
        }
        Ok(())
    }
}
