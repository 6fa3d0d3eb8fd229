//! `GET /transactions`

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use http_kit::{Answer, Caller, PageBody, PageParams, PagedQuery};
use serde::Deserialize;
use transaction::TransactionFilter;
use utoipa::IntoParams;
use uuid::Uuid;

use super::body::{StateWord, TransactionBody};
use crate::App;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct TransactionQuery {
    charge_point_id: Option<Uuid>,
    vehicle_id: Option<Uuid>,
    depot_id: Option<Uuid>,
    #[param(inline)]
    state: Option<StateWord>,
    /// Began at or after.
    from: Option<DateTime<Utc>>,
    /// Began before.
    to: Option<DateTime<Utc>>,
}

impl From<TransactionQuery> for TransactionFilter {
    fn from(query: TransactionQuery) -> Self {
        Self {
            charge_point: query.charge_point_id.map(Into::into),
            vehicle: query.vehicle_id.map(Into::into),
            depot: query.depot_id.map(Into::into),
            state: query.state.map(Into::into),
            from: query.from,
            to: query.to,
        }
    }
}

/// Transactions, newest start first.
#[utoipa::path(
    get,
    path = "/transactions",
    tag = "transactions",
    params(TransactionQuery, PageParams),
    responses((status = 200, description = "One page.", body = PageBody<TransactionBody>))
)]
pub(crate) async fn transaction_list(
    State(app): State<App>,
    Caller(scope): Caller,
    query: PagedQuery<TransactionQuery>,
) -> Answer<Json<PageBody<TransactionBody>>> {
    let page = app.transactions.transaction_list(&scope, &query.filter.into(), query.page).await?;
    Ok(Json(PageBody::of(page, TransactionBody::from)))
}
