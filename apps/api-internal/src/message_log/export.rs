//! `GET /message-log/export`

use axum::{
    body::Body,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use futures::TryStreamExt;
use http_kit::{Answer, Caller, ValidQuery};
use message_log::Frame;

use super::{body::FrameBody, query::FrameParams};
use crate::App;

/// Frames that are sent together, where they are there together.
const TOGETHER: usize = 64;

/// All frames that are asked for, the newest first, one JSON document a line. An answer that breaks
/// off is not whole.
#[utoipa::path(
    get,
    path = "/message-log/export",
    tag = "message log",
    params(FrameParams),
    responses(
        (
            status = 200,
            description = "A frame a line.",
            body = FrameBody,
            content_type = "application/x-ndjson",
        ),
        (status = 422, description = "The range of time is empty or too long."),
    )
)]
pub(crate) async fn frame_export(
    State(app): State<App>,
    Caller(scope): Caller,
    ValidQuery(query): ValidQuery<FrameParams>,
) -> Answer<Response> {
    let frames = app.message_log.frame_export(&scope, query.into()).await?;
    let lines =
        frames.try_ready_chunks(TOGETHER).map_err(|broken| broken.1).and_then(async |frames| lines(frames));
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(lines)).into_response())
}

fn lines(frames: Vec<Frame>) -> Result<Vec<u8>, kernel::StoreError> {
    let mut lines = Vec::new();
    for frame in frames {
        serde_json::to_writer(&mut lines, &FrameBody::from(frame))
            .map_err(|error| kernel::StoreError::Failed(Box::new(error)))?;
        lines.push(b'\n');
    }
    Ok(lines)
}
