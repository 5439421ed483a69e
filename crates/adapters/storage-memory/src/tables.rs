//! All tables, one for each type of row, and what one unit changed in them.

use std::{any::TypeId, collections::HashMap, sync::Arc};

use kernel::StoreError;

use crate::{
    key::{Key, RowId},
    overlay::Overlay,
    row::{Row, typed},
    table::Table,
};

/// What is committed.
#[derive(Default)]
pub(crate) struct Tables {
    by_type: HashMap<TypeId, Table>,
    empty: Table,
}

impl Tables {
    /// The table of a type of row.
    pub(crate) fn of(&self, rows: TypeId) -> &Table {
        self.by_type.get(&rows).unwrap_or(&self.empty)
    }

    fn of_mut(&mut self, rows: TypeId) -> &mut Table {
        self.by_type.entry(rows).or_default()
    }

    pub(crate) fn get<T: Row>(&self, id: RowId) -> Option<&T> {
        self.of(TypeId::of::<T>()).get(id).and_then(typed)
    }

    /// The rows under a key, oldest first.
    pub(crate) fn under<T: Row>(&self, key: &Key) -> impl Iterator<Item = &T> + use<'_, T> {
        self.of(TypeId::of::<T>()).under(key).filter_map(typed)
    }

    pub(crate) fn put<T: Row>(&mut self, row: T) {
        self.of_mut(TypeId::of::<T>()).put(Arc::new(row));
    }

    /// The rows of a type that pass.
    pub(crate) fn find<T: Row>(&self, pass: impl Fn(&T) -> bool) -> Vec<RowId> {
        let rows = self.of(TypeId::of::<T>()).rows().filter(|row| typed(row).is_some_and(&pass));
        rows.map(|row| row.row_id()).collect()
    }

    pub(crate) fn remove<T: Row>(&mut self, ids: &[RowId]) {
        let table = self.of_mut(TypeId::of::<T>());
        for id in ids {
            table.remove(*id);
        }
    }
}

/// What one unit changed, in the order in which it came to the tables.
#[derive(Default)]
pub(crate) struct Overlays {
    by_type: Vec<(TypeId, Overlay)>,
    empty: Overlay,
}

impl Overlays {
    /// What was changed in the rows of a type.
    pub(crate) fn of(&self, rows: TypeId) -> &Overlay {
        self.by_type.iter().find(|(of, _)| *of == rows).map_or(&self.empty, |(_, overlay)| overlay)
    }

    pub(crate) fn of_mut(&mut self, rows: TypeId) -> &mut Overlay {
        let place = self.by_type.iter().position(|(of, _)| *of == rows).unwrap_or_else(|| {
            self.by_type.push((rows, Overlay::default()));
            self.by_type.len() - 1
        });
        &mut self.by_type[place].1
    }

    /// Whether everything can still be applied.
    pub(crate) fn check(&self, tables: &Tables) -> Result<(), StoreError> {
        self.by_type.iter().try_for_each(|(rows, overlay)| overlay.check(tables.of(*rows)))
    }

    pub(crate) fn apply(self, tables: &mut Tables) {
        for (rows, overlay) in self.by_type {
            overlay.apply(tables.of_mut(rows));
        }
    }
}
