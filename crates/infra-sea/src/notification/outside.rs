//! What alerts need of the tables of other slices: names, and keys that end.

use ::notification::{ExpiringKeys, KeyExpiry, KnownDepots, NameReader, message::Names};
use async_trait::async_trait;
use kernel::{DepotId, OrganisationId, StoreError, Timestamp};
use sea_orm::{
    ConnectionTrait,
    prelude::Uuid,
    sea_query::{Expr, ExprTrait, Query},
};

use crate::{connect::Sea, error::store_error};

/// Tables of things that have names, and the column that holds the name.
const NAMED: [(&str, &str); 4] =
    [("depot", "name"), ("charge_point", "identity"), ("circuit", "name"), ("vehicle", "fleet_number")];

#[async_trait]
impl NameReader for Sea {
    async fn names_of(&self, organisation: OrganisationId, ids: &[Uuid]) -> Result<Names, StoreError> {
        let mut names = Names::new();
        for some in ids.chunks(1_000) {
            for (table, column) in NAMED {
                let query = Query::select()
                    .column("id")
                    .expr_as(Expr::col(column), "name")
                    .from(table)
                    .and_where(Expr::col("organisation_id").eq(Uuid::from(organisation)))
                    .and_where(Expr::col("id").is_in(some.iter().copied()))
                    .to_owned();
                for row in self.reader().query_all(&query).await.map_err(store_error)? {
                    let id: Uuid = row.try_get("", "id").map_err(store_error)?;
                    names.insert(id, row.try_get("", "name").map_err(store_error)?);
                }
            }
        }
        Ok(names)
    }
}

#[async_trait]
impl KnownDepots for Sea {
    async fn depots_known(
        &self,
        organisation: OrganisationId,
        ids: &[DepotId],
    ) -> Result<Vec<DepotId>, StoreError> {
        let query = Query::select()
            .column("id")
            .from("depot")
            .and_where(Expr::col("organisation_id").eq(Uuid::from(organisation)))
            .and_where(Expr::col("id").is_in(ids.iter().map(|id| Uuid::from(*id))))
            .to_owned();
        let rows = self.reader().query_all(&query).await.map_err(store_error)?;
        rows.iter().map(|row| Ok(row.try_get::<Uuid>("", "id").map_err(store_error)?.into())).collect()
    }
}

#[async_trait]
impl ExpiringKeys for Sea {
    async fn keys_expiring(&self, now: Timestamp, before: Timestamp) -> Result<Vec<KeyExpiry>, StoreError> {
        let query = Query::select()
            .columns(["id", "organisation_id", "name", "expires_at"])
            .from("api_key")
            .and_where(Expr::col("revoked_at").is_null())
            .and_where(Expr::col("expires_at").gt(now))
            .and_where(Expr::col("expires_at").lt(before))
            .to_owned();
        let rows = self.reader().query_all(&query).await.map_err(store_error)?;
        let key = |row: &sea_orm::QueryResult| {
            Ok(KeyExpiry {
                organisation: row.try_get::<Uuid>("", "organisation_id")?.into(),
                api_key: row.try_get::<Uuid>("", "id")?.into(),
                name: row.try_get("", "name")?,
                expires_at: row.try_get("", "expires_at")?,
            })
        };
        rows.iter().map(|row| key(row).map_err(store_error)).collect()
    }

    async fn organisations_everywhere(&self) -> Result<Vec<OrganisationId>, StoreError> {
        let query = Query::select().column("id").from("organisation").to_owned();
        let rows = self.reader().query_all(&query).await.map_err(store_error)?;
        rows.iter().map(|row| Ok(row.try_get::<Uuid>("", "id").map_err(store_error)?.into())).collect()
    }
}
