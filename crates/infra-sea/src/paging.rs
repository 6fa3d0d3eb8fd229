//! Keyset paging over a table ordered by its id.

use kernel::PageRequest;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

/// Oldest first: continues after the cursor and fetches one row more than the page holds.
pub(crate) fn oldest_first<E: EntityTrait>(select: Select<E>, id: E::Column, page: PageRequest) -> Select<E> {
    let select = match page.after {
        Some(cursor) => select.filter(id.gt(cursor.id)),
        None => select,
    };
    select.order_by_asc(id).limit(u64::from(page.limit.get()) + 1)
}
