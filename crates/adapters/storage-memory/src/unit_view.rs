//! What a unit sees at one moment: what it changed itself, over what is committed.

use std::any::TypeId;

use kernel::Scope;

use crate::{
    key::{Key, RowId},
    overlay::Overlay,
    row::{Row, typed},
    table::Table,
    tables::{Overlays, Tables},
};

#[derive(Clone, Copy)]
pub(crate) struct UnitView<'a> {
    pub(crate) overlays: &'a Overlays,
    pub(crate) committed: &'a Tables,
    pub(crate) scope: Scope,
}

impl<'a> UnitView<'a> {
    /// The row with an id, whoever may see it.
    pub(crate) fn get<T: Row>(self, id: RowId) -> Option<&'a T> {
        let (overlay, committed) = self.rows(TypeId::of::<T>());
        overlay.get(committed, id).and_then(typed)
    }

    /// The row with a unique key, whoever may see it.
    pub(crate) fn holder<T: Row>(self, key: &Key) -> Option<&'a T> {
        let (overlay, committed) = self.rows(TypeId::of::<T>());
        overlay.holder(committed, key).and_then(typed)
    }

    /// The rows under a key, oldest first, whoever may see them.
    pub(crate) fn under<T: Row>(self, key: &Key) -> impl Iterator<Item = &'a T> + use<'a, T> {
        let (overlay, committed) = self.rows(TypeId::of::<T>());
        overlay.under(committed, key).into_iter().filter_map(typed)
    }

    fn rows(self, of: TypeId) -> (&'a Overlay, &'a Table) {
        (self.overlays.of(of), self.committed.of(of))
    }
}
