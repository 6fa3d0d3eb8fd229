//! `GET /resource-groups/{id}/contents`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, PageBody, PageParams, PagedQuery, PathId};
use kernel::ResourceGroupId;
use serde::Deserialize;
use utoipa::IntoParams;

use super::body::{KindWord, MemberBody};
use crate::App;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ContentsQuery {
    #[serde(rename = "type")]
    #[param(inline)]
    kind: Option<KindWord>,
}

/// All that a group and those below it hold, with what depots bring along, each once.
#[utoipa::path(
    get,
    path = "/resource-groups/{id}/contents",
    tag = "resource groups",
    params(("id" = Uuid, Path), ContentsQuery, PageParams),
    responses((status = 200, description = "One page.", body = PageBody<MemberBody>))
)]
pub(crate) async fn resource_group_contents(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<ResourceGroupId>,
    query: PagedQuery<ContentsQuery>,
) -> Answer<Json<PageBody<MemberBody>>> {
    let kind = query.filter.kind.map(Into::into);
    let page = app.resource_groups.contents(&scope, id, kind, query.page).await?;
    Ok(Json(PageBody::of(page, MemberBody::from)))
}
