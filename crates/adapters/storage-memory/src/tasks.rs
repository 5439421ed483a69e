//! Reading tasks without a unit, and forgetting what they wrote.

use async_trait::async_trait;
use kernel::{
    AccountId, Ctx, Page, PageRequest, Scope, StoreError, Timestamp,
    task::{Task, TaskId, TaskReader},
};

use crate::{
    MemoryStorage,
    rows::OutputPart,
    scoped_view::{Order, ScopedView, empty_page},
    table::{Key, Row},
};

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
        let (key, filter) = (Key::Organization(organization.uuid()), ("tasks", organization, only));
        ScopedView::new(&state, ctx).page(&key, Order::NewestFirst, &filter, page, |task: &Task| {
            only.is_none_or(|only| task.requested_by == Some(only)).then(|| task.clone())
        })
    }

    async fn task(&self, ctx: &Ctx, id: TaskId) -> Result<Option<Task>, StoreError> {
        let state = self.shared.read();
        Ok(ScopedView::new(&state, ctx).get(id.uuid()).cloned())
    }

    async fn output(&self, ctx: &Ctx, task: TaskId, part: u32) -> Result<Option<Vec<u8>>, StoreError> {
        let state = self.shared.read();
        let found = ScopedView::new(&state, ctx).get::<OutputPart>((task.uuid(), part));
        Ok(found.map(|part| part.bytes.clone()))
    }

    async fn forget_output(&self, ctx: &Ctx, before: Timestamp) -> Result<u64, StoreError> {
        if ctx.scope != Scope::Worker {
            return Err(StoreError::OutOfScope);
        }
        let tables = &mut self.shared.write().tables;
        let over = |part: &&OutputPart| {
            let task = tables.tasks.get(part.task.uuid());
            task.and_then(|task| task.finished_at).is_some_and(|at| at < before)
        };
        let gone: Vec<_> = tables.outputs.rows().filter(over).map(Row::id).collect();
        for id in &gone {
            tables.outputs.remove(*id);
        }
        Ok(u64::try_from(gone.len()).unwrap_or(u64::MAX))
    }
}
