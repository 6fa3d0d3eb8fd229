//! XLSX: a sheet that sums up, and as many sheets of rows as it takes.

use std::{io::Seek, path::Path};

use async_trait::async_trait;
use bytes::Bytes;
use chrono::NaiveDateTime;
use futures::{StreamExt, TryStreamExt, stream, stream::BoxStream};
use kernel::StoreError;
use report::{Cell, ColumnKind, Foot, Head, Rendering};
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};
use tokio::io::AsyncReadExt;

use crate::{failed, words};

/// Rows that a sheet may have, with its heading.
const MOST_ROWS: u32 = 1_048_576;
/// Bytes handed on at once.
const STEP: usize = 1024 * 1024;

pub(crate) struct Sheet {
    book: Option<Book>,
    folder: std::path::PathBuf,
}

/// What is moved to another thread while it works.
struct Book {
    workbook: Workbook,
    head: Head,
    /// Where the next row goes: the number of the sheet, and the row in it.
    sheet: usize,
    row: u32,
    instant: Format,
    date: Format,
    milli: Format,
    bold: Format,
}

impl Sheet {
    pub(crate) fn new(head: Head, folder: &Path) -> Result<Self, StoreError> {
        let mut workbook = Workbook::new();
        workbook.set_tempdir(folder).map_err(failed)?;
        let mut book = Book {
            workbook,
            head,
            sheet: 0,
            row: 0,
            instant: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
            date: Format::new().set_num_format("yyyy-mm-dd"),
            milli: Format::new().set_num_format("0.000"),
            bold: Format::new().set_bold(),
        };
        book.add_sheet().map_err(failed)?;
        Ok(Self { book: Some(book), folder: folder.to_owned() })
    }

    /// Works on the book where it keeps nobody waiting.
    async fn work<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(Book) -> Result<(Book, T), XlsxError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let book =
            self.book.take().ok_or_else(|| StoreError::Failed("the sheet has failed before".into()))?;
        let done = tokio::task::spawn_blocking(move || work(book)).await.map_err(failed)?;
        let (book, value) = done.map_err(failed)?;
        self.book = Some(book);
        Ok(value)
    }
}

impl Book {
    fn add_sheet(&mut self) -> Result<(), XlsxError> {
        self.sheet += 1;
        self.row = 1;
        let name = if self.sheet == 1 { "Rows".to_owned() } else { format!("Rows {}", self.sheet) };
        let sheet = self.workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name(name)?;
        for (number, column) in (0_u16..).zip(self.head.columns) {
            let width = match column.kind {
                ColumnKind::Text => 24.0,
                ColumnKind::Instant => 20.0,
                ColumnKind::Date | ColumnKind::Number => 14.0,
            };
            sheet.set_column_width(number, width)?;
        }
        sheet.set_freeze_panes(1, 0)?;
        for (number, column) in (0_u16..).zip(self.head.columns) {
            sheet.write_string_with_format(0, number, column.title, &self.bold)?;
        }
        Ok(())
    }

    fn add_rows(&mut self, rows: &[Vec<Cell>]) -> Result<(), XlsxError> {
        for row in rows {
            if self.row >= MOST_ROWS {
                self.add_sheet()?;
            }
            let Self { workbook, head, sheet, row: place, instant, date, milli, .. } = self;
            let sheet = workbook.worksheet_from_index(*sheet - 1)?;
            for (number, cell) in (0_u16..).zip(row) {
                match cell {
                    Cell::Empty => {}
                    Cell::Text(text) => write_text(sheet, *place, number, text)?,
                    Cell::Instant(at) => {
                        let local: NaiveDateTime = at.with_timezone(&head.zone).naive_local();
                        sheet.write_datetime_with_format(*place, number, local, instant)?;
                    }
                    Cell::Date(day) => {
                        sheet.write_datetime_with_format(*place, number, day, date)?;
                    }
                    Cell::Integer(_) => {
                        sheet.write_number(*place, number, cell.number().unwrap_or_default())?;
                    }
                    Cell::Milli(_) | Cell::Micro(_) => {
                        let value = cell.number().unwrap_or_default();
                        sheet.write_number_with_format(*place, number, value, milli)?;
                    }
                }
            }
            self.row += 1;
        }
        Ok(())
    }

    fn sum_up(&mut self, foot: &Foot) -> Result<(), XlsxError> {
        let sheet = self.workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name("Summary")?;
        sheet.set_column_width(0, 28)?;
        sheet.set_column_width(1, 48)?;
        sheet.write_string_with_format(0, 0, self.head.title, &self.bold)?;
        let made = words::for_people(&Cell::Instant(self.head.made_at), self.head.zone);
        let facts = [
            ("Place".into(), Cell::text(self.head.place.clone())),
            ("Time".into(), Cell::text(words::period(&self.head))),
            ("Made at".into(), Cell::text(made)),
            ("Rows".into(), Cell::Integer(i64::try_from(foot.rows).unwrap_or(i64::MAX))),
        ];
        for (row, (name, cell)) in (2_u32..).zip(facts.iter().chain(&foot.totals)) {
            sheet.write_string(row, 0, &**name)?;
            match cell.number() {
                Some(number) => sheet.write_number(row, 1, number)?,
                None => sheet.write_string(row, 1, words::for_people(cell, self.head.zone))?,
            };
        }
        Ok(())
    }
}

/// Sheets take texts of so many characters.
const LONGEST: usize = 32_767;

fn write_text(sheet: &mut Worksheet, row: u32, column: u16, text: &str) -> Result<(), XlsxError> {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => sheet.write_string(row, column, &text[..end])?,
        None => sheet.write_string(row, column, text)?,
    };
    Ok(())
}

#[async_trait]
impl Rendering for Sheet {
    async fn rows(&mut self, rows: Vec<Vec<Cell>>) -> Result<Bytes, StoreError> {
        self.work(move |mut book| {
            book.add_rows(&rows)?;
            Ok((book, Bytes::new()))
        })
        .await
    }

    async fn end(
        mut self: Box<Self>,
        foot: Foot,
    ) -> Result<BoxStream<'static, Result<Bytes, StoreError>>, StoreError> {
        let folder = self.folder.clone();
        let packed = self
            .work(move |mut book| {
                book.sum_up(&foot)?;
                let mut file = tempfile::tempfile_in(folder)?;
                book.workbook.save_to_writer(&mut file)?;
                file.rewind()?;
                Ok((book, file))
            })
            .await?;
        let file = tokio::fs::File::from_std(packed);
        let read = stream::try_unfold(file, |mut file| async move {
            let mut buffer = vec![0; STEP];
            let read = file.read(&mut buffer).await.map_err(failed)?;
            buffer.truncate(read);
            Ok((read > 0).then(|| (Bytes::from(buffer), file)))
        });
        Ok(read.into_stream().boxed())
    }
}
