//! `DELETE /admin/dead-letters/{id}`

use axum::extract::State;
use http_kit::{Answer, Caller, NoContent, PathId};
use kernel::DeadLetterId;

use crate::App;

/// Give a dead letter up.
#[utoipa::path(
    delete,
    path = "/admin/dead-letters/{id}",
    tag = "administration",
    params(("id" = Uuid, Path)),
    responses((status = 204, description = "It is gone."))
)]
pub(crate) async fn dead_letter_delete(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<DeadLetterId>,
) -> Answer<NoContent> {
    app.dead_letters.dead_letter_delete(&scope, id).await?;
    Ok(NoContent)
}
