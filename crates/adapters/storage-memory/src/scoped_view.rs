//! What one scope sees of the tables, for reading without a unit.

use std::any::TypeId;

use kernel::{Ctx, Page, PageRequest, Scope, StoreError};
use serde::Serialize;

use crate::{
    State,
    key::{Key, RowId},
    outbox::fetch_limit,
    row::{Position, Row, typed},
    tables::Tables,
};

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Order {
    OldestFirst,
    NewestFirst,
}

/// Tables as one scope sees them.
#[derive(Clone, Copy)]
pub(crate) struct ScopedView<'a> {
    tables: &'a Tables,
    scope: Scope,
}

impl<'a> ScopedView<'a> {
    pub(crate) fn new(state: &'a State, ctx: &Ctx) -> Self {
        Self { tables: &state.tables, scope: ctx.scope }
    }

    pub(crate) fn get<T: Row>(self, id: RowId) -> Option<&'a T> {
        self.tables.get(id).filter(|row: &&T| row.visible(self.scope))
    }

    /// The row with a unique key.
    pub(crate) fn holder<T: Row>(self, key: &Key) -> Option<&'a T> {
        self.tables.of(TypeId::of::<T>()).holder(key).and_then(|id| self.get(id))
    }

    /// The rows under a key, oldest first.
    pub(crate) fn under<T: Row>(self, key: &Key) -> impl Iterator<Item = &'a T> + use<'a, T> {
        self.tables.under(key).filter(move |row: &&T| row.visible(self.scope))
    }

    /// The page of the rows under a key that `view` makes something of.
    pub(crate) fn page<T: Row, V>(
        self,
        key: &Key,
        order: Order,
        filter: &impl Serialize,
        request: &PageRequest,
        view: impl Fn(&'a T) -> Option<V>,
    ) -> Result<Page<V>, StoreError> {
        let after = request.key::<Position>(filter)?;
        let rows = self.tables.of(TypeId::of::<T>()).after(key, after, order == Order::NewestFirst);
        let seen = rows.filter(|row| row.visible(self.scope));
        let views = seen.filter_map(|row| Some((row.position(), view(typed(row)?)?)));
        let cut =
            Page::cut(views.take(fetch_limit(request)).collect(), request, filter, |(position, _)| *position);
        Ok(cut.map(|(_, view)| view))
    }
}

pub(crate) fn empty_page<T>() -> Page<T> {
    Page { items: Vec::new(), next: None }
}
