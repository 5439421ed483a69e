//! Keyset pages: stable under inserts, without totals.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest as _, Sha256};

use crate::refusals;

/// How many items a page holds: 1 to 100, 25 unless told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(u8);

impl Limit {
    /// As many as a page may hold.
    pub const MOST: Self = Self(100);

    /// Checks the range.
    pub fn new(items: u64) -> Result<Self, PageRefusal> {
        match u8::try_from(items) {
            Ok(limit @ 1..=100) => Ok(Self(limit)),
            _ => Err(PageRefusal::LimitOutOfRange { given: items }),
        }
    }

    /// The number of items.
    pub const fn get(self) -> u64 {
        self.0 as u64
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(25)
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<Cursor>,
}

impl<T> Page<T> {
    /// Cuts a page from up to `limit + 1` rows that were read; the surplus row only tells that there is more.
    pub fn cut<K: Serialize>(
        mut rows: Vec<T>,
        request: &PageRequest,
        filter: &impl Serialize,
        key: impl Fn(&T) -> K,
    ) -> Self {
        let limit = usize::from(request.limit.0);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = if more { rows.last().map(|last| Cursor::new(filter, &key(last))) } else { None };
        Self { items: rows, next }
    }

    /// The same page of something else.
    pub fn map<U>(self, convert: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(convert).collect(), next: self.next }
    }
}

/// Which page is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageRequest {
    /// How many items.
    pub limit: Limit,
    /// After which place; from the start without.
    pub after: Option<Cursor>,
}

impl PageRequest {
    /// The key after which the page begins, checked to belong to this filter.
    pub fn key<K: DeserializeOwned>(&self, filter: &impl Serialize) -> Result<Option<K>, PageRefusal> {
        self.after.as_ref().map(|cursor| cursor.key(filter)).transpose()
    }
}

/// A place in a list: opaque to clients and bound to the filter it was made under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(String);

const TAG: usize = 8;

impl Cursor {
    /// Remembers a place.
    pub fn new(filter: &impl Serialize, key: &impl Serialize) -> Self {
        let mut bytes = tag(filter).to_vec();
        bytes.extend(serde_json::to_vec(key).expect("keys are plain values"));
        Self(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Takes what a client sent back; it is checked when it is used.
    pub fn from_client(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// What a client sends back.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn key<K: DeserializeOwned>(&self, filter: &impl Serialize) -> Result<K, PageRefusal> {
        let bytes = URL_SAFE_NO_PAD.decode(&self.0).map_err(|_| PageRefusal::UnknownCursor)?;
        let (found, key) = bytes.split_at_checked(TAG).ok_or(PageRefusal::UnknownCursor)?;
        if found != tag(filter) {
            return Err(PageRefusal::OtherFilter);
        }
        serde_json::from_slice(key).map_err(|_| PageRefusal::UnknownCursor)
    }
}

fn tag(filter: &impl Serialize) -> [u8; TAG] {
    let filter = serde_json::to_vec(filter).expect("filters are plain values");
    let digest = Sha256::digest(filter);
    std::array::from_fn(|i| digest[i])
}

/// A page that cannot be given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PageRefusal {
    /// The limit is not from 1 to 100.
    #[error("limit is {given}; it must be from 1 to 100")]
    LimitOutOfRange {
        /// What was asked for.
        given: u64,
    },
    /// The cursor is none of ours.
    #[error("after is not a cursor of this list; use the `next` of the page before, or leave it out")]
    UnknownCursor,
    /// The cursor was made for another filter.
    #[error("after belongs to a list with another filter; start again without it")]
    OtherFilter,
}

refusals! {
    PageRefusal {
        shared {
            Self::LimitOutOfRange { .. } => Invalid, "request.limit_out_of_range";
            Self::UnknownCursor => Invalid, "request.unknown_cursor";
            Self::OtherFilter => Invalid, "request.cursor_of_other_filter";
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_works_only_under_its_own_filter() {
        let request = |cursor| PageRequest { limit: Limit::default(), after: Some(cursor) };
        let cursor = Cursor::new(&"active", &41);
        assert_eq!(request(cursor.clone()).key::<i32>(&"active"), Ok(Some(41)));
        assert_eq!(request(cursor).key::<i32>(&"closed"), Err(PageRefusal::OtherFilter));
        let forged = Cursor::from_client("%%");
        assert_eq!(request(forged).key::<i32>(&"active"), Err(PageRefusal::UnknownCursor));
    }

    #[test]
    fn the_last_page_has_no_next() {
        let request = PageRequest { limit: Limit::new(2).unwrap(), after: None };
        let page = Page::cut(vec![1, 2, 3], &request, &"", |n| *n);
        assert_eq!(page.items, [1, 2]);
        assert!(page.next.is_some());
        assert_eq!(Page::cut(vec![3], &request, &"", |n| *n).next, None);
    }
}
