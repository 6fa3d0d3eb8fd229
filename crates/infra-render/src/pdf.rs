//! PDF: what it is about, the sums, a chart, and the first rows.

use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt, stream, stream::BoxStream};
use kernel::StoreError;
use pdf_writer::{Finish, Name, Pdf, Rect, Ref, TextStr};
use report::{Cell, ColumnKind, Foot, Head, Rendering};

use crate::{
    chart,
    page::{BLACK, BOLD, GREY, HEIGHT, LINE, MARGIN, PLAIN, Page, WIDTH, fitting},
    words::{for_people, period},
};

/// Rows that are shown.
const MOST_ROWS: usize = 200;
const ROW: f32 = 12.0;
const SIZE: f32 = 6.8;
/// Sums that stand below one another; there is room for three times as many.
const SUMS: usize = 10;

pub(crate) struct Document {
    head: Head,
    first: Vec<Vec<Cell>>,
}

impl Document {
    pub(crate) fn new(head: Head) -> Self {
        Self { head, first: Vec::new() }
    }

    fn pages(&self, foot: &Foot) -> Vec<Page> {
        let mut page = Page::new();
        let head = &self.head;
        page.text(MARGIN, 52.0, BOLD, 18.0, BLACK, head.title);
        page.text(MARGIN, 70.0, PLAIN, 10.0, GREY, &format!("{}, {}", head.place, period(head)));
        let made = for_people(&Cell::Instant(head.made_at), head.zone);
        page.text(MARGIN, 84.0, PLAIN, 8.0, GREY, &format!("Made at {made}"));
        let rows = ("Rows".into(), Cell::Integer(i64::try_from(foot.rows).unwrap_or(i64::MAX)));
        let sums: Vec<_> = std::iter::once(&rows).chain(&foot.totals).collect();
        for (sums, left) in sums.chunks(SUMS).zip([MARGIN, MARGIN + 265.0, MARGIN + 530.0]) {
            for ((name, cell), y) in sums.iter().zip(below()) {
                page.text(left, y, PLAIN, 9.0, GREY, &fitting(name, 170.0, 9.0));
                page.text_to(left + 240.0, y, 9.0, BLACK, &for_people(cell, head.zone));
                page.line((left, y + 4.0), (left + 240.0, y + 4.0), LINE);
            }
        }
        if let (Some(chart), Some(y)) = (&foot.chart, below().nth(sums.len().min(SUMS))) {
            chart::draw(&mut page, chart, (MARGIN, y + 10.0), (WIDTH - 2.0 * MARGIN, HEIGHT - y - 50.0));
        }
        let mut pages = vec![page];
        pages.extend(self.tables(foot));
        pages
    }

    fn tables(&self, foot: &Foot) -> Vec<Page> {
        let mut pages = Vec::new();
        let mut y = HEIGHT;
        for row in &self.first {
            if y + ROW > HEIGHT - MARGIN {
                pages.push(self.table());
                y = MARGIN + 32.0;
            }
            if let Some(page) = pages.last_mut() {
                for (cell, column, left, wide) in self.cells(row) {
                    let text = fitting(&for_people(cell, self.head.zone), wide, SIZE);
                    match column {
                        ColumnKind::Number => page.text_to(left + wide, y, SIZE, BLACK, &text),
                        _ => page.text(left, y, PLAIN, SIZE, BLACK, &text),
                    }
                }
                page.line((MARGIN, y + 3.5), (WIDTH - MARGIN, y + 3.5), LINE);
            }
            y += ROW;
        }
        let shown = self.first.len() as u64;
        if shown < foot.rows
            && let Some(page) = pages.last_mut()
        {
            let more = format!("The first {shown} of {} rows.", foot.rows);
            page.text(MARGIN, HEIGHT - 20.0, PLAIN, 8.0, GREY, &more);
        }
        pages
    }

    /// A page with the names of the columns.
    fn table(&self) -> Page {
        let mut page = Page::new();
        page.text(MARGIN, MARGIN, BOLD, 9.0, GREY, self.head.title);
        let titles: Vec<Cell> = self.head.columns.iter().map(|column| Cell::text(column.title)).collect();
        for (cell, column, left, wide) in self.cells(&titles) {
            let text = fitting(&for_people(cell, self.head.zone), wide, SIZE);
            match column {
                ColumnKind::Number => page.text_to(left + wide, MARGIN + 18.0, SIZE, GREY, &text),
                _ => page.text(left, MARGIN + 18.0, PLAIN, SIZE, GREY, &text),
            }
        }
        page
    }

    /// Each cell with the kind of its column, where it begins and how wide it is.
    fn cells<'a>(&self, row: &'a [Cell]) -> impl Iterator<Item = (&'a Cell, ColumnKind, f32, f32)> {
        let share = |kind| match kind {
            ColumnKind::Text => 1.5,
            ColumnKind::Instant => 1.4,
            ColumnKind::Date | ColumnKind::Number => 1.0,
        };
        let whole: f32 = self.head.columns.iter().map(|column| share(column.kind)).sum();
        let each = (WIDTH - 2.0 * MARGIN) / whole;
        let mut left = MARGIN;
        row.iter().zip(self.head.columns).map(move |(cell, column)| {
            let (here, wide) = (left, each * share(column.kind));
            left += wide;
            (cell, column.kind, here, wide - 6.0)
        })
    }

    fn write(&self, foot: &Foot) -> Vec<u8> {
        let mut next = 0;
        let mut reference = || {
            next += 1;
            Ref::new(next)
        };
        let (catalog, tree, plain, bold, info) =
            (reference(), reference(), reference(), reference(), reference());
        let pages: Vec<(Ref, Ref, Vec<u8>)> =
            self.pages(foot).into_iter().map(|page| (reference(), reference(), page.finish())).collect();
        let mut pdf = Pdf::new();
        pdf.catalog(catalog).pages(tree);
        let title = format!("{}, {}", self.head.title, self.head.place);
        pdf.document_info(info).title(TextStr(&title)).producer(TextStr("manage-core"));
        let count = i32::try_from(pages.len()).unwrap_or(i32::MAX);
        pdf.pages(tree).kids(pages.iter().map(|(page, ..)| *page)).count(count);
        for (page, content, drawn) in &pages {
            let mut written = pdf.page(*page);
            written.media_box(Rect::new(0.0, 0.0, WIDTH, HEIGHT)).parent(tree).contents(*content);
            let mut resources = written.resources();
            let mut fonts = resources.fonts();
            fonts.pair(PLAIN, plain).pair(BOLD, bold);
            fonts.finish();
            resources.finish();
            written.finish();
            pdf.stream(*content, drawn);
        }
        for (font, name) in [(plain, &b"Helvetica"[..]), (bold, &b"Helvetica-Bold"[..])] {
            pdf.type1_font(font).base_font(Name(name)).encoding_predefined(Name(b"WinAnsiEncoding"));
        }
        pdf.finish()
    }
}

/// Where the sums stand, and what comes after them.
fn below() -> impl Iterator<Item = f32> {
    std::iter::successors(Some(110.0), |y| Some(y + 16.0))
}

#[async_trait]
impl Rendering for Document {
    async fn rows(&mut self, rows: Vec<Vec<Cell>>) -> Result<Bytes, StoreError> {
        let room = MOST_ROWS - self.first.len();
        self.first.extend(rows.into_iter().take(room));
        Ok(Bytes::new())
    }

    async fn end(
        self: Box<Self>,
        foot: Foot,
    ) -> Result<BoxStream<'static, Result<Bytes, StoreError>>, StoreError> {
        Ok(stream::iter([Ok(self.write(&foot).into())]).boxed())
    }
}
