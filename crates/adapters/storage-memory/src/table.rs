//! A table: rows of one type by id, and the index over them.

use std::{collections::HashMap, ops::Bound};

use crate::{
    index::Index,
    key::{Key, RowId},
    row::{AnyRow, Position},
};

#[derive(Default)]
pub(crate) struct Table {
    rows: HashMap<RowId, AnyRow>,
    index: Index,
}

impl Table {
    pub(crate) fn get(&self, id: RowId) -> Option<&AnyRow> {
        self.rows.get(&id)
    }

    /// The version of a row; 0 where there is none.
    pub(crate) fn revision(&self, id: RowId) -> i64 {
        self.get(id).map_or(0, |row| row.revision())
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = &AnyRow> {
        self.rows.values()
    }

    /// Which row has the unique key.
    pub(crate) fn holder(&self, key: &Key) -> Option<RowId> {
        self.index.holder(key)
    }

    /// The rows under a key, oldest first.
    pub(crate) fn under(&self, key: &Key) -> impl Iterator<Item = &AnyRow> + use<'_> {
        self.between(key, (Bound::Unbounded, Bound::Unbounded))
    }

    /// The rows under a key after a position, in either direction.
    pub(crate) fn after(
        &self,
        key: &Key,
        position: Option<Position>,
        newest_first: bool,
    ) -> Box<dyn Iterator<Item = &AnyRow> + '_> {
        let edge = position.map_or(Bound::Unbounded, Bound::Excluded);
        if newest_first {
            Box::new(self.between(key, (Bound::Unbounded, edge)).rev())
        } else {
            Box::new(self.between(key, (edge, Bound::Unbounded)))
        }
    }

    fn between(
        &self,
        key: &Key,
        range: (Bound<Position>, Bound<Position>),
    ) -> impl DoubleEndedIterator<Item = &AnyRow> + use<'_> {
        self.index.between(key, range).filter_map(|id| self.rows.get(&id))
    }

    /// Keeps a row in place of the one with its id.
    pub(crate) fn put(&mut self, row: AnyRow) {
        let id = row.row_id();
        self.index.replace(self.rows.get(&id).map(AsRef::as_ref), row.as_ref());
        self.rows.insert(id, row);
    }

    /// Gives a row away and leaves the table unfit for look-ups: the last use of an overlay.
    pub(crate) fn take(&mut self, id: RowId) -> Option<AnyRow> {
        self.rows.remove(&id)
    }

    pub(crate) fn remove(&mut self, id: RowId) {
        if let Some(old) = self.rows.remove(&id) {
            self.index.remove(&*old);
        }
    }
}
