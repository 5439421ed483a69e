//! What tasks write, part by part.
#![expect(unreachable_pub, reason = "SeaORM's macros make rows pub")]

use kernel::{
    Ctx, OrganizationId, StoreError, Timestamp,
    task::{Task, TaskId},
};
use sea_orm::entity::prelude::*;

use crate::{PostgresStorage, col::Col, driver::query, scope::Access, tx::Tx};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "platform", table_name = "task_outputs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: Col<OrganizationId>,
    #[sea_orm(primary_key, auto_increment = false)]
    pub task_id: Col<TaskId>,
    #[sea_orm(primary_key, auto_increment = false)]
    pub part: Col<u32>,
    pub octets: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}

/// A part may be large, so that a statement deletes a few, and in SQL, because it deletes unread what a join finds.
const FORGET: &str = "
DELETE FROM platform.task_outputs o USING (
  SELECT o.organization_id, o.task_id, o.part
  FROM platform.task_outputs o JOIN platform.tasks t ON t.organization_id = o.organization_id AND t.id = o.task_id
  WHERE t.finished_at < $1 LIMIT 200
) old
WHERE o.organization_id = old.organization_id AND o.task_id = old.task_id AND o.part = old.part";

pub(super) async fn put(tx: &Tx, task: &Task, part: u32, bytes: &[u8]) -> Result<(), StoreError> {
    let row = Model {
        organization_id: Col::of(task.organization),
        task_id: Col::of(task.id),
        part: Col::of(part),
        octets: bytes.to_vec(),
    };
    tx.insert(row).await
}

pub(super) async fn read(tx: &Tx, task: TaskId, part: u32) -> Result<Option<Vec<u8>>, StoreError> {
    let part =
        Entity::find().filter(Column::TaskId.eq(task.uuid())).filter(Column::Part.eq(Col::<_>::of(part)));
    let found: Option<Model> = tx.find_one(part).await?;
    Ok(found.map(|row| row.octets))
}

pub(super) async fn forget(
    storage: &PostgresStorage,
    ctx: &Ctx,
    before: Timestamp,
) -> Result<u64, StoreError> {
    let mut forgotten = 0;
    loop {
        let tx = storage.acting(ctx, Access::Write).await?;
        let query = query(FORGET).bind(before.to_offset_date_time());
        let deleted = tx.execute(query).await?;
        tx.commit().await?;
        if deleted == 0 {
            return Ok(forgotten);
        }
        forgotten += deleted;
    }
}
