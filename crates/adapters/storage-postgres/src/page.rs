//! Keyset pages: the statement that reads one, and the page that is cut from its rows.

use kernel::{Page, PageRefusal, PageRequest, Timestamp};
use sea_orm::{
    ColumnTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, Select, SelectTwo,
    sea_query::{Expr, ExprTrait as _, SimpleExpr},
};
use serde::Serialize;
use time::OffsetDateTime;
use uuid::Uuid;

/// A place in a list by time of creation.
pub(crate) type Key = (Timestamp, Uuid);

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    OldestFirst,
    NewestFirst,
}

/// One row more than the page holds tells that there is another page.
pub(crate) fn fetch_limit(page: &PageRequest) -> u64 {
    page.limit.get() + 1
}

/// What a scope sees of a list that is not its own.
pub(crate) const fn empty_page<T>() -> Page<T> {
    Page { items: Vec::new(), next: None }
}

/// A statement a page can be read by.
pub(crate) trait Paged: QueryFilter + QueryOrder + QuerySelect + Sized {
    /// Reads the page after the cursor, by the columns of time and id.
    fn page<C: ColumnTrait>(
        self,
        (created_at, id): (C, C),
        direction: Direction,
        request: &PageRequest,
        filter: &impl Serialize,
    ) -> Result<Self, PageRefusal> {
        let order = if direction == Direction::OldestFirst { Order::Asc } else { Order::Desc };
        let after = request.key::<Key>(filter)?;
        let rows = match after {
            None => self,
            Some((at, after)) => {
                let columns = [created_at, id].map(|c| SimpleExpr::from(Expr::col(c.as_column_ref())));
                let place: [SimpleExpr; 2] =
                    [Expr::val::<OffsetDateTime>(at.to_offset_date_time()), Expr::val(after)];
                let (columns, place) = (Expr::tuple(columns), Expr::tuple(place));
                self.filter(match direction {
                    Direction::OldestFirst => columns.gt(place),
                    Direction::NewestFirst => columns.lt(place),
                })
            }
        };
        Ok(rows.order_by(created_at, order.clone()).order_by(id, order).limit(fetch_limit(request)))
    }
}

impl<E: EntityTrait> Paged for Select<E> {}
impl<E: EntityTrait, F: EntityTrait> Paged for SelectTwo<E, F> {}
