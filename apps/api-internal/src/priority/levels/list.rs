//! `GET /priority/levels`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, PageBody, PageParams, PagedQuery};

use super::body::LevelBody;
use crate::{
    App,
    units::{NoFilter, page_of},
};

/// The levels by their number: the organisation's own, or the usual ones where it has made none.
#[utoipa::path(
    get,
    path = "/priority/levels",
    tag = "priority",
    params(PageParams),
    responses((status = 200, description = "One page.", body = PageBody<LevelBody>))
)]
pub(crate) async fn priority_level_list(
    State(app): State<App>,
    Caller(scope): Caller,
    query: PagedQuery<NoFilter>,
) -> Answer<Json<PageBody<LevelBody>>> {
    let levels = app.priorities.level_list(&scope).await?;
    let page = page_of(levels, query.page, |level| level.id.into());
    Ok(Json(PageBody::of(page, LevelBody::from)))
}
