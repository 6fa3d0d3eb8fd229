//! One page of a list, as every list is written.

use kernel::Page;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PageBody<T> {
    pub items: Vec<T>,
    /// Pass it as `cursor` to read on; null on the last page.
    #[schema(required)]
    pub next_cursor: Option<String>,
}

impl<T> PageBody<T> {
    /// A page of entities, each made into its response.
    pub fn of<E>(page: Page<E>, body: impl FnMut(E) -> T) -> Self {
        let page = page.map(body);
        Self { items: page.items, next_cursor: page.next.map(|cursor| cursor.to_string()) }
    }
}
