//! Where rows are found: by the keys that are theirs alone, and among the others under a key.

use std::{
    collections::{BTreeSet, HashMap},
    ops::Bound,
};

use crate::{
    key::{Key, RowId},
    row::{Position, Row},
};

#[derive(Default)]
pub(crate) struct Index {
    unique: HashMap<Key, RowId>,
    under: HashMap<Key, BTreeSet<Position>>,
}

impl Index {
    /// Which row has the unique key.
    pub(crate) fn holder(&self, key: &Key) -> Option<RowId> {
        self.unique.get(key).copied()
    }

    /// The places under a key between two bounds, oldest first.
    pub(crate) fn between(
        &self,
        key: &Key,
        range: (Bound<Position>, Bound<Position>),
    ) -> impl DoubleEndedIterator<Item = RowId> + use<'_> {
        let positions = self.under.get(key).into_iter().flat_map(move |positions| positions.range(range));
        positions.map(|(_, id)| *id)
    }

    /// Enters a row in place of the one with its id.
    pub(crate) fn replace(&mut self, old: Option<&dyn Row>, row: &dyn Row) {
        let (id, position) = (row.row_id(), row.position());
        let (uniques, keys) = (row.uniques(), row.keys());
        if let Some(old) = old {
            let gone = old.uniques().into_iter().filter(|unique| !uniques.contains(unique));
            self.unlink_uniques(gone, id);
            let moved = old.position() != position;
            self.unlink(old.keys().into_iter().filter(|key| moved || !keys.contains(key)), &old.position());
        }
        self.unique.extend(uniques.into_iter().map(|key| (key, id)));
        for key in keys {
            self.under.entry(key).or_default().insert(position);
        }
    }

    pub(crate) fn remove(&mut self, old: &dyn Row) {
        self.unlink_uniques(old.uniques().into_iter(), old.row_id());
        self.unlink(old.keys().into_iter(), &old.position());
    }

    // Within one commit another row may have taken a key over already.
    fn unlink_uniques(&mut self, gone: impl Iterator<Item = Key>, id: RowId) {
        for key in gone {
            if self.unique.get(&key) == Some(&id) {
                self.unique.remove(&key);
            }
        }
    }

    fn unlink(&mut self, keys: impl Iterator<Item = Key>, position: &Position) {
        for key in keys {
            if let Some(positions) = self.under.get_mut(&key) {
                positions.remove(position);
                if positions.is_empty() {
                    self.under.remove(&key);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use kernel::{Scope, Unique};
    use uuid::Uuid;

    use super::*;
    use crate::row::Access;

    struct Book {
        id: u128,
        shelf: &'static str,
        title: &'static str,
    }

    fn title(title: &str) -> Key {
        Key::unique(Unique("title")).text(title)
    }

    fn shelf(shelf: &str) -> Key {
        Key::new("shelf").text(shelf)
    }

    impl Row for Book {
        fn row_id(&self) -> RowId {
            RowId::of_uuid(Uuid::from_u128(self.id))
        }
        fn uniques(&self) -> Vec<Key> {
            vec![title(self.title)]
        }
        fn keys(&self) -> Vec<Key> {
            vec![shelf(self.shelf)]
        }
        fn access(&self, _: Scope) -> Access {
            Access::Full
        }
    }

    #[test]
    fn a_moved_row_is_found_only_where_it_is() {
        let mut books = Index::default();
        let on =
            |books: &Index, name| books.between(&shelf(name), (Bound::Unbounded, Bound::Unbounded)).count();
        let (before, after) = (
            Book { id: 1, shelf: "left", title: "Emma" },
            Book { id: 1, shelf: "right", title: "Persuasion" },
        );
        books.replace(None, &before);
        books.replace(Some(&before), &after);
        assert_eq!((on(&books, "left"), on(&books, "right")), (0, 1));
        assert_eq!(books.holder(&title("Emma")), None);
        books.remove(&after);
        assert!(books.unique.is_empty() && books.under.is_empty());
    }

    #[test]
    fn rows_that_swap_a_unique_key_keep_it_in_either_order() {
        let mut books = Index::default();
        let (first, second) =
            (Book { id: 1, shelf: "left", title: "Emma" }, Book { id: 2, shelf: "left", title: "Emma" });
        books.replace(None, &first);
        books.replace(None, &second);
        books.replace(Some(&first), &Book { id: 1, shelf: "left", title: "Persuasion" });
        assert_eq!(books.holder(&title("Emma")), Some(second.row_id()));
    }
}
