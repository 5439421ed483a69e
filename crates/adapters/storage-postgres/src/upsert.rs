//! Rows that are no aggregate's: inserted, or replacing what is there already.

use kernel::StoreError;
use sea_orm::{
    ColumnTrait, EntityTrait, IntoActiveModel, IntoSimpleExpr as _, ModelTrait,
    sea_query::{ExprTrait as _, OnConflict},
};

use crate::{driver::Query, tx::Tx, unit::ROWS};

impl Tx {
    /// Inserts a row.
    pub(crate) async fn insert<M>(&self, row: M) -> Result<(), StoreError>
    where
        M: ModelTrait + IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel>,
    {
        self.execute(Query::of(&M::Entity::insert(row.into_active_model()))).await.map(drop)
    }

    /// Inserts a row, or does what is said of the row that is there already. Tells whether anything was done.
    pub(crate) async fn put<M>(&self, row: M, conflict: OnConflict) -> Result<bool, StoreError>
    where
        M: ModelTrait + IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel>,
    {
        let insert = M::Entity::insert(row.into_active_model()).on_conflict(conflict);
        Ok(self.execute(Query::of(&insert)).await? == 1)
    }

    /// The same for many rows.
    pub(crate) async fn put_all<M>(&self, rows: Vec<M>, conflict: OnConflict) -> Result<(), StoreError>
    where
        M: ModelTrait + IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel>,
    {
        self.ensure_open()?;
        let mut rows = rows.into_iter().map(M::into_active_model).peekable();
        while rows.peek().is_some() {
            let insert = M::Entity::insert_many(rows.by_ref().take(ROWS)).on_conflict(conflict.clone());
            self.execute(Query::of(&insert)).await?;
        }
        Ok(())
    }
}

/// Replaces these columns of a row with the same `key`, and counts the change in `version`.
pub(crate) fn replace<C: ColumnTrait>(
    key: impl IntoIterator<Item = C>,
    columns: impl IntoIterator<Item = C>,
    version: C,
) -> OnConflict {
    let counted = version.into_simple_expr().add(1);
    OnConflict::columns(key).update_columns(columns).value(version, counted).to_owned()
}
