//! What one open unit changed in one table, before anyone else sees it.

use std::collections::HashMap;

use kernel::StoreError;

use crate::{
    key::{Key, RowId},
    row::{AnyRow, OnConflict},
    table::Table,
};

/// What `commit` must still find for a change to be applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExpectedVersion {
    /// This version, 0 for no row; otherwise the commit is stale.
    Exactly(i64),
    /// This version; a row that moved on is left as it is.
    ExactlyOrSkip(i64),
    /// Whatever is there; a row that is put decides with it which stays ([`Row::on_conflict`](crate::row::Row)).
    Any,
}

#[derive(Default)]
pub(crate) struct Overlay {
    rows: Table,
    /// All rows that were put or removed; those removed have no entry in `rows`.
    touched: HashMap<RowId, ExpectedVersion>,
}

impl Overlay {
    pub(crate) fn get<'a>(&'a self, committed: &'a Table, id: RowId) -> Option<&'a AnyRow> {
        if self.touched.contains_key(&id) { self.rows.get(id) } else { committed.get(id) }
    }

    pub(crate) fn holder<'a>(&'a self, committed: &'a Table, key: &Key) -> Option<&'a AnyRow> {
        let elsewhere = || committed.holder(key).filter(|id| !self.touched.contains_key(id));
        self.rows.holder(key).or_else(elsewhere).and_then(|id| self.get(committed, id))
    }

    /// The rows under a key, oldest first.
    pub(crate) fn under<'a>(&'a self, committed: &'a Table, key: &Key) -> Vec<&'a AnyRow> {
        let untouched = committed.under(key).filter(|row| !self.touched.contains_key(&row.row_id()));
        let mut rows: Vec<&AnyRow> = untouched.collect();
        if !self.touched.is_empty() {
            rows.extend(self.rows.under(key));
            rows.sort_by_key(|row| row.position());
        }
        rows
    }

    /// Puts a row over `version`, as a statement of PostgreSQL would at this moment.
    pub(crate) fn save(&mut self, committed: &Table, row: AnyRow, version: i64) -> Result<(), StoreError> {
        let id = row.row_id();
        self.expect_version(committed, id, version)?;
        for key in row.uniques() {
            if self.holder(committed, &key).is_some_and(|holder| holder.row_id() != id) {
                return Err(StoreError::Duplicate(key.rule()));
            }
        }
        self.touched.entry(id).or_insert(ExpectedVersion::Exactly(version));
        self.rows.put(row);
        Ok(())
    }

    fn expect_version(&self, committed: &Table, id: RowId, version: i64) -> Result<(), StoreError> {
        let found = self.get(committed, id).map_or(0, |row| row.revision());
        if found == version { Ok(()) } else { Err(StoreError::Stale) }
    }

    /// Puts a row without a version. Where the unit put one before, they decide between them which stays; what is
    /// committed has its say at the commit.
    pub(crate) fn put(&mut self, row: AnyRow) {
        let id = row.row_id();
        if self.rows.get(id).is_none_or(|found| row.on_conflict(found) == OnConflict::Replace) {
            self.touched.entry(id).or_insert(ExpectedVersion::Any);
            self.rows.put(row);
        }
    }

    /// Puts a row of the version it has already, unless somebody changes that before the commit.
    pub(crate) fn amend(&mut self, row: AnyRow) {
        self.touched.entry(row.row_id()).or_insert(ExpectedVersion::ExactlyOrSkip(row.revision()));
        self.rows.put(row);
    }

    pub(crate) fn remove(&mut self, id: RowId, expected: ExpectedVersion) {
        self.touched.entry(id).or_insert(expected);
        self.rows.remove(id);
    }

    /// Removes a row of this version.
    pub(crate) fn end(&mut self, committed: &Table, id: RowId, version: i64) -> Result<(), StoreError> {
        self.expect_version(committed, id, version)?;
        self.remove(id, ExpectedVersion::Exactly(version));
        Ok(())
    }

    /// Whether everything can still be applied.
    pub(crate) fn check(&self, committed: &Table) -> Result<(), StoreError> {
        for (id, expected) in &self.touched {
            let stale = match expected {
                ExpectedVersion::Exactly(version) => *version != committed.revision(*id),
                ExpectedVersion::ExactlyOrSkip(_) => false,
                ExpectedVersion::Any => self.conflict(committed, *id) == OnConflict::Fail,
            };
            if stale {
                return Err(StoreError::Stale);
            }
        }
        for row in self.rows.rows() {
            for key in row.uniques() {
                if committed.holder(&key).is_some_and(|holder| !self.touched.contains_key(&holder)) {
                    return Err(StoreError::Duplicate(key.rule()));
                }
            }
        }
        Ok(())
    }

    pub(crate) fn apply(mut self, committed: &mut Table) {
        for (id, expected) in std::mem::take(&mut self.touched) {
            let found = committed.revision(id);
            let keeps_existing = match expected {
                ExpectedVersion::Any => self.conflict(committed, id) == OnConflict::KeepExisting,
                ExpectedVersion::ExactlyOrSkip(version) => version != found,
                ExpectedVersion::Exactly(_) => false,
            };
            match self.rows.take(id) {
                _ if keeps_existing => {}
                Some(row) => committed.put(row),
                None => committed.remove(id),
            }
        }
    }

    /// How a row that was put stands to what is committed in its place.
    fn conflict(&self, committed: &Table, id: RowId) -> OnConflict {
        match (self.rows.get(id), committed.get(id)) {
            (Some(row), Some(found)) => row.on_conflict(found),
            _ => OnConflict::Replace,
        }
    }
}
