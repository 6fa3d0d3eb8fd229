//! `/depots/{id}/electricity-tariff`

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use depot::{ElectricityTariff, Price, PriceBand, PutTariff};
use http_kit::{Answer, Caller, ETag, IfMatch, NoContent, PathId, ValidJson};
use kernel::{DepotId, Invalid, W};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{App, week::WeekBandBody};

#[derive(Serialize, ToSchema)]
#[schema(as = ElectricityTariff)]
pub(crate) struct TariffBody {
    depot_id: Uuid,
    /// ISO 4217, for every price in it.
    currency: String,
    /// Per kWh, whenever no band says otherwise; an exact decimal.
    base_price_per_kwh: String,
    bands: Vec<BandBody>,
    /// Per kW of the month's highest power.
    #[schema(required)]
    demand_charge_per_kw: Option<String>,
    /// A highest power of the site that charging keeps for money's sake.
    #[schema(required)]
    demand_target_kw: Option<f64>,
    /// Whether it gives way, as little as needed, where a vehicle would otherwise miss energy.
    may_break_demand_target: bool,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = PriceBand)]
#[serde(deny_unknown_fields)]
pub(crate) struct BandBody {
    name: Option<String>,
    /// By the depot's clock. Bands never overlap.
    when: WeekBandBody,
    /// An exact decimal with at most six decimals; may be negative.
    price_per_kwh: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TariffPut {
    currency: String,
    base_price_per_kwh: String,
    #[serde(default)]
    bands: Vec<BandBody>,
    demand_charge_per_kw: Option<String>,
    #[schema(minimum = 0)]
    demand_target_kw: Option<f64>,
    #[serde(default)]
    may_break_demand_target: bool,
}

impl From<ElectricityTariff> for TariffBody {
    fn from(tariff: ElectricityTariff) -> Self {
        let bands = tariff.bands.into_iter().map(|band| BandBody {
            name: band.name,
            when: band.band.into(),
            price_per_kwh: band.price.to_string(),
        });
        Self {
            depot_id: tariff.depot.into(),
            currency: tariff.currency,
            base_price_per_kwh: tariff.base_price.to_string(),
            bands: bands.collect(),
            demand_charge_per_kw: tariff.demand_charge.map(|price| price.to_string()),
            demand_target_kw: tariff.demand_target.map(W::to_kilo),
            may_break_demand_target: tariff.may_break_demand_target,
            created_at: tariff.created_at,
            updated_at: tariff.updated_at,
        }
    }
}

fn price(pointer: &str, text: &str, invalid: &mut Invalid) -> Option<Price> {
    Price::parse(text).map_err(|error| invalid.push(pointer, "malformed", error.to_string())).ok()
}

impl TariffPut {
    fn command(self, depot: DepotId) -> Result<PutTariff, Invalid> {
        let mut invalid = Invalid::default();
        let base_price = price("/base_price_per_kwh", &self.base_price_per_kwh, &mut invalid);
        let demand_charge = match &self.demand_charge_per_kw {
            Some(text) => price("/demand_charge_per_kw", text, &mut invalid),
            None => None,
        };
        let mut bands = Vec::with_capacity(self.bands.len());
        for (index, band) in self.bands.into_iter().enumerate() {
            let per_kwh = price(&format!("/bands/{index}/price_per_kwh"), &band.price_per_kwh, &mut invalid);
            let when = band.when.band(&format!("/bands/{index}/when"), &mut invalid);
            if let (Some(price), Some(when)) = (per_kwh, when) {
                bands.push(PriceBand { name: band.name, band: when, price });
            }
        }
        match base_price {
            Some(base_price) if invalid.errors.is_empty() => {
                let demand_target = self.demand_target_kw.map(W::from_kilo);
                let may_break_demand_target = self.may_break_demand_target;
                Ok(PutTariff {
                    depot,
                    currency: self.currency,
                    base_price,
                    bands,
                    demand_charge,
                    demand_target,
                    may_break_demand_target,
                })
            }
            _ => Err(invalid),
        }
    }
}

/// What electricity costs the depot.
#[utoipa::path(
    get,
    path = "/depots/{id}/electricity-tariff",
    tag = "depots",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The tariff.", body = TariffBody, headers(("ETag" = String))))
)]
pub(crate) async fn tariff_get(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(depot): PathId<DepotId>,
) -> Answer<(ETag, Json<TariffBody>)> {
    let tariff = app.depots.tariff_get(&scope, depot).await?;
    Ok((ETag(tariff.version), Json(tariff.into())))
}

/// Set or replace the tariff.
#[utoipa::path(
    put,
    path = "/depots/{id}/electricity-tariff",
    tag = "depots",
    params(("id" = Uuid, Path)),
    request_body = TariffPut,
    responses((status = 200, description = "The tariff as it is now.", body = TariffBody, headers(("ETag" = String))))
)]
pub(crate) async fn tariff_put(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(depot): PathId<DepotId>,
    IfMatch(expected): IfMatch,
    ValidJson(body): ValidJson<TariffPut>,
) -> Answer<(ETag, Json<TariffBody>)> {
    let tariff = app.depots.tariff_put(&scope, expected, body.command(depot)?).await?;
    Ok((ETag(tariff.version), Json(tariff.into())))
}

/// Remove the tariff.
#[utoipa::path(
    delete,
    path = "/depots/{id}/electricity-tariff",
    tag = "depots",
    params(("id" = Uuid, Path)),
    responses((status = 204, description = "It is gone."))
)]
pub(crate) async fn tariff_delete(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(depot): PathId<DepotId>,
    IfMatch(expected): IfMatch,
) -> Answer<NoContent> {
    app.depots.tariff_delete(&scope, depot, expected).await?;
    Ok(NoContent)
}
