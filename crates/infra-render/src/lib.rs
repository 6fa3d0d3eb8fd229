//! Reports as files: CSV for programs, XLSX for spreadsheets, PDF for people.
//!
//! CSV is handed on as it is written. A spreadsheet's rows wait in a file of their own until the
//! whole is packed, off the async threads. A PDF says the sums, a chart and the first rows, so that it
//! is as long as somebody reads.

mod chart;
mod page;
mod pdf;
mod sheet;
mod text;
mod words;

use std::path::PathBuf;

use kernel::StoreError;
use report::{Format, Head, Renderer, Rendering};

/// Writes reports.
#[derive(Clone, Debug)]
pub struct Renderers {
    folder: PathBuf,
}

impl Renderers {
    /// `folder` has room for what is being written.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }
}

impl Renderer for Renderers {
    fn begin(&self, format: Format, head: Head) -> Result<Box<dyn Rendering>, StoreError> {
        Ok(match format {
            Format::Csv => Box::new(text::Csv::new(head)),
            Format::Xlsx => Box::new(sheet::Sheet::new(head, &self.folder)?),
            Format::Pdf => Box::new(pdf::Document::new(head)),
        })
    }
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    StoreError::Failed(Box::new(error))
}
