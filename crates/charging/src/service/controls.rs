//! One step for one depot.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use charge_point::{ChargePoint, ChargePointReader, CommandReader, CommandState, request_command};
use depot::TopologyReader;
use kernel::{Begin, Clock, DepotId, EvseId, Fence, IdSource, OrganisationId, Scope, StoreError, W};
use priority::{Priorities, Stand};
use transaction::OpenSessionReader;
use vehicle::VehicleReader;

use super::orders::{limit_orders, reading_order};
use crate::{
    control::{Decision, Depot, DepotView, Held, Pending, Setpoint, Target, step, view},
    error::ChargingError,
    port::{ChargingTx, DepotAllocation, EvseShare, NodeUse, SetpointReader},
};

/// Keeps depots within their limits. One step of one depot runs at a time.
pub struct ControlService {
    store: Arc<dyn Begin<dyn ChargingTx>>,
    setpoints: Arc<dyn SetpointReader>,
    topologies: Arc<dyn TopologyReader>,
    chargers: Arc<dyn ChargePointReader>,
    commands: Arc<dyn CommandReader>,
    sessions: Arc<dyn OpenSessionReader>,
    vehicles: Arc<dyn VehicleReader>,
    priorities: Arc<dyn Priorities>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
}

/// What a step did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ticked {
    pub evses: usize,
    pub orders: usize,
    /// Limits on their way to chargers: another step is due soon.
    pub pending: usize,
}

impl ControlService {
    pub fn new<S>(store: Arc<S>, clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>) -> Self
    where
        S: Begin<dyn ChargingTx>
            + SetpointReader
            + TopologyReader
            + ChargePointReader
            + CommandReader
            + OpenSessionReader
            + VehicleReader
            + Priorities
            + 'static,
    {
        Self {
            store: store.clone(),
            setpoints: store.clone(),
            topologies: store.clone(),
            chargers: store.clone(),
            commands: store.clone(),
            sessions: store.clone(),
            vehicles: store.clone(),
            priorities: store,
            clock,
            ids,
        }
    }

    /// Looks at a depot, decides, and gives the orders. Nothing was decided where it fails, and
    /// the chargers keep what they were told. `fence` says that it is our turn.
    ///
    /// # Errors
    /// [`ChargingError::NoSuchDepot`]; [`ChargingError::Unusable`] where its tree is none;
    /// [`ChargingError::Fenced`] where it is no longer our turn.
    pub async fn tick(
        &self,
        organisation: OrganisationId,
        id: DepotId,
        fence: &Fence,
    ) -> Result<Ticked, ChargingError> {
        let (depot, resolved) = self.read(organisation, id).await?;
        let view = view(&depot);
        let decision = step(&view)?;
        self.act(&depot, &resolved, view, decision, fence).await
    }

    /// The depot, and the EVSEs of which an order has ended since the step before.
    async fn read(
        &self,
        organisation: OrganisationId,
        id: DepotId,
    ) -> Result<(Depot, BTreeSet<EvseId>), ChargingError> {
        let topology = self.topologies.topology(organisation, id).await?.ok_or(ChargingError::NoSuchDepot)?;
        let chargers = self.chargers.charge_points_of_depot(organisation, id).await?;
        let sessions = self.sessions.open_sessions(organisation, id).await?;
        let plugged: Vec<_> = sessions.iter().filter_map(|session| session.vehicle).collect();
        let vehicles = self.vehicles.vehicles_by_id(organisation, &plugged).await?;
        let stored = self.setpoints.setpoints_of(organisation, id).await?;
        // Read last: what ended while the rest was read is seen in the next step.
        let now = self.clock.now();
        let (mut setpoints, mut resolved) = (BTreeMap::new(), BTreeSet::new());
        for mut setpoint in stored {
            let on_their_way = setpoint.pending.len();
            self.resolve(&mut setpoint, now).await?;
            if setpoint.pending.len() != on_their_way {
                resolved.insert(setpoint.evse);
            }
            setpoints.insert(setpoint.evse, setpoint);
        }
        let vehicles = vehicles.into_iter().map(|vehicle| (vehicle.id, vehicle)).collect();
        let (charging, stands): (Vec<EvseId>, Vec<Stand>) = sessions
            .iter()
            .filter_map(|session| {
                let stand = Stand { charge_point: session.place.charge_point, vehicle: session.vehicle };
                Some((session.place.evse?, stand))
            })
            .unzip();
        let priorities = self.priorities.priorities_of(organisation, id, &stands, now).await?;
        let priorities = charging.into_iter().zip(priorities).collect();
        Ok((Depot { now, topology, chargers, sessions, vehicles, priorities, setpoints }, resolved))
    }

    /// Takes up how limits on their way ended, oldest first.
    async fn resolve(&self, setpoint: &mut Setpoint, now: kernel::Timestamp) -> Result<(), StoreError> {
        while let Some(pending) = setpoint.pending.first().cloned() {
            let mut all = Held::Yes;
            for command in &pending.commands {
                let found = self.commands.command_get(setpoint.organisation, *command).await?;
                let held = match found.map(|command| command.state) {
                    Some(CommandState::Requested | CommandState::Sent) => return Ok(()),
                    Some(CommandState::Accepted) => Held::Yes,
                    Some(CommandState::Rejected | CommandState::Unreachable | CommandState::Superseded) => {
                        Held::No
                    }
                    Some(CommandState::TimedOut) | None => Held::Unknown,
                };
                all = match (all, held) {
                    (Held::Yes, held) => held,
                    (Held::No, Held::No) => Held::No,
                    _ => Held::Unknown,
                };
            }
            setpoint.resolve(all, now);
        }
        Ok(())
    }

