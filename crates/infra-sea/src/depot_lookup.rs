//! Whether a depot exists: asked by every slice whose rows belong to one.

use kernel::{DepotId, OrganisationId, StoreError};
use sea_orm::{
    ConnectionTrait,
    prelude::Uuid,
    sea_query::{Expr, ExprTrait, Query},
};

use crate::error::store_error;

pub(crate) async fn depot_exists(
    connection: &impl ConnectionTrait,
    organisation: OrganisationId,
    id: DepotId,
) -> Result<bool, StoreError> {
    let query = Query::select()
        .expr(Expr::val(1))
        .from("depot")
        .and_where(Expr::col("organisation_id").eq(Uuid::from(organisation)))
        .and_where(Expr::col("id").eq(Uuid::from(id)))
        .limit(1)
        .to_owned();
    Ok(connection.query_one(&query).await.map_err(store_error)?.is_some())
}
