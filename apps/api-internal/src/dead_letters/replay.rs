//! `POST /admin/dead-letters/{id}/replay`

use axum::extract::State;
use http_kit::{Answer, Caller, NoContent, PathId};
use kernel::DeadLetterId;

use crate::App;

/// Try a dead letter once more: its call is recorded and the letter removed, or neither. The
/// charger is not told.
#[utoipa::path(
    post,
    path = "/admin/dead-letters/{id}/replay",
    tag = "administration",
    params(("id" = Uuid, Path)),
    responses(
        (status = 204, description = "The call is recorded; the letter is gone."),
        (status = 409, description = "`dead_letter_still_dead`: it still cannot be recorded; the letter stays."),
    )
)]
pub(crate) async fn dead_letter_replay(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<DeadLetterId>,
) -> Answer<NoContent> {
    app.dead_letters.dead_letter_replay(&scope, id).await?;
    Ok(NoContent)
}
