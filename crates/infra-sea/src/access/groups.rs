//! Whether the groups that something is to be granted on exist.

use ::access::{HasKnownGroups, KnownGroups};
use async_trait::async_trait;
use kernel::{GroupSet, OrganisationId, StoreError};
use sea_orm::{
    ConnectionTrait,
    prelude::Uuid,
    sea_query::{Expr, ExprTrait, LockType, Query},
};

use crate::{error::store_error, unit::SeaTx};

impl HasKnownGroups for SeaTx {
    fn known_groups(&mut self) -> &mut dyn KnownGroups {
        self
    }
}

#[async_trait]
impl KnownGroups for SeaTx {
    async fn groups_known(
        &mut self,
        organisation: OrganisationId,
        ids: &GroupSet,
    ) -> Result<GroupSet, StoreError> {
        let query = Query::select()
            .column("id")
            .from("resource_group")
            .and_where(Expr::col("organisation_id").eq(Uuid::from(organisation)))
            .and_where(Expr::col("id").is_in(ids.iter().map(|id| Uuid::from(*id))))
            .lock(LockType::KeyShare)
            .to_owned();
        let rows = self.connection().query_all(&query).await.map_err(store_error)?;
        rows.iter().map(|row| Ok(row.try_get::<Uuid>("", "id").map_err(store_error)?.into())).collect()
    }
}
