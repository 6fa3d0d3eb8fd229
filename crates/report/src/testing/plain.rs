//! A renderer that anybody can read.

use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt, stream, stream::BoxStream};
use kernel::StoreError;

use crate::{
    kind::Format,
    port::{Renderer, Rendering},
    table::{Cell, Foot, Head},
};

/// A line a row, and one with the sums.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlainRenderer;

struct Plain;

impl Renderer for PlainRenderer {
    fn begin(&self, _: Format, _: Head) -> Result<Box<dyn Rendering>, StoreError> {
        Ok(Box::new(Plain))
    }
}

#[async_trait]
impl Rendering for Plain {
    async fn rows(&mut self, rows: Vec<Vec<Cell>>) -> Result<Bytes, StoreError> {
        Ok(rows.iter().map(|row| format!("{row:?}\n")).collect::<String>().into())
    }

    async fn end(
        self: Box<Self>,
        foot: Foot,
    ) -> Result<BoxStream<'static, Result<Bytes, StoreError>>, StoreError> {
        let totals = format!("{} rows, {:?}\n", foot.rows, foot.totals);
        Ok(stream::iter([Ok(totals.into())]).boxed())
    }
}
