//! From the units of the API to those of the domains, refusing what has none.

use kernel::{Cursor, Invalid, Page, PageRequest, Soc};
use serde::Deserialize;
use uuid::Uuid;

/// A percentage as a state of charge; notes a field error outside 0 to 100.
pub(crate) fn soc(pointer: &str, percent: f64, invalid: &mut Invalid) -> Soc {
    Soc::from_percent(percent).unwrap_or_else(|| {
        invalid.push(pointer, "out_of_range", "must be between 0 and 100");
        Soc::EMPTY
    })
}

/// The filter of a list that has none.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoFilter {}

/// A page of a list that is at hand as a whole.
pub(crate) fn page_of<T>(mut items: Vec<T>, page: PageRequest, id: impl Fn(&T) -> Uuid) -> Page<T> {
    if let Some(after) = page.after {
        let seen = items.iter().position(|item| id(item) == after.id);
        items.drain(..seen.map_or(items.len(), |seen| seen + 1));
    }
    items.truncate(usize::from(page.limit.get()) + 1);
    Page::from_surplus(items, page.limit, |item| Cursor::of(id(item)))
}
