//! `GET /id-tags`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, PageBody, PageParams, PagedQuery};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;
use vehicle::{IdTagFilter, IdTagValue};

use super::body::{IdTagBody, KindWord, StatusWord};
use crate::App;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct IdTagQuery {
    vehicle_id: Option<Uuid>,
    /// The whole value, in any case and with or without separators.
    value: Option<String>,
    #[serde(rename = "type")]
    #[param(inline)]
    kind: Option<KindWord>,
    #[param(inline)]
    status: Option<StatusWord>,
}

impl From<IdTagQuery> for IdTagFilter {
    fn from(query: IdTagQuery) -> Self {
        Self {
            vehicle: query.vehicle_id.map(Into::into),
            value: query.value.map(|value| IdTagValue::normalise(&value)),
            kind: query.kind.map(Into::into),
            status: query.status.map(Into::into),
        }
    }
}

/// Id tags, oldest first.
#[utoipa::path(
    get,
    path = "/id-tags",
    tag = "id tags",
    params(IdTagQuery, PageParams),
    responses((status = 200, description = "One page.", body = PageBody<IdTagBody>))
)]
pub(crate) async fn id_tag_list(
    State(app): State<App>,
    Caller(scope): Caller,
    query: PagedQuery<IdTagQuery>,
) -> Answer<Json<PageBody<IdTagBody>>> {
    let page = app.id_tags.id_tag_list(&scope, &query.filter.into(), query.page).await?;
    Ok(Json(PageBody::of(page, IdTagBody::from)))
}
