//! `POST /transactions/{id}/stop`

use axum::extract::State;
use http_kit::{Accepted, Answer, Caller, PathId, ValidJson};
use kernel::TransactionId;
use serde::Deserialize;

use crate::{App, commands::body::CommandBody};

/// There is nothing to say beyond the path: the body is left out, or empty.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StopRequest {}

/// Tell the charger to stop. The answer is the order, to be followed until it has ended; the
/// transaction ends when the charger says so.
///
/// 409 `transaction_ended` where it is over already.
#[utoipa::path(
    post,
    path = "/transactions/{id}/stop",
    tag = "transactions",
    params(("id" = Uuid, Path)),
    responses((status = 202, description = "The order, not yet sent.", body = CommandBody,
               headers(("Location" = String))))
)]
pub(crate) async fn transaction_stop(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<TransactionId>,
    _: Option<ValidJson<StopRequest>>,
) -> Answer<Accepted<CommandBody>> {
    let order = app.transactions.transaction_stop(&scope, id).await?;
    let location = format!("/api/v1/commands/{}", order.command);
    Ok(Accepted::new(location, CommandBody::stopping(order, scope.actor())))
}
