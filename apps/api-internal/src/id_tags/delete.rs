//! `DELETE /id-tags/{id}`

use axum::extract::State;
use http_kit::{Answer, Caller, IfMatch, NoContent, PathId};
use kernel::IdTagId;

use crate::App;

/// Forget an id tag. Transactions that began with it keep its value.
#[utoipa::path(
    delete,
    path = "/id-tags/{id}",
    tag = "id tags",
    params(("id" = Uuid, Path)),
    responses((status = 204, description = "It is gone."))
)]
pub(crate) async fn id_tag_delete(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<IdTagId>,
    IfMatch(expected): IfMatch,
) -> Answer<NoContent> {
    app.id_tags.id_tag_delete(&scope, id, expected).await?;
    Ok(NoContent)
}
