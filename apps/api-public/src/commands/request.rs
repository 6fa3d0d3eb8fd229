//! `POST /charge-points/{id}/commands`

use axum::extract::State;
use charge_point::{ChargePointError, RequestCommand};
use http_kit::{Accepted, Answer, Caller, PathId, ValidJson};
use kernel::ChargePointId;

use super::{
    body::CommandBody,
    order::{Asked, Order},
};
use crate::App;

/// Tell a charger to do something. The answer is the order, to be followed until it has ended.
///
/// Orders to one charger are sent one after the other. Whether it is connected is found out when
/// it is called: then the order ends as `unreachable`. What only operators may tell a charger is a
/// 422 with `command_not_offered` at `/type`.
#[utoipa::path(
    post,
    path = "/charge-points/{id}/commands",
    tag = "commands",
    params(("id" = Uuid, Path)),
    request_body = Order,
    responses((status = 202, description = "The order, not yet sent.", body = CommandBody,
               headers(("Location" = String))))
)]
pub(crate) async fn command_request(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<ChargePointId>,
    ValidJson(asked): ValidJson<Asked>,
) -> Answer<Accepted<CommandBody>> {
    let command = app.commands.command_request(&scope, RequestCommand::new(id, asked.kind()?)).await?;
    let location = format!("/v1/commands/{}", command.id);
    Ok(Accepted::new(location, CommandBody::of(command).ok_or(ChargePointError::NoSuchCommand)?))
}
