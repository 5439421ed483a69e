//! Tasks.
#![expect(unreachable_pub, reason = "SeaORM's macros make rows pub")]

use async_trait::async_trait;
use kernel::{
    AccountId, Ctx, OrganizationId, Page, PageRequest, Scope, StoreError, Timestamp,
    task::{Output, Task, TaskId, TaskReader, TaskRequest, TaskState, TaskStatus, Tasks},
};
use sea_orm::entity::prelude::*;

use super::task_outputs;
use crate::{
    PostgresStorage,
    col::{Col, Word},
    page::{Direction, Paged as _, empty_page},
    read::FromRow,
    unit::{AggregateRow, PostgresUnit},
};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "platform", table_name = "tasks")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Col<TaskId>,
    pub organization_id: Col<OrganizationId>,
    pub task_name: String,
    pub related_type: String,
    pub related_id: Uuid,
    pub parameters: Option<Json>,
    pub status: Word<TaskStatus>,
    pub done: Col<u64>,
    pub total: Option<Col<u64>>,
    pub cursor: Option<Json>,
    pub result: Option<Json>,
    pub error: Option<String>,
    pub output_media_type: Option<String>,
    pub output_file_name: Option<String>,
    pub output_parts: Option<Col<u32>>,
    pub output_octets: Option<Col<u64>>,
    pub user_id: Option<Col<AccountId>>,
    pub started_at: Option<Col<Timestamp>>,
    pub finished_at: Option<Col<Timestamp>>,
    pub created_at: Col<Timestamp>,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}

impl AggregateRow for Task {
    type Entity = Entity;
    type Row = Model;

    const ID: Column = Column::Id;
    const VERSION: Column = Column::Version;

    fn row(&self, version: i64) -> Model {
        let TaskState {
            id,
            organization,
            request: TaskRequest { name, related_type, related_id, parameters },
            status,
            done,
            total,
            cursor,
            result,
            error,
            output,
            requested_by,
            created_at,
            started_at,
            finished_at,
        } = self.state().clone();
        let output = output.as_ref();
        Model {
            id: Col::of(id),
            organization_id: Col::of(organization),
            task_name: name,
            related_type,
            related_id,
            parameters: present(parameters),
            status: Col::of(status),
            done: Col::of(done),
            total: total.map(Col::of),
            cursor: present(cursor),
            result: present(result),
            // PostgreSQL keeps no NUL in a text.
            error: error.map(|error| error.replace('\0', " ")),
            output_media_type: output.map(|output| output.media_type.clone()),
            output_file_name: output.map(|output| output.file_name.clone()),
            output_parts: output.map(|output| Col::of(output.parts)),
            output_octets: output.map(|output| Col::of(output.size_bytes)),
            user_id: requested_by.map(Col::of),
            started_at: started_at.map(Col::of),
            finished_at: finished_at.map(Col::of),
            created_at: Col::of(created_at),
            version,
        }
    }
}

/// JSON's null is the column's.
fn present(json: Json) -> Option<Json> {
    Some(json).filter(|json| !json.is_null())
}

impl FromRow<Model> for Task {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        let name_and_type = row.output_file_name.zip(row.output_media_type);
        let output = name_and_type.zip(row.output_parts).zip(row.output_octets);
        let state = TaskState {
            id: row.id.0,
            organization: row.organization_id.0,
            request: TaskRequest {
                name: row.task_name,
                related_type: row.related_type,
                related_id: row.related_id,
                parameters: row.parameters.unwrap_or_default(),
            },
            status: row.status.0,
            done: row.done.0,
            total: row.total.map(Col::into_inner),
            cursor: row.cursor.unwrap_or_default(),
            result: row.result.unwrap_or_default(),
            error: row.error,
            output: output.map(|(((file_name, media_type), parts), size_bytes)| Output {
                media_type,
                file_name,
                parts: parts.0,
                size_bytes: size_bytes.0,
            }),
            requested_by: row.user_id.map(Col::into_inner),
            created_at: row.created_at.0,
            started_at: row.started_at.map(Col::into_inner),
            finished_at: row.finished_at.map(Col::into_inner),
        };
        Ok(Self::restore(state, row.version))
    }
}

#[async_trait]
impl Tasks for PostgresUnit {
    async fn task(&mut self, id: TaskId) -> Result<Option<Task>, StoreError> {
        self.tx.find_one(Entity::find_by_id(id)).await
    }

    async fn save_task(&mut self, task: &mut Task) -> Result<(), StoreError> {
        self.save(task).await
    }

    async fn put_output(&mut self, task: &Task, part: u32, bytes: &[u8]) -> Result<(), StoreError> {
        task_outputs::put(&self.tx, task, part, bytes).await
    }
}

#[async_trait]
impl TaskReader for PostgresStorage {
    async fn tasks(
        &self,
        ctx: &Ctx,
        only: Option<AccountId>,
        page: &PageRequest,
    ) -> Result<Page<Task>, StoreError> {
        let Scope::Tenant(organization) = ctx.scope else { return Ok(empty_page()) };
        let filter = ("tasks", organization, only);
        let mut of = Entity::find().filter(Column::OrganizationId.eq(organization.uuid()));
        if let Some(only) = only {
            of = of.filter(Column::UserId.eq(only.uuid()));
        }
        let rows = of.page((Column::CreatedAt, Column::Id), Direction::NewestFirst, page, &filter)?;
        let tx = self.reading(ctx).await?;
        let found = tx.find_all(rows).await?;
        Ok(Page::cut(found, page, &filter, |task: &Task| (task.created_at, task.id.uuid())))
    }

    async fn task(&self, ctx: &Ctx, id: TaskId) -> Result<Option<Task>, StoreError> {
        self.reading(ctx).await?.find_one(Entity::find_by_id(id)).await
    }

    async fn output(&self, ctx: &Ctx, task: TaskId, part: u32) -> Result<Option<Vec<u8>>, StoreError> {
        task_outputs::read(&self.reading(ctx).await?, task, part).await
    }

    async fn forget_output(&self, ctx: &Ctx, before: Timestamp) -> Result<u64, StoreError> {
        task_outputs::forget(self, ctx, before).await
    }
}
