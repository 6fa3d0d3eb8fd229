//! `GET /commands/{id}`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, PathId};
use kernel::CommandId;

use super::body::CommandBody;
use crate::App;

/// One order and what became of it.
#[utoipa::path(
    get,
    path = "/commands/{id}",
    tag = "commands",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The order.", body = CommandBody))
)]
pub(crate) async fn command_get(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<CommandId>,
) -> Answer<Json<CommandBody>> {
    let command = app.commands.command_get(&scope, id).await?;
    Ok(Json(command.into()))
}
