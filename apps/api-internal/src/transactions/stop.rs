//! `POST /transactions/{id}/stop`

use axum::extract::State;
use http_kit::{Accepted, Answer, Caller, PathId};
use kernel::TransactionId;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::App;

#[derive(Serialize, ToSchema)]
pub(crate) struct StopRequested {
    /// Tells how the charger took it.
    command_id: Uuid,
}

/// Tell the charger to stop. The transaction ends when the charger says so.
#[utoipa::path(
    post,
    path = "/transactions/{id}/stop",
    tag = "transactions",
    params(("id" = Uuid, Path)),
    responses((status = 202, description = "The command to follow.", body = StopRequested,
               headers(("Location" = String))))
)]
pub(crate) async fn transaction_stop(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<TransactionId>,
) -> Answer<Accepted<StopRequested>> {
    let command = app.transactions.transaction_stop(&scope, id).await?;
    Ok(Accepted::new(format!("/api/v1/commands/{command}"), StopRequested { command_id: command.into() }))
}
