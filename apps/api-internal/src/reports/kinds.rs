//! `GET /reports/kinds`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller};
use report::{Format, Kind, kinds::columns};
use serde::Serialize;
use utoipa::ToSchema;

use super::words::{FormatWord, KindWord};
use crate::App;

#[derive(Serialize, ToSchema)]
#[schema(as = ReportKinds)]
pub(crate) struct KindsBody {
    items: Vec<KindBody>,
}

/// A report that can be had.
#[derive(Serialize, ToSchema)]
#[schema(as = ReportKind)]
pub(crate) struct KindBody {
    kind: KindWord,
    title: &'static str,
    description: &'static str,
    formats: Vec<FormatWord>,
    /// The columns of a row, in their order.
    columns: Vec<ColumnBody>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ReportColumn)]
pub(crate) struct ColumnBody {
    key: &'static str,
    title: &'static str,
}

impl From<Kind> for KindBody {
    fn from(kind: Kind) -> Self {
        let column = |column: &report::Column| ColumnBody { key: column.key, title: column.title };
        Self {
            kind: kind.into(),
            title: kind.title(),
            description: kind.about(),
            formats: Format::ALL.map(Into::into).into(),
            columns: columns(kind).iter().map(column).collect(),
        }
    }
}

/// What reports there are, and what their rows say.
#[utoipa::path(
    get,
    path = "/reports/kinds",
    tag = "reports",
    responses((status = 200, description = "All kinds.", body = KindsBody))
)]
pub(crate) async fn report_kind_list(
    State(app): State<App>,
    Caller(scope): Caller,
) -> Answer<Json<KindsBody>> {
    let kinds = app.reports.kind_list(&scope)?;
    Ok(Json(KindsBody { items: kinds.iter().copied().map(Into::into).collect() }))
}
