//! Lists page by page: walking one while others add to it, and cursors where they do not belong.

use std::fmt::Debug;

use kernel::{Cursor, Page, PageRefusal, PageRequest, StoreError};

use crate::world::{next_page, whole};

/// Shows that pages of two make up the whole list: each item that was there at first once, in the list's
/// order, whatever `disturb` adds between two pages. `expected` is what must be there at first.
pub(crate) async fn walk<T, K: PartialEq + Debug>(
    list: &str,
    fetch: impl AsyncFn(PageRequest) -> Result<Page<T>, StoreError>,
    key: impl Fn(T) -> K,
    expected: &[K],
    disturb: impl AsyncFn(),
) {
    let all = fetch(whole()).await.expect("a list can be read");
    assert_eq!(all.next, None, "{list}: a page that holds everything is the last");
    let all: Vec<K> = all.items.into_iter().map(&key).collect();
    assert_eq!(all, expected, "{list}: everything is there, in the list's order");

    let mut seen: Vec<K> = Vec::new();
    let mut page = None;
    loop {
        let next = fetch(next_page(2, page.as_ref())).await.expect("a page can be read");
        assert!(next.items.len() <= 2, "{list}: a page holds no more than its limit");
        let (items, cursor) = (next.items, next.next);
        seen.extend(items.into_iter().map(&key));
        if cursor.is_none() || seen.len() > 4 * expected.len() {
            break;
        }
        page = Some(Page::<T> { items: Vec::new(), next: cursor });
        disturb().await;
    }
    let doubled = seen.iter().enumerate().find(|(place, key)| seen[..*place].contains(key));
    assert!(doubled.is_none(), "{list}: {doubled:?} comes twice");
    seen.retain(|key| expected.contains(key));
    assert_eq!(seen, expected, "{list}: pages are complete and in order while others add to it");
}

/// Shows that a cursor of one list is refused by the other, and one that nobody made by both.
pub(crate) async fn refuses<A, B>(
    list: &str,
    one: impl AsyncFn(PageRequest) -> Result<Page<A>, StoreError>,
    other: impl AsyncFn(PageRequest) -> Result<Page<B>, StoreError>,
) {
    let first = one(next_page::<()>(1, None)).await.expect("a page");
    assert!(first.next.is_some(), "{list}: there is more");
    one(next_page(1, Some(&first))).await.map(drop).expect("its own cursor works");
    let foreign = other(PageRequest { after: first.next, ..whole() }).await.map(drop);
    let refused = matches!(foreign, Err(StoreError::Page(PageRefusal::OtherFilter)));
    assert!(refused, "{list}: a foreign cursor gets {foreign:?}");
    let forged = PageRequest { after: Some(Cursor::from_client("nobody made this")), ..whole() };
    let refused = one(forged).await.map(drop);
    let unknown = matches!(refused, Err(StoreError::Page(PageRefusal::UnknownCursor)));
    assert!(unknown, "{list}: a forged cursor gets {refused:?}");
}
