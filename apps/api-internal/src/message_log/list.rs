//! `GET /message-log`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, PageBody, PageParams, PagedQuery};

use super::{body::FrameBody, query::FrameParams};
use crate::App;

/// Every frame that chargers sent or were sent, the newest first. A page may hold fewer than
/// `limit`, even none, though there are more: read on for as long as there is a `next_cursor`.
#[utoipa::path(
    get,
    path = "/message-log",
    tag = "message log",
    params(FrameParams, PageParams),
    responses(
        (status = 200, description = "One page.", body = PageBody<FrameBody>),
        (status = 422, description = "The range of time is empty or too long."),
    )
)]
pub(crate) async fn frame_list(
    State(app): State<App>,
    Caller(scope): Caller,
    query: PagedQuery<FrameParams>,
) -> Answer<Json<PageBody<FrameBody>>> {
    let page = app.message_log.frame_list(&scope, query.filter.into(), query.page).await?;
    Ok(Json(PageBody::of(page, FrameBody::from)))
}
