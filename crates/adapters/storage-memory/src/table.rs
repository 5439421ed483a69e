//! A table: rows by id, with indexes for what must be unique and what rows are looked up by.

use std::{
    collections::{BTreeSet, HashMap},
    hash::Hash,
    ops::Bound,
};

use assessment_engine::{MarketplaceStatus, TemplateName};
use assessment_format::{Slug, Version};
use kernel::{Digest, Scope, Timestamp, Unique};
use uuid::Uuid;

/// What a row is found by, besides its id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    /// Every row of the table.
    All,
    /// An account's.
    Account(Uuid),
    /// A digest's.
    Digest(Digest),
    /// A normalised address's.
    Email(String),
    /// A normalised address's in an organisation or campaign.
    EmailIn(Uuid, String),
    /// What stands at a point of the marketplace.
    Listed(MarketplaceStatus),
    /// An organisation's.
    Organization(Uuid),
    /// What an assignment or a coaching session led to.
    Origin(Uuid),
    /// An account's in an organisation or campaign.
    AccountIn(Uuid, Uuid),
    /// An organisation's owners.
    Owners(Uuid),
    /// The summaries of an organisation's assessment.
    DisclosedSummaries(Uuid, Uuid),
    /// A slug's.
    Slug(String),
    /// A slug's in an organisation.
    SlugIn(Uuid, Slug),
    /// A subject's, by purpose.
    Subject(&'static str, Uuid),
    /// A template's copy in an organisation.
    Template(Uuid, TemplateName),
    /// What belongs to a thing, such as an assessment's versions or a campaign's assignments.
    Parent(Uuid),
    /// The version of an assessment with this number.
    Version(Uuid, Version),
}

/// How far a scope reaches a row; each includes those before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Access {
    Nothing,
    Read,
    Edit,
    /// Also makes and, where rows are ever deleted, deletes it.
    Full,
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

/// What a table holds.
pub(crate) trait Row: Clone + 'static {
    /// Identifies a row.
    type Id: Copy + Eq + Hash + Ord;

    fn id(&self) -> Self::Id;
    /// The version it was saved at; 0 for rows without versions, 1 for rows that never change.
    fn revision(&self) -> i64 {
        0
    }
    /// With the id, the order rows under one key stand in.
    fn created_at(&self) -> Timestamp {
        Timestamp::EPOCH
    }
    /// The keys no other row may have.
    fn uniques(&self) -> Vec<(Unique, Key)> {
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
    fn on_conflict(&self, _found: &Self) -> OnConflict {
        OnConflict::Replace
    }

    /// Its place among the rows under one key.
    fn position(&self) -> Position<Self> {
        (self.created_at(), self.id())
    }
}

/// A row's place among those under one key.
pub(crate) type Position<T> = (Timestamp, <T as Row>::Id);

pub(crate) struct Table<T: Row> {
    rows: HashMap<T::Id, T>,
    unique: HashMap<Key, T::Id>,
    index: HashMap<Key, BTreeSet<Position<T>>>,
}

impl<T: Row> Default for Table<T> {
    fn default() -> Self {
        Self { rows: HashMap::new(), unique: HashMap::new(), index: HashMap::new() }
    }
}

impl<T: Row> Table<T> {
    pub(crate) fn get(&self, id: T::Id) -> Option<&T> {
        self.rows.get(&id)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = &T> {
        self.rows.values()
    }

    /// Which row has the unique key.
    pub(crate) fn holder(&self, key: &Key) -> Option<T::Id> {
        self.unique.get(key).copied()
    }

    /// The rows under a key, oldest first.
    pub(crate) fn under<'a>(&'a self, key: &Key) -> impl DoubleEndedIterator<Item = &'a T> + use<'a, T> {
        self.between(key, (Bound::Unbounded, Bound::Unbounded))
    }

