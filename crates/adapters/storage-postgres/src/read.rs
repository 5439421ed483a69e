//! Reading rows and saying what they mean.
//!
//! A table the scope's role may not read holds nothing for it: the statement is not even sent, because PostgreSQL would
//! refuse it and end the transaction.

use kernel::StoreError;
use sea_orm::{EntityTrait, PartialModelTrait, Select, SelectTwo};

use crate::{classes, tx::Tx};

/// What a row means.
pub(crate) trait FromRow<R>: Sized {
    fn from_row(row: R) -> Result<Self, StoreError>;
}

/// A row by itself.
impl<R> FromRow<R> for R {
    fn from_row(row: R) -> Result<Self, StoreError> {
        Ok(row)
    }
}

impl Tx {
    /// Whether the role may read the table.
    pub(crate) fn can_read(&self, schema: &str, table: &str) -> bool {
        classes::of(schema, table).is_none_or(|class| class.readers.contains(&self.role()))
    }

    /// Whether the role may read the entity's table.
    pub(crate) fn can_read_entity<E: EntityTrait>(&self) -> bool {
        let entity = E::default();
        self.can_read(entity.schema_name().unwrap_or_default(), entity.table_name())
    }

    /// The row, if there is one for this scope.
    pub(crate) async fn find_one<E: EntityTrait, A: FromRow<E::Model>>(
        &self,
        select: Select<E>,
    ) -> Result<Option<A>, StoreError> {
        self.ensure_open()?;
        if !self.can_read_entity::<E>() {
            return Ok(None);
        }
        let found = self.checked(select.one(self).await)?;
        found.map(A::from_row).transpose().map_err(|error| self.fail(error))
    }

    /// All rows there are for this scope.
    pub(crate) async fn find_all<E: EntityTrait, A: FromRow<E::Model>>(
        &self,
        select: Select<E>,
    ) -> Result<Vec<A>, StoreError> {
        self.ensure_open()?;
        if !self.can_read_entity::<E>() {
            return Ok(Vec::new());
        }
        let found = self.checked(select.all(self).await)?;
        self.restored(found)
    }

    /// All rows with what they belong to; both must be there for this scope.
    pub(crate) async fn find_pairs<E: EntityTrait, F: EntityTrait, A: FromRow<(E::Model, F::Model)>>(
        &self,
        select: SelectTwo<E, F>,
    ) -> Result<Vec<A>, StoreError> {
        self.ensure_open()?;
        if !self.can_read_entity::<E>() || !self.can_read_entity::<F>() {
            return Ok(Vec::new());
        }
        let found = self.checked(select.all(self).await)?;
        self.restored(found.into_iter().filter_map(|(one, other)| Some((one, other?))))
    }

    /// Some columns of all rows there are for this scope.
    pub(crate) async fn find_partial<E: EntityTrait, P: PartialModelTrait, A: FromRow<P>>(
        &self,
        select: Select<E>,
    ) -> Result<Vec<A>, StoreError> {
        self.ensure_open()?;
        if !self.can_read_entity::<E>() {
            return Ok(Vec::new());
        }
        let found = self.checked(select.into_partial_model::<P>().all(self).await)?;
        self.restored(found)
    }

    fn restored<R, A: FromRow<R>>(&self, rows: impl IntoIterator<Item = R>) -> Result<Vec<A>, StoreError> {
        rows.into_iter().map(A::from_row).collect::<Result<_, _>>().map_err(|error| self.fail(error))
    }
}
