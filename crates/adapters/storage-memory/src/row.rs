//! What tables hold: rows of any type, behind one trait.

use std::{any::Any, sync::Arc};

use kernel::{Keyed, Owner, Scope, Timestamp};

use crate::key::{Key, RowId};

/// How far a scope reaches a row; each includes those before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Access {
    Nothing,
    Read,
    Edit,
    /// Also makes and, where rows are ever deleted, deletes it.
    Full,
}

pub(crate) fn if_allowed(allowed: bool, access: Access) -> Access {
    if allowed { access } else { Access::Nothing }
}

/// What becomes of a row without a version where another is found in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnConflict {
    /// It takes the place.
    Replace,
    /// The other stays.
    KeepExisting,
    /// Neither may win: whoever puts it comes too late.
    Fail,
}

/// A row's place among those under one key.
pub(crate) type Position = (Timestamp, RowId);

/// A row of any type, as tables keep it.
pub(crate) type AnyRow = Arc<dyn Row>;

/// What a table holds.
pub(crate) trait Row: Any + Send + Sync {
    /// Identifies it among the rows of its type.
    fn row_id(&self) -> RowId;

    /// The version it was saved at; 0 for rows without versions, 1 for rows that never change.
    fn revision(&self) -> i64 {
        0
    }

    /// With the id, the order rows under one key stand in.
    fn made_at(&self) -> Timestamp {
        Timestamp::EPOCH
    }

    /// The keys no other row may have.
    fn uniques(&self) -> Vec<Key> {
        Vec::new()
    }

    /// The keys it is looked up by.
    fn keys(&self) -> Vec<Key> {
        Vec::new()
    }

    /// How far a unit of this scope reaches it.
    fn access(&self, scope: Scope) -> Access;

    fn visible(&self, scope: Scope) -> bool {
        self.access(scope) >= Access::Read
    }

    /// What becomes of it where this row is in its place already.
    fn on_conflict(&self, _found: &AnyRow) -> OnConflict {
        OnConflict::Replace
    }

    /// Its place among the rows under one key.
    fn position(&self) -> Position {
        (self.made_at(), self.row_id())
    }
}

/// The row as what it is; `None` when it is of another type.
pub(crate) fn typed<T: Row>(row: &AnyRow) -> Option<&T> {
    (row.as_ref() as &dyn Any).downcast_ref()
}

/// What the rows of an aggregate are found by, and who reaches them. The aggregate says the rest itself.
pub(crate) trait Indexed: Keyed {
    /// The keys no other row may have.
    fn uniques(&self) -> Vec<Key> {
        Vec::new()
    }

    /// The keys it is looked up by.
    fn keys(&self) -> Vec<Key> {
        Vec::new()
    }

    /// How far a unit of this scope reaches it: its owner alone, and the identity scope what is a person's or may
    /// become one's.
    fn access(&self, scope: Scope) -> Access {
        let owner = self.owner();
        let of_a_person = matches!(owner, Owner::Account(_) | Owner::Nobody);
        if_allowed(owner.is(scope) || of_a_person && scope == Scope::Identity, Access::Full)
    }
}

impl<A: Indexed + Send + Sync + 'static> Row for A {
    fn row_id(&self) -> RowId {
        RowId::of_uuid(self.id())
    }
    fn revision(&self) -> i64 {
        self.version()
    }
    fn made_at(&self) -> Timestamp {
        self.created_at()
    }
    fn uniques(&self) -> Vec<Key> {
        Indexed::uniques(self)
    }
    fn keys(&self) -> Vec<Key> {
        Indexed::keys(self)
    }
    fn access(&self, scope: Scope) -> Access {
        Indexed::access(self, scope)
    }
}
