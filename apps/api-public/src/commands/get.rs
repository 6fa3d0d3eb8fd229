//! `GET /commands/{id}`

use axum::{Json, extract::State};
use charge_point::ChargePointError;
use http_kit::{Answer, Caller, PathId};
use kernel::CommandId;

use super::body::CommandBody;
use crate::App;

/// One order and what became of it. Orders that only operators give are not found.
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
    Ok(Json(CommandBody::of(command).ok_or(ChargePointError::NoSuchCommand)?))
}