    async fn act(
        &self,
        depot: &Depot,
        resolved: &BTreeSet<EvseId>,
        view: DepotView,
        decision: Decision,
        fence: &Fence,
    ) -> Result<Ticked, ChargingError> {
        let organisation = depot.topology.depot.organisation;
        let chargers: BTreeMap<EvseId, &ChargePoint> = depot
            .chargers
            .iter()
            .flat_map(|charger| charger.evses.iter().map(move |evse| (evse.id, charger)))
            .collect();
        let scope = Scope::system(organisation);
        let mut setpoints: Vec<Setpoint> = view.evses.iter().map(|evse| evse.setpoint.clone()).collect();
        let mut tx = self.store.begin().await?;
        if !tx.fences().fence_passes(fence).await? {
            return Err(ChargingError::Fenced);
        }
        for (index, limit) in &decision.orders {
            let (evse, setpoint) = (&view.evses[*index], &mut setpoints[*index]);
            let Some(charger) = chargers.get(&setpoint.evse) else { continue };
            let mut commands = Vec::new();
            for (nth, order) in limit_orders(charger, evse, *limit).into_iter().enumerate() {
                let key = format!("setpoint:{}:{nth}", setpoint.evse);
                let asked =
                    request_command(&mut *tx, &*self.clock, &*self.ids, &scope, charger, order, Some(key));
                commands.push(asked.await.map_err(ChargingError::Order)?.id);
            }
            if !commands.is_empty() {
                setpoint.pending.push(Pending { value: *limit, commands });
            }
        }
        for session in &depot.sessions {
            let Some(evse) = session.place.evse.filter(|evse| resolved.contains(evse)) else { continue };
            let setpoint = setpoints.iter().find(|setpoint| setpoint.evse == evse);
            let (Some(charger), Some(setpoint)) = (chargers.get(&evse), setpoint) else { continue };
            let Some(order) = reading_order(charger, session, setpoint) else { continue };
            let key = Some(format!("reading:{evse}"));
            let asked = request_command(&mut *tx, &*self.clock, &*self.ids, &scope, charger, order, key);
            asked.await.map_err(ChargingError::Order)?;
        }
        for (setpoint, target) in setpoints.iter_mut().zip(&decision.targets) {
            setpoint.reason = target.reason;
            setpoint.binding = target
                .binding
                .and_then(|index| depot.topology.circuits.get(index))
                .map(|node| node.circuit.id);
        }
        let changed: Vec<Setpoint> = setpoints
            .iter()
            .filter(|setpoint| {
                resolved.contains(&setpoint.evse) || depot.setpoints.get(&setpoint.evse) != Some(*setpoint)
            })
            .cloned()
            .collect();
        tx.setpoints().setpoints_save(&changed).await?;
        let allocation = report(depot, &view, &setpoints, &decision.targets);
        tx.setpoints().allocation_save(organisation, &allocation).await?;
        tx.commit().await?;
        Ok(Ticked {
            evses: setpoints.len(),
            orders: decision.orders.len(),
            pending: setpoints.iter().filter(|setpoint| !setpoint.pending.is_empty()).count(),
        })
    }
}

/// What the step found, as it is told to whoever asks.
fn report(depot: &Depot, view: &DepotView, setpoints: &[Setpoint], targets: &[Target]) -> DepotAllocation {
    let evses = view.evses.iter().zip(setpoints).zip(targets).map(|((evse, setpoint), target)| EvseShare {
        evse: setpoint.evse,
        charge_point: setpoint.charge_point,
        setpoint: setpoint.told().unwrap_or(W::ZERO),
        confirmed: setpoint.pending.is_empty() && setpoint.confirmed.is_some(),
        target: target.power,
        measured: evse.measured,
        demand: evse.demand,
        binding: setpoint.binding,
        priority_level: evse.tier,
        tier_source: evse.tier_source,
        reason: setpoint.reason,
        online: evse.online,
    });
    let exposure = |index: usize| {
        let (evse, setpoint) = (&view.evses[index], &setpoints[index]);
        EvseExposure {
            circuit: evse.circuit,
            used: evse.exposure().max(setpoint.exposure(evse.unlimited)),
            measured: evse.measured.unwrap_or(W::ZERO),
        }
    };
    let exposures: Vec<EvseExposure> = (0..view.evses.len()).map(exposure).collect();
    let nodes = depot.topology.circuits.iter().enumerate().map(|(index, node)| {
        let limit = node.effective_limit(depot.topology.depot.time_zone, depot.now);
        let below = |circuit: usize| {
            std::iter::successors(Some(circuit), |at| {
                view.circuits.get(*at).and_then(|circuit| circuit.parent)
            })
            .take(view.circuits.len())
            .any(|at| at == index)
        };
        let own = exposures.iter().filter(|exposure| below(exposure.circuit));
        NodeUse {
            circuit: node.circuit.id,
            limit: limit.total_power(),
            usable: limit.usable_power(),
            used: own.clone().map(|exposure| exposure.used).sum(),
            measured: own.map(|exposure| exposure.measured).sum(),
            unmanaged: (0..view.circuits.len())
                .filter(|circuit| below(*circuit))
                .map(|circuit| view.circuits[circuit].unmanaged.power)
                .sum(),
        }
    });
    DepotAllocation {
        depot: depot.topology.depot.id,
        computed_at: depot.now,
        evses: evses.collect(),
        circuits: nodes.collect(),
    }
}

struct EvseExposure {
    circuit: usize,
    used: W,
    measured: W,
}
