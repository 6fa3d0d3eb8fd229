//! What a chart is asked of, looked up: the one place where it is decided what a caller may see.

use depot::{TimeZone, Topology};
use kernel::{DepotId, OrganisationId, Reach, Soc, Timestamp};

use super::ChartService;
use crate::{error::ChartError, model::Subject, port::Meter, request::Asked};

/// What was found.
pub(super) struct Found {
    pub(super) subject: Subject,
    pub(super) of: String,
    pub(super) zone: TimeZone,
    /// When its depot was entered.
    pub(super) since: Timestamp,
    /// The tree of its depot; `None` for a vehicle.
    pub(super) tree: Option<Topology>,
    /// What a vehicle aims at.
    pub(super) target: Option<Soc>,
}

impl ChartService {
    /// # Errors
    /// What is not there for the caller.
    pub(super) async fn lookup(&self, reach: &Reach, asked: Asked) -> Result<Found, ChartError> {
        let organisation = reach.organisation();
        match asked {
            Asked::Depot(depot) => {
                reach.sees(depot).await?.ok_or(ChartError::NoSuchDepot)?;
                let tree = self.tree(organisation, depot).await?;
                Ok(of_depot(tree, Subject::Depot(depot), None))
            }
            Asked::Circuit(depot, circuit) => {
                reach.sees(depot).await?.ok_or(ChartError::NoSuchDepot)?;
                let tree = self.tree(organisation, depot).await?;
                let node = match circuit {
                    Some(id) => tree.node(id),
                    None => tree.root(),
                };
                let circuit = &node.ok_or(ChartError::NoSuchCircuit)?.circuit;
                let (id, name) = (circuit.id, format!("{}, {}", tree.depot.name, circuit.name));
                Ok(of_depot(tree, Subject::Circuit(depot, id), Some(name)))
            }
            // Of its depot it shows no more than when that was entered, and by which clock it lives.
            Asked::ChargePoint(id, depot) => {
                reach.sees(id).await?.ok_or(ChartError::NoSuchChargePoint)?;
                let found = self.store.charger(organisation, id).await?;
                let found = found.filter(|found| depot.is_none_or(|depot| depot == found.depot));
                let found = found.ok_or(ChartError::NoSuchChargePoint)?;
                let tree = self.tree(organisation, found.depot).await?;
                Ok(of_depot(tree, Subject::ChargePoint(id), Some(found.name)))
            }
            Asked::Vehicle(id, depot) => {
                reach.sees(id).await?.ok_or(ChartError::NoSuchVehicle)?;
                let found = self.store.vehicle(organisation, id).await?;
                let found = found.filter(|found| depot.is_none() || depot == found.depot);
                let found = found.ok_or(ChartError::NoSuchVehicle)?;
                let home = match found.depot {
                    Some(depot) => self.store.tree(organisation, depot).await?,
                    None => None,
                };
                Ok(Found {
                    subject: Subject::Vehicle(id),
                    of: found.name,
                    zone: home.map_or(TimeZone::UTC, |tree| tree.depot.time_zone),
                    since: Timestamp::UNIX_EPOCH,
                    tree: None,
                    target: Some(found.target),
                })
            }
        }
    }

    async fn tree(&self, organisation: OrganisationId, depot: DepotId) -> Result<Topology, ChartError> {
        self.store.tree(organisation, depot).await?.ok_or(ChartError::NoSuchDepot)
    }
}

fn of_depot(tree: Topology, subject: Subject, name: Option<String>) -> Found {
    Found {
        subject,
        of: name.unwrap_or_else(|| tree.depot.name.clone()),
        zone: tree.depot.time_zone,
        since: tree.depot.created_at,
        tree: Some(tree),
        target: None,
    }
}

impl Found {
    /// What measures it; `None` for a vehicle.
    pub(super) fn meter(&self) -> Option<Meter> {
        Some(match self.subject {
            Subject::Depot(depot) => Meter::Depot(depot),
            Subject::ChargePoint(id) => Meter::ChargePoint(id),
            Subject::Circuit(depot, circuit) => {
                let tree = self.tree.as_ref()?;
                if tree.root().is_some_and(|root| root.circuit.id == circuit) {
                    // Chargers on no circuit hang on the grid connection.
                    return Some(Meter::Depot(depot));
                }
                let below = tree.circuits.iter().map(|node| node.circuit.id);
                let below = below.filter(|id| tree.path(*id).any(|node| node.circuit.id == circuit));
                Meter::Circuits(below.collect())
            }
            Subject::Vehicle(_) => return None,
        })
    }
}
