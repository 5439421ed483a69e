//! Tasks and what they write.

use async_trait::async_trait;
use kernel::{
    AccountId, Ctx, OrganizationId, Page, PageRequest, Scope, StoreError, Timestamp,
    task::{Task, TaskId, TaskReader, Tasks},
};

use crate::{
    MemoryStorage,
    key::{Key, RowId},
    row::{Access, Indexed, Row, if_allowed},
    scoped_view::{Order, ScopedView, empty_page},
    unit::MemoryUnit,
};

impl Indexed for Task {
    fn keys(&self) -> Vec<Key> {
        vec![Key::organization(self.organization)]
    }
}

/// A part of what a task wrote.
#[derive(Clone)]
struct OutputPart {
    task: TaskId,
    organization: OrganizationId,
    part: u32,
    bytes: Vec<u8>,
}

impl Row for OutputPart {
    fn row_id(&self) -> RowId {
        RowId::numbered(self.task, self.part)
    }
    fn revision(&self) -> i64 {
        1
    }
    fn access(&self, scope: Scope) -> Access {
        if_allowed(scope == Scope::Tenant(self.organization), Access::Full)
    }
}

#[async_trait]
impl Tasks for MemoryUnit {
    async fn task(&mut self, id: TaskId) -> Result<Option<Task>, StoreError> {
        self.get(RowId::of(id))
    }

    async fn save_task(&mut self, task: &mut Task) -> Result<(), StoreError> {
        self.save(task)
    }

    async fn put_output(&mut self, task: &Task, part: u32, bytes: &[u8]) -> Result<(), StoreError> {
        let (organization, bytes) = (task.organization, bytes.to_vec());
        self.add(OutputPart { task: task.id, organization, part, bytes })
    }
}

#[async_trait]
impl TaskReader for MemoryStorage {
    async fn tasks(
        &self,
        ctx: &Ctx,
        only: Option<AccountId>,
        page: &PageRequest,
    ) -> Result<Page<Task>, StoreError> {
        let Scope::Tenant(organization) = ctx.scope else { return Ok(empty_page()) };
        let state = self.shared.read();
        let (key, filter) = (Key::organization(organization), ("tasks", organization, only));
        ScopedView::new(&state, ctx).page(&key, Order::NewestFirst, &filter, page, |task: &Task| {
            only.is_none_or(|only| task.requested_by == Some(only)).then(|| task.clone())
        })
    }

    async fn task(&self, ctx: &Ctx, id: TaskId) -> Result<Option<Task>, StoreError> {
        let state = self.shared.read();
        Ok(ScopedView::new(&state, ctx).get(RowId::of(id)).cloned())
    }

    async fn output(&self, ctx: &Ctx, task: TaskId, part: u32) -> Result<Option<Vec<u8>>, StoreError> {
        let state = self.shared.read();
        let found = ScopedView::new(&state, ctx).get::<OutputPart>(RowId::numbered(task, part));
        Ok(found.map(|part| part.bytes.clone()))
    }

    async fn forget_output(&self, ctx: &Ctx, before: Timestamp) -> Result<u64, StoreError> {
        if ctx.scope != Scope::Worker {
            return Err(StoreError::OutOfScope);
        }
        let tables = &mut self.shared.write().tables;
        let ended = |task: TaskId| tables.get::<Task>(RowId::of(task))?.finished_at;
        let over = tables.find(|part: &OutputPart| ended(part.task).is_some_and(|at| at < before));
        tables.remove::<OutputPart>(&over);
        Ok(u64::try_from(over.len()).unwrap_or(u64::MAX))
    }
}
