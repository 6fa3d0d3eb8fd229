//! `DELETE /charging/overrides/{id}`

use axum::extract::State;
use http_kit::{Answer, Caller, IfMatch, NoContent, PathId};
use kernel::ChargingOverrideId;

use crate::App;

/// End an override before its time.
#[utoipa::path(
    delete,
    path = "/charging/overrides/{id}",
    tag = "charging",
    params(("id" = Uuid, Path)),
    responses((status = 204, description = "It is gone."))
)]
pub(crate) async fn charging_override_delete(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<ChargingOverrideId>,
    IfMatch(expected): IfMatch,
) -> Answer<NoContent> {
    app.charging_overrides.override_delete(&scope, id, expected).await?;
    Ok(NoContent)
}
