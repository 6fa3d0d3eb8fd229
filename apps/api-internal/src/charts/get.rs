//! `GET /charts/{kind}`

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
    http::header,
    response::{IntoResponse, Response},
};
use chart::svg::svg;
use http_kit::{Answer, Caller, ValidQuery};

use super::{
    body::ChartBody,
    query::{ChartParams, FormatWord, KindWord, kind},
};
use crate::App;

/// A chart is of a minute ago at worst, and of its caller alone.
const CACHED: (header::HeaderName, &str) = (header::CACHE_CONTROL, "private, max-age=30");
/// A chart has its style sheet in it, and nothing else that could be loaded or run.
const OWN_STYLE: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

/// What was measured, planned or dispatched, over time: series as JSON, or a drawing that follows the
/// reader's choice of light or dark. What nobody measured is null, and a gap in the drawing.
#[utoipa::path(
    get,
    path = "/charts/{kind}",
    tag = "charts",
    params(("kind" = inline(KindWord), Path), ChartParams),
    responses(
        (
            status = 200,
            description = "The series, or the drawing.",
            content((ChartBody = "application/json"), (String = "image/svg+xml")),
        ),
        (status = 422, description = "The kind cannot be drawn of that, so finely, or of so long a time."),
    )
)]
pub(crate) async fn chart_get(
    State(app): State<App>,
    Caller(scope): Caller,
    name: Result<Path<String>, PathRejection>,
    ValidQuery(query): ValidQuery<ChartParams>,
) -> Answer<Response> {
    // What is no text is no kind either.
    let name = name.map(|Path(name)| name).unwrap_or_default();
    let format = query.format;
    let chart = app.charts.chart(&scope, kind(&name)?, &query.into()).await?;
    Ok(match format {
        FormatWord::Json => ([CACHED], Json(ChartBody::from(chart))).into_response(),
        FormatWord::Svg => {
            let headers = [
                CACHED,
                (header::CONTENT_TYPE, "image/svg+xml"),
                (header::CONTENT_SECURITY_POLICY, OWN_STYLE),
            ];
            (headers, svg(&chart)).into_response()
        }
    })
}
