//! Keyset paging over a table ordered by its id, or by an instant and its id.

use kernel::{Cursor, PageRequest};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

/// Oldest first: continues after the cursor and fetches one row more than the page holds.
pub(crate) fn oldest_first<E: EntityTrait>(select: Select<E>, id: E::Column, page: PageRequest) -> Select<E> {
    let select = match page.after {
        Some(cursor) => select.filter(id.gt(cursor.id)),
        None => select,
    };
    select.order_by_asc(id).limit(u64::from(page.limit.get()) + 1)
}

/// What comes after a cursor in a list that goes back in time. The first half alone lets an index begin
/// at the right place, however deep the page is.
pub(crate) fn before<C: ColumnTrait>(at: C, id: C, cursor: &Cursor) -> Condition {
    match cursor.at {
        None => Condition::all().add(id.lt(cursor.id)),
        Some(instant) => Condition::all()
            .add(at.lte(instant))
            .add(Condition::any().add(at.lt(instant)).add(id.lt(cursor.id))),
    }
}
