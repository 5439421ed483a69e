//! Reading rows and saying what they mean.
//!
//! A table the scope's role may not read holds nothing for it: the statement is not even sent, because PostgreSQL would
//! refuse it and end the transaction.

use kernel::StoreError;
use sea_orm::{EntityTrait, Select, SelectTwo};

use crate::{classes, tx::Tx};

impl Tx {
    /// Whether the role may read the table.
    pub(crate) fn can_read(&self, schema: &str, table: &str) -> bool {
        classes::of(schema, table).is_none_or(|class| class.readers.contains(&self.role()))
    }

    fn can_read_entity<E: EntityTrait>(&self) -> bool {
        let entity = E::default();
        self.can_read(entity.schema_name().unwrap_or_default(), entity.table_name())
    }

    /// The row, if there is one for this scope.
    pub(crate) async fn find_one<E: EntityTrait, A>(
        &self,
        select: Select<E>,
        restore: impl FnOnce(E::Model) -> Result<A, StoreError>,
    ) -> Result<Option<A>, StoreError> {
        self.ensure_open()?;
        if !self.can_read_entity::<E>() {
            return Ok(None);
        }
        let found = self.checked(select.one(self).await)?;
        found.map(restore).transpose().map_err(|error| self.fail(error))
    }

    /// All rows there are for this scope.
    pub(crate) async fn find_all<E: EntityTrait, A>(
        &self,
        select: Select<E>,
        restore: impl FnMut(E::Model) -> Result<A, StoreError>,
    ) -> Result<Vec<A>, StoreError> {
        self.ensure_open()?;
        if !self.can_read_entity::<E>() {
            return Ok(Vec::new());
        }
        let found = self.checked(select.all(self).await)?;
        found.into_iter().map(restore).collect::<Result<_, _>>().map_err(|error| self.fail(error))
    }

    /// All rows with what they belong to; both must be there for this scope.
    pub(crate) async fn find_pairs<E: EntityTrait, F: EntityTrait, A>(
        &self,
        select: SelectTwo<E, F>,
        mut restore: impl FnMut(E::Model, F::Model) -> Result<A, StoreError>,
    ) -> Result<Vec<A>, StoreError> {
        self.ensure_open()?;
        if !self.can_read_entity::<E>() || !self.can_read_entity::<F>() {
            return Ok(Vec::new());
        }
        let found = self.checked(select.all(self).await)?;
        let pairs = found.into_iter().filter_map(|(one, other)| Some((one, other?)));
        pairs
            .map(|(one, other)| restore(one, other))
            .collect::<Result<_, _>>()
            .map_err(|error| self.fail(error))
    }
}
