//! Charge points from three tables, in a number of queries that does not grow with them.

use std::collections::HashMap;

use ::charge_point::{ChargePoint, Evse};
use kernel::StoreError;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, prelude::Uuid};

use super::{charge_point_entity, connector_entity, evse_entity};
use crate::error::store_error;

/// Far below what either engine takes as parameters of one statement.
const CHUNK: usize = 5_000;

/// Reads EVSEs and connectors of the rows and puts all together, in the order of the rows.
pub(super) async fn assemble(
    connection: &impl ConnectionTrait,
    rows: Vec<charge_point_entity::Model>,
) -> Result<Vec<ChargePoint>, StoreError> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut evses: HashMap<Uuid, Vec<Evse>> = HashMap::with_capacity(rows.len());
    for chunk in ids.chunks(CHUNK) {
        let mut connectors: HashMap<Uuid, Vec<connector_entity::Model>> = HashMap::new();
        for connector in connectors_of(connection, chunk).await? {
            connectors.entry(connector.evse_id).or_default().push(connector);
        }
        let found = evse_entity::Entity::find()
            .filter(evse_entity::Column::ChargePointId.is_in(chunk.iter().copied()))
            .order_by_asc(evse_entity::Column::Number)
            .all(connection)
            .await
            .map_err(store_error)?;
        for evse in found {
            let (owner, plugs) = (evse.charge_point_id, connectors.remove(&evse.id).unwrap_or_default());
            evses.entry(owner).or_default().push(evse.with(plugs)?);
        }
    }
    rows.into_iter()
        .map(|row| {
            let evses = evses.remove(&row.id).unwrap_or_default();
            row.with(evses)
        })
        .collect()
}

/// The connectors of some charge points, by number.
pub(super) async fn connectors_of(
    connection: &impl ConnectionTrait,
    charge_points: &[Uuid],
) -> Result<Vec<connector_entity::Model>, StoreError> {
    connector_entity::Entity::find()
        .filter(connector_entity::Column::ChargePointId.is_in(charge_points.iter().copied()))
        .order_by_asc(connector_entity::Column::Number)
        .all(connection)
        .await
        .map_err(store_error)
}