    /// The rows under a key after a position, in either direction.
    pub(crate) fn after<'a>(
        &'a self,
        key: &Key,
        position: Option<Position<T>>,
        newest_first: bool,
    ) -> Box<dyn Iterator<Item = &'a T> + 'a> {
        let edge = position.map_or(Bound::Unbounded, Bound::Excluded);
        if newest_first {
            Box::new(self.between(key, (Bound::Unbounded, edge)).rev())
        } else {
            Box::new(self.between(key, (edge, Bound::Unbounded)))
        }
    }

    fn between<'a>(
        &'a self,
        key: &Key,
        range: (Bound<Position<T>>, Bound<Position<T>>),
    ) -> impl DoubleEndedIterator<Item = &'a T> + use<'a, T> {
        let positions = self.index.get(key).into_iter().flat_map(move |positions| positions.range(range));
        positions.filter_map(|(_, id)| self.rows.get(id))
    }

    /// Keeps a row in place of the one with its id.
    pub(crate) fn put(&mut self, row: T) {
        let (id, position) = (row.id(), row.position());
        let (uniques, keys) = (row.uniques(), row.keys());
        if let Some(old) = self.rows.insert(id, row) {
            let gone = old.uniques().into_iter().filter(|unique| !uniques.contains(unique));
            self.unlink_uniques(gone, id);
            let moved = old.position() != position;
            self.unlink(old.keys().into_iter().filter(|key| moved || !keys.contains(key)), &old.position());
        }
        self.unique.extend(uniques.into_iter().map(|(_, key)| (key, id)));
        for key in keys {
            self.index.entry(key).or_default().insert(position);
        }
    }

    /// Gives a row away and leaves the table unfit for look-ups: the last use of an overlay.
    pub(crate) fn take(&mut self, id: T::Id) -> Option<T> {
        self.rows.remove(&id)
    }

    pub(crate) fn remove(&mut self, id: T::Id) {
        if let Some(old) = self.rows.remove(&id) {
            self.unlink_uniques(old.uniques().into_iter(), id);
            self.unlink(old.keys().into_iter(), &old.position());
        }
    }

    // Within one commit another row may have taken a key over already.
    fn unlink_uniques(&mut self, gone: impl Iterator<Item = (Unique, Key)>, id: T::Id) {
        for (_, key) in gone {
            if self.unique.get(&key) == Some(&id) {
                self.unique.remove(&key);
            }
        }
    }

    fn unlink(&mut self, keys: impl Iterator<Item = Key>, position: &Position<T>) {
        for key in keys {
            if let Some(positions) = self.index.get_mut(&key) {
                positions.remove(position);
                if positions.is_empty() {
                    self.index.remove(&key);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone)]
    struct Book {
        id: u32,
        shelf: Uuid,
        title: &'static str,
    }

    impl Row for Book {
        type Id = u32;

        fn id(&self) -> u32 {
            self.id
        }
        fn uniques(&self) -> Vec<(Unique, Key)> {
            vec![(Unique("title"), Key::Slug(self.title.to_owned()))]
        }
        fn keys(&self) -> Vec<Key> {
            vec![Key::Account(self.shelf)]
        }
        fn access(&self, _: Scope) -> Access {
            Access::Full
        }
    }

    #[test]
    fn a_moved_row_is_found_only_where_it_is() {
        let mut books = Table::default();
        let (left, right) = (Uuid::from_u128(1), Uuid::from_u128(2));
        books.put(Book { id: 1, shelf: left, title: "Emma" });
        books.put(Book { id: 1, shelf: right, title: "Persuasion" });
        assert_eq!(books.under(&Key::Account(left)).count(), 0);
        assert_eq!(books.under(&Key::Account(right)).count(), 1);
        assert_eq!(books.holder(&Key::Slug("Emma".into())), None);
        books.remove(1);
        assert!(books.unique.is_empty() && books.index.is_empty());
    }

    #[test]
    fn rows_that_swap_a_unique_key_keep_it_in_either_order() {
        let mut books = Table::default();
        let shelf = Uuid::nil();
        books.put(Book { id: 1, shelf, title: "Emma" });
        books.put(Book { id: 2, shelf, title: "Emma" });
        books.put(Book { id: 1, shelf, title: "Persuasion" });
        assert_eq!(books.holder(&Key::Slug("Emma".into())), Some(2));
    }
}
