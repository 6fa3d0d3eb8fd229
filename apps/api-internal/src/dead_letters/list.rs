//! `GET /admin/dead-letters`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, PageBody, PageParams, PagedQuery};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::body::DeadLetterBody;
use crate::App;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeadLetterQuery {
    charge_point_id: Option<Uuid>,
}

/// Calls of chargers that could not be recorded, oldest first. Within resource groups, those of the
/// chargers that these hold.
#[utoipa::path(
    get,
    path = "/admin/dead-letters",
    tag = "administration",
    params(DeadLetterQuery, PageParams),
    responses((status = 200, description = "One page.", body = PageBody<DeadLetterBody>))
)]
pub(crate) async fn dead_letter_list(
    State(app): State<App>,
    Caller(scope): Caller,
    query: PagedQuery<DeadLetterQuery>,
) -> Answer<Json<PageBody<DeadLetterBody>>> {
    let charge_point = query.filter.charge_point_id.map(Into::into);
    let page = app.dead_letters.dead_letter_list(&scope, charge_point, query.page).await?;
    Ok(Json(PageBody::of(page, DeadLetterBody::from)))
}
