//! `GET /transactions/{id}`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, PathId};
use kernel::TransactionId;

use super::body::TransactionBody;
use crate::App;

/// One transaction.
#[utoipa::path(
    get,
    path = "/transactions/{id}",
    tag = "transactions",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The transaction.", body = TransactionBody))
)]
pub(crate) async fn transaction_get(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<TransactionId>,
) -> Answer<Json<TransactionBody>> {
    Ok(Json(app.transactions.transaction_get(&scope, id).await?.into()))
}
