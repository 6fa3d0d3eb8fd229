//! Where a charge point may stand: looked up in the tables of depots.

use ::charge_point::{HasPlaces, Places};
use async_trait::async_trait;
use kernel::{CircuitId, DepotId, OrganisationId, StoreError, ZoneId};
use sea_orm::{
    ConnectionTrait,
    prelude::Uuid,
    sea_query::{Expr, ExprTrait, Query},
};

use crate::{depot_lookup::depot_exists, error::store_error, unit::SeaTx};

impl HasPlaces for SeaTx {
    fn places(&mut self) -> &mut dyn Places {
        self
    }
}

#[async_trait]
impl Places for SeaTx {
    async fn depot_known(&mut self, organisation: OrganisationId, id: DepotId) -> Result<bool, StoreError> {
        depot_exists(self.connection(), organisation, id).await
    }

    async fn circuit_depot(
        &mut self,
        organisation: OrganisationId,
        id: CircuitId,
    ) -> Result<Option<DepotId>, StoreError> {
        depot_of(self.connection(), "circuit", organisation, id.into()).await
    }

    async fn zone_depot(
        &mut self,
        organisation: OrganisationId,
        id: ZoneId,
    ) -> Result<Option<DepotId>, StoreError> {
        depot_of(self.connection(), "zone", organisation, id.into()).await
    }
}

async fn depot_of(
    connection: &impl ConnectionTrait,
    table: &'static str,
    organisation: OrganisationId,
    id: Uuid,
) -> Result<Option<DepotId>, StoreError> {
    let query = Query::select()
        .column("depot_id")
        .from(table)
        .and_where(Expr::col("organisation_id").eq(Uuid::from(organisation)))
        .and_where(Expr::col("id").eq(id))
        .to_owned();
    let Some(row) = connection.query_one(&query).await.map_err(store_error)? else { return Ok(None) };
    let depot: Uuid = row.try_get("", "depot_id").map_err(store_error)?;
    Ok(Some(depot.into()))
}
