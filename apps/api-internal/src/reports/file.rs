//! `GET /reports/files/{ticket}`

use axum::{
    body::Body,
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};
use http_kit::Answer;

use crate::App;

/// A report's file, for whoever holds the link that its run gave out. Links expire after a quarter
/// of an hour. An answer that breaks off is not whole.
#[utoipa::path(
    get,
    path = "/reports/files/{ticket}",
    tag = "reports",
    params(("ticket" = String, Path)),
    responses(
        (status = 200, description = "The file.", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 404, description = "No such file, or the link has expired."),
    ),
    security(()),
)]
pub(crate) async fn report_file_get(State(app): State<App>, Path(ticket): Path<String>) -> Answer<Response> {
    let file = app.reports.file_redeem(&ticket).await?;
    // Names are ours: words, dates and dots.
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_LENGTH, file.bytes.to_string()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", file.file_name)),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    Ok((headers, Body::from_stream(file.content)).into_response())
}
