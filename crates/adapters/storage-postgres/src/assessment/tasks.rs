//! Tasks and what they write.

use async_trait::async_trait;
use kernel::{
    AccountId, Ctx, Id, OrganizationId, Page, PageRequest, Scope, StoreError, Timestamp,
    task::{Output, Task, TaskId, TaskReader, TaskRequest, TaskState, TaskStatus, Tasks},
};
use sea_orm::entity::prelude::*;

use super::value::{fitting, instant, named, signed, unsigned};
use crate::{
    PostgresStorage,
    page::{Direction, Paged as _},
    read::FromRow,
    scope::{Access, begin_statement},
    tx::Tx,
    unit::{AggregateRow, PostgresUnit},
};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "platform", table_name = "tasks")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub organization_id: Uuid,
    pub task_name: String,
    pub related_type: String,
    pub related_id: Uuid,
    pub parameters: Option<Json>,
    pub status: String,
    pub done: i64,
    pub total: Option<i64>,
    pub cursor: Option<Json>,
    pub result: Option<Json>,
    pub error: Option<String>,
    pub output_media_type: Option<String>,
    pub output_file_name: Option<String>,
    pub output_parts: Option<i32>,
    pub output_octets: Option<i64>,
    pub user_id: Option<Uuid>,
    pub started_at: Option<TimeDateTimeWithTimeZone>,
    pub finished_at: Option<TimeDateTimeWithTimeZone>,
    pub created_at: TimeDateTimeWithTimeZone,
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
        } = self.state();
        let output = output.as_ref();
        Model {
            id: id.uuid(),
            organization_id: organization.uuid(),
            task_name: name.clone(),
            related_type: related_type.clone(),
            related_id: *related_id,
            parameters: there(parameters),
            status: status.name().to_owned(),
            done: signed(*done),
            total: total.map(signed),
            cursor: there(cursor),
            result: there(result),
            // PostgreSQL keeps no NUL in a text.
            error: error.as_ref().map(|error| error.replace('\0', " ")),
            output_media_type: output.map(|output| output.media_type.clone()),
            output_file_name: output.map(|output| output.file_name.clone()),
            output_parts: output.map(|output| i32::try_from(output.parts).unwrap_or(i32::MAX)),
            output_octets: output.map(|output| signed(output.size_bytes)),
            user_id: requested_by.map(Id::uuid),
            started_at: started_at.map(instant),
            finished_at: finished_at.map(instant),
            created_at: instant(*created_at),
            version: version,
        }
    }
}

/// JSON's null is the column's.
fn there(json: &Json) -> Option<Json> {
    Some(json).filter(|json| !json.is_null()).cloned()
}

impl FromRow<Model> for Task {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        let Model {
            id,
            organization_id,
            task_name: name,
            related_type,
            related_id,
            parameters,
            status,
            done,
            total,
            cursor,
            result,
            error,
            output_media_type,
            output_file_name,
            output_parts,
            output_octets,
            user_id,
            started_at,
            finished_at,
            created_at,
            version,
        } = row;
        let output = match (output_media_type, output_file_name, output_parts, output_octets) {
            (Some(media_type), Some(file_name), Some(parts), Some(size_bytes)) => Some(Output {
                media_type,
                file_name,
                parts: fitting("output_parts", parts)?,
                size_bytes: unsigned(size_bytes),
            }),
            _ => None,
        };
        let state = TaskState {
            id: TaskId::from_uuid(id),
            organization: OrganizationId::from_uuid(organization_id),
            request: TaskRequest {
                name,
                related_type,
                related_id,
                parameters: parameters.unwrap_or_default(),
            },
            status: named("status", &status, TaskStatus::ALL, TaskStatus::name)?,
            done: unsigned(done),
            total: total.map(unsigned),
            cursor: cursor.unwrap_or_default(),
            result: result.unwrap_or_default(),
            error,
            output,
            requested_by: user_id.map(AccountId::from_uuid),
            created_at: Timestamp::new(created_at),
            started_at: started_at.map(Timestamp::new),
            finished_at: finished_at.map(Timestamp::new),
        };
        Ok(Task::restore(state, version))
    }
}

const PUT: &str = "
INSERT INTO platform.task_outputs (organization_id, task_id, part, octets) VALUES ($1, $2, $3, $4)";

const OUTPUT: &str = "SELECT octets FROM platform.task_outputs WHERE task_id = $1 AND part = $2";

/// A part may be large, so that a statement deletes a few.
const FORGET: &str = "
DELETE FROM platform.task_outputs o USING (
  SELECT o.organization_id, o.task_id, o.part
  FROM platform.task_outputs o JOIN platform.tasks t ON t.organization_id = o.organization_id AND t.id = o.task_id
  WHERE t.finished_at < $1 LIMIT 200
) old
WHERE o.organization_id = old.organization_id AND o.task_id = old.task_id AND o.part = old.part";

#[async_trait]
impl Tasks for PostgresUnit {
    async fn task(&mut self, id: TaskId) -> Result<Option<Task>, StoreError> {
        self.tx.find_one(Entity::find_by_id(id.uuid())).await
    }

    async fn save_task(&mut self, task: &mut Task) -> Result<(), StoreError> {
        self.save(task).await
    }

    async fn put_output(&mut self, task: &Task, part: u32, bytes: &[u8]) -> Result<(), StoreError> {
        let query = sqlx::query(PUT)
            .bind(task.organization.uuid())
            .bind(task.id.uuid())
            .bind(fitting::<_, i32>("part", part)?)
            .bind(bytes);
        self.tx.execute(query).await.map(drop)
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
        let Scope::Tenant(organization) = ctx.scope else { return Ok(super::empty_page()) };
        let filter = ("tasks", organization, only);
        let mut of = Entity::find().filter(Column::OrganizationId.eq(organization.uuid()));
        if let Some(only) = only {
            of = of.filter(Column::UserId.eq(only.uuid()));
        }
        let rows = of.page((Column::CreatedAt, Column::Id), Direction::NewestFirst, page, &filter)?;
        let tx = self.reading(ctx).await?;
        let found = tx.find_all(rows).await?;
        Ok(Page::cut(found, page, &filter, |task| (task.created_at, task.id.uuid())))
    }

    async fn task(&self, ctx: &Ctx, id: TaskId) -> Result<Option<Task>, StoreError> {
        self.reading(ctx).await?.find_one(Entity::find_by_id(id.uuid())).await
    }

    async fn output(&self, ctx: &Ctx, task: TaskId, part: u32) -> Result<Option<Vec<u8>>, StoreError> {
        let tx = self.reading(ctx).await?;
        if !tx.can_read("platform", "task_outputs") {
            return Ok(None);
        }
        let Ok(part) = i32::try_from(part) else { return Ok(None) };
        let found = tx.fetch_optional(sqlx::query(OUTPUT).bind(task.uuid()).bind(part)).await?;
        found.map(|row| tx.get(&row, "octets")).transpose()
    }

    async fn forget_output(&self, ctx: &Ctx, before: Timestamp) -> Result<u64, StoreError> {
        let mut forgotten = 0;
        loop {
            let tx = Tx::begin(&self.pool, &begin_statement(ctx, Access::Write)).await?;
            let deleted = tx.execute(sqlx::query(FORGET).bind(instant(before))).await?.rows_affected();
            tx.commit().await?;
            if deleted == 0 {
                return Ok(forgotten);
            }
            forgotten += deleted;
        }
    }
}
