//! A depot's tree in four queries, whatever its size.

use std::{collections::BTreeMap, sync::Arc};

use ::depot::{
    Circuit, CircuitNode, DepotReader, ExternalLimits, LimitWindow, Topology, TopologyReader, tree,
};
use async_trait::async_trait;
use kernel::{CircuitId, DepotId, OrganisationId, StoreError};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, prelude::Uuid};

use super::{
    circuit_entity::{Column, Entity},
    limit_entities::{external, window},
};
use crate::{connect::Sea, error::store_error};

#[async_trait]
impl TopologyReader for Sea {
    async fn topology(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
    ) -> Result<Option<Topology>, StoreError> {
        let Some(found) = self.depot_get(organisation, depot).await? else { return Ok(None) };
        let own =
            Column::OrganisationId.eq(Uuid::from(organisation)).and(Column::DepotId.eq(Uuid::from(depot)));
        let rows = Entity::find().filter(own).order_by_asc(Column::Id).all(self.reader()).await;
        let rows = rows.map_err(store_error)?;
        let loads = rows.iter().filter_map(|row| Some((row.id.into(), row.load()?))).collect();
        let circuits: Vec<Circuit> = rows.into_iter().map(Circuit::try_from).collect::<Result<_, _>>()?;

        let mut windows: BTreeMap<CircuitId, Vec<LimitWindow>> = BTreeMap::new();
        let found_windows = window::Entity::find()
            .filter(window::Column::DepotId.eq(Uuid::from(depot)))
            .order_by_asc(window::Column::Id)
            .all(self.reader())
            .await;
        for row in found_windows.map_err(store_error)? {
            let window = LimitWindow::try_from(row)?;
            windows.entry(window.circuit).or_default().push(window);
        }
        let mut externals: BTreeMap<CircuitId, Vec<ExternalLimits>> = BTreeMap::new();
        let found_externals = external::Entity::find()
            .filter(external::Column::DepotId.eq(Uuid::from(depot)))
            .order_by_asc(external::Column::Source)
            .all(self.reader())
            .await;
        for row in found_externals.map_err(store_error)? {
            let limits = ExternalLimits::try_from(row)?;
            externals.entry(limits.circuit).or_default().push(limits);
        }
        let nodes = tree::parents_first(circuits).into_iter().map(|circuit| CircuitNode {
            windows: windows.remove(&circuit.id).unwrap_or_default(),
            externals: externals.remove(&circuit.id).unwrap_or_default(),
            circuit,
        });
        Ok(Some(Topology { depot: Arc::new(found), circuits: nodes.collect(), loads }))
    }
}
