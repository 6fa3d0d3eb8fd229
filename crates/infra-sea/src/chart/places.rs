//! Where chargers and vehicles are, and what chargers can do.

use ::charge_point::ChargePointReader;
use ::chart::{Capacity, ChargerPlace, Meter, VehiclePlace};
use ::vehicle::VehicleReader;
use kernel::{ChargePointId, OrganisationId, StoreError, VehicleId, W};
use sea_orm::prelude::Uuid;

use super::{Bound, at, chargers};
use crate::connect::Sea;

impl Sea {
    pub(super) async fn charger_place(
        &self,
        organisation: OrganisationId,
        id: ChargePointId,
    ) -> Result<Option<ChargerPlace>, StoreError> {
        let found = self.charge_point_get(organisation, id).await?;
        Ok(found.map(|found| ChargerPlace { depot: found.depot, name: found.identity.to_string() }))
    }

    pub(super) async fn vehicle_place(
        &self,
        organisation: OrganisationId,
        id: VehicleId,
    ) -> Result<Option<VehiclePlace>, StoreError> {
        let found = self.vehicle_get(organisation, id).await?;
        let place = found.map(|found| VehiclePlace {
            depot: found.depot,
            name: found.fleet_number,
            target: found.target_soc,
        });
        Ok(place)
    }

    pub(super) async fn capacity_of(
        &self,
        organisation: OrganisationId,
        meter: &Meter,
    ) -> Result<Capacity, StoreError> {
        let mut bound = Bound::default();
        let own = bound.bind(Uuid::from(organisation));
        let of = chargers(meter, "id", &mut bound);
        let sql = format!(
            "SELECT CAST(COALESCE(SUM((SELECT COUNT(*) FROM evse WHERE evse.charge_point_id = \
             charge_point.id)), 0) AS BIGINT), CAST(COALESCE(SUM(max_power_w), 0) AS BIGINT) \
             FROM charge_point WHERE organisation_id = {own} AND {of}"
        );
        let rows = self.chart_rows(&sql, bound).await?;
        let Some(row) = rows.first() else { return Ok(Capacity::default()) };
        let evses: i64 = at(row, 0)?;
        Ok(Capacity { evses: u32::try_from(evses).unwrap_or_default(), power: W(at(row, 1)?) })
    }
}
