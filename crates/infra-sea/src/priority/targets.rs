//! Whether what a rule or an override names exists: looked up in the tables of other slices.

use ::priority::KnownTargets;
use async_trait::async_trait;
use kernel::{ChargePointId, DepotId, OrganisationId, StoreError, VehicleId};
use sea_orm::{
    ConnectionTrait,
    prelude::Uuid,
    sea_query::{Expr, ExprTrait, Query},
};

use crate::{connect::Sea, depot_lookup::depot_exists, error::store_error};

impl Sea {
    /// Those among `ids` that a table of the organisation's things holds.
    async fn known_in(
        &self,
        table: &'static str,
        organisation: OrganisationId,
        ids: impl IntoIterator<Item = Uuid> + Send,
    ) -> Result<Vec<Uuid>, StoreError> {
        let query = Query::select()
            .column("id")
            .from(table)
            .and_where(Expr::col("organisation_id").eq(Uuid::from(organisation)))
            .and_where(Expr::col("id").is_in(ids))
            .to_owned();
        let rows = self.reader().query_all(&query).await.map_err(store_error)?;
        rows.iter().map(|row| row.try_get("", "id").map_err(store_error)).collect()
    }
}

#[async_trait]
impl KnownTargets for Sea {
    async fn vehicles_known(
        &self,
        organisation: OrganisationId,
        ids: &[VehicleId],
    ) -> Result<Vec<VehicleId>, StoreError> {
        let ids: Vec<Uuid> = ids.iter().copied().map(Into::into).collect();
        let known = self.known_in("vehicle", organisation, ids).await?;
        Ok(known.into_iter().map(Into::into).collect())
    }

    async fn charge_point_known(
        &self,
        organisation: OrganisationId,
        id: ChargePointId,
    ) -> Result<bool, StoreError> {
        Ok(!self.known_in("charge_point", organisation, [Uuid::from(id)]).await?.is_empty())
    }

    async fn depot_known(&self, organisation: OrganisationId, id: DepotId) -> Result<bool, StoreError> {
        depot_exists(self.reader(), organisation, id).await
    }
}
