//! CSV (RFC 4180): a line with the columns' keys, then a line a row.

use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt, stream, stream::BoxStream};
use kernel::StoreError;
use report::{Cell, Foot, Head, Rendering};

use crate::{failed, words::for_programs};

pub(crate) struct Csv {
    head: Head,
    begun: bool,
}

impl Csv {
    pub(crate) fn new(head: Head) -> Self {
        Self { head, begun: false }
    }

    fn write(&mut self, rows: &[Vec<Cell>]) -> Result<Bytes, StoreError> {
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        if !self.begun {
            self.begun = true;
            writer.write_record(self.head.columns.iter().map(|column| column.key)).map_err(failed)?;
        }
        for row in rows {
            let fields = row.iter().map(|cell| match cell {
                Cell::Text(text) => harmless(text),
                cell => for_programs(cell, self.head.zone),
            });
            writer.write_record(fields).map_err(failed)?;
        }
        let written = writer.into_inner().map_err(|error| StoreError::Failed(error.to_string().into()))?;
        Ok(written.into())
    }
}

/// Spreadsheets take a text that begins like this for a formula, and chargers may send any text.
fn harmless(text: &str) -> String {
    match text.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r') => format!("'{text}"),
        _ => text.to_owned(),
    }
}

#[async_trait]
impl Rendering for Csv {
    async fn rows(&mut self, rows: Vec<Vec<Cell>>) -> Result<Bytes, StoreError> {
        self.write(&rows)
    }

    async fn end(
        mut self: Box<Self>,
        _: Foot,
    ) -> Result<BoxStream<'static, Result<Bytes, StoreError>>, StoreError> {
        let rest = self.write(&[])?;
        Ok(stream::iter([Ok(rest)]).boxed())
    }
}
