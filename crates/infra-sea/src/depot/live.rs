//! A depot at present, counted over what other domains keep.

use ::charge_point::{ChargePointReader, ConnectorStatus};
use ::depot::{DepotLive, LiveReader};
use ::transaction::OpenSessionReader;
use async_trait::async_trait;
use kernel::{DepotId, OrganisationId, StoreError, W};
use sea_orm::{
    ConnectionTrait,
    prelude::Uuid,
    sea_query::{Expr, ExprTrait, Func, Query},
};

use crate::{connect::Sea, error::store_error};

#[async_trait]
impl LiveReader for Sea {
    async fn depot_live(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
    ) -> Result<DepotLive, StoreError> {
        let mut live = DepotLive::default();
        for charge_point in self.charge_points_of_depot(organisation, depot).await? {
            live.charge_points += 1;
            live.charge_points_online += u32::from(charge_point.live.online);
            for connector in charge_point.evses.iter().flat_map(|evse| &evse.connectors) {
                let status = connector.live.status();
                live.connectors += 1;
                live.connectors_available += u32::from(status == ConnectorStatus::Available);
                live.connectors_occupied += u32::from(status.occupied() == Some(true));
                live.connectors_faulted += u32::from(status == ConnectorStatus::Faulted);
            }
        }
        for session in self.open_sessions(organisation, depot).await? {
            live.sessions_active += 1;
            live.measured_power += session.latest.and_then(|latest| latest.power).unwrap_or(W::ZERO);
        }
        live.vehicles = self.vehicles_in(organisation, depot, false).await?;
        live.vehicles_plugged_in = self.vehicles_in(organisation, depot, true).await?;
        Ok(live)
    }
}

impl Sea {
    async fn vehicles_in(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
        plugged_in: bool,
    ) -> Result<u32, StoreError> {
        let mut query = Query::select()
            .expr_as(Func::count(Expr::col("id")), "vehicles")
            .from("vehicle")
            .and_where(Expr::col("organisation_id").eq(Uuid::from(organisation)))
            .and_where(Expr::col("depot_id").eq(Uuid::from(depot)))
            .to_owned();
        if plugged_in {
            query.and_where(Expr::col("plugged_in_evse_id").is_not_null());
        }
        let row = self.reader().query_one(&query).await.map_err(store_error)?;
        let count: i64 = row.map_or(Ok(0), |row| row.try_get("", "vehicles")).map_err(store_error)?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }
}
