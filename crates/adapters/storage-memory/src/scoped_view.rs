//! What one scope sees of the tables, for reading without a unit.

use kernel::{Ctx, Page, PageRequest, Scope, StoreError, Timestamp};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    State,
    outbox::fetch_limit,
    table::Key,
    tables::{HasTable, Tables},
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

    pub(crate) fn get<T: HasTable>(self, id: T::Id) -> Option<&'a T> {
        T::table(self.tables).get(id).filter(|row| row.visible(self.scope))
    }

    /// The row with a unique key.
    pub(crate) fn holder<T: HasTable>(self, key: &Key) -> Option<&'a T> {
        T::table(self.tables).holder(key).and_then(|id| self.get(id))
    }

    /// The rows under a key, oldest first.
    pub(crate) fn under<T: HasTable>(self, key: &Key) -> impl Iterator<Item = &'a T> + use<'a, T> {
        T::table(self.tables).under(key).filter(move |row| row.visible(self.scope))
    }

    /// The page of the rows under a key that `view` makes something of.
    pub(crate) fn page<T: HasTable, V>(
        self,
        key: &Key,
        order: Order,
        filter: &impl Serialize,
        request: &PageRequest,
        view: impl Fn(&'a T) -> Option<V>,
    ) -> Result<Page<V>, StoreError>
    where
        T::Id: Serialize + DeserializeOwned,
    {
        let after = request.key::<(Timestamp, T::Id)>(filter)?;
        let rows = T::table(self.tables).after(key, after, order == Order::NewestFirst);
        let seen = rows.filter(|row| row.visible(self.scope));
        let views = seen.filter_map(|row| Some((row.position(), view(row)?)));
        let cut =
            Page::cut(views.take(fetch_limit(request)).collect(), request, filter, |(position, _)| *position);
        Ok(cut.map(|(_, view)| view))
    }
}

pub(crate) fn empty_page<T>() -> Page<T> {
    Page { items: Vec::new(), next: None }
}
