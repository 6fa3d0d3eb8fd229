//! `GET /transactions/{id}/readings`

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use http_kit::{Answer, Caller, PageBody, PageParams, PagedQuery, PathId};
use kernel::{MilliAmps, Soc, TransactionId, W, Wh};
use serde::Serialize;
use transaction::Reading;
use utoipa::ToSchema;

use crate::{App, units::NoFilter};

#[derive(Serialize, ToSchema)]
#[schema(as = Reading)]
pub(crate) struct ReadingBody {
    at: DateTime<Utc>,
    /// The meter's register of imported energy.
    #[schema(required)]
    energy_wh: Option<i64>,
    #[schema(required)]
    power_kw: Option<f64>,
    /// Of the most loaded phase.
    #[schema(required)]
    current_amps: Option<f64>,
    /// Between a phase and neutral.
    #[schema(required)]
    voltage: Option<f64>,
    #[schema(required)]
    soc_percent: Option<f64>,
}

impl From<Reading> for ReadingBody {
    fn from(reading: Reading) -> Self {
        Self {
            at: reading.at,
            energy_wh: reading.energy.map(Wh::get),
            power_kw: reading.power.map(W::to_kilo),
            current_amps: reading.current.map(MilliAmps::to_kilo),
            voltage: reading.voltage_millivolts.map(|millivolts| Wh(millivolts).to_kilo()),
            soc_percent: reading.soc.map(Soc::to_percent),
        }
    }
}

/// What the meter said during a transaction, oldest first.
#[utoipa::path(
    get,
    path = "/transactions/{id}/readings",
    tag = "transactions",
    params(("id" = Uuid, Path), PageParams),
    responses((status = 200, description = "One page.", body = PageBody<ReadingBody>))
)]
pub(crate) async fn reading_list(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<TransactionId>,
    query: PagedQuery<NoFilter>,
) -> Answer<Json<PageBody<ReadingBody>>> {
    let page = app.transactions.reading_list(&scope, id, query.page).await?;
    Ok(Json(PageBody::of(page, ReadingBody::from)))
}
