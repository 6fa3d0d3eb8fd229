//! Writing a report down, a few rows at a time.

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use kernel::StoreError;

use crate::{
    kind::Format,
    table::{Cell, Foot, Head},
};

pub trait Renderer: Send + Sync {
    /// # Errors
    /// Where there is no room to work in.
    fn begin(&self, format: Format, head: Head) -> Result<Box<dyn Rendering>, StoreError>;
}

/// A report that is being written. Its memory does not grow with its rows.
#[async_trait]
pub trait Rendering: Send {
    /// Adds rows, each with a cell for every column. Returns what is ready to be stored, perhaps
    /// nothing yet.
    async fn rows(&mut self, rows: Vec<Vec<Cell>>) -> Result<Bytes, StoreError>;

    /// What is left to be stored after the last row.
    async fn end(
        self: Box<Self>,
        foot: Foot,
    ) -> Result<BoxStream<'static, Result<Bytes, StoreError>>, StoreError>;
}
