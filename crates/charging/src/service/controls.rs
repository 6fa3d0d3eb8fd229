//! One step for one depot.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use charge_point::{ChargePointReader, CommandReader, CommandState};
use chrono::TimeDelta;
use depot::TopologyReader;
use dispatch::{Run, RunReader, RunState};
use kernel::{
    Begin, Clock, DepotId, EvseId, Fence, IdSource, OrganisationId, StoreError, Timestamp, VehicleId,
};
use priority::{Priorities, Stand};
use transaction::OpenSessionReader;
use vehicle::VehicleReader;

use crate::{
    control::{Depot, Held, Pace, PlanUse, Setpoint, step, view, wants_plan},
    error::ChargingError,
    overrides::OverrideReader,
    port::{ChargingTx, PlanReader, SetpointReader},
};

/// A vehicle whose run should have begun, and which is still here, leaves as soon as it can.
const LATE: TimeDelta = TimeDelta::hours(2);
/// How far ahead a vehicle's next run is looked for.
const AHEAD: TimeDelta = TimeDelta::hours(48);

/// Keeps depots within their limits. One step of one depot runs at a time.
pub struct ControlService {
    pub(super) store: Arc<dyn Begin<dyn ChargingTx>>,
    setpoints: Arc<dyn SetpointReader>,
    topologies: Arc<dyn TopologyReader>,
    chargers: Arc<dyn ChargePointReader>,
    commands: Arc<dyn CommandReader>,
    sessions: Arc<dyn OpenSessionReader>,
    vehicles: Arc<dyn VehicleReader>,
    priorities: Arc<dyn Priorities>,
    runs: Arc<dyn RunReader>,
    plans: Arc<dyn PlanReader>,
    overrides: Arc<dyn OverrideReader>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) ids: Arc<dyn IdSource>,
    pace: Pace,
}

/// What a step did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ticked {
    pub evses: usize,
    pub orders: usize,
    /// Limits on their way to chargers: another step is due soon.
    pub pending: usize,
    pub plan_use: PlanUse,
    /// EVSEs that draw more than they were told, and do not listen.
    pub not_following: usize,
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
            + RunReader
            + PlanReader
            + OverrideReader
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
            priorities: store.clone(),
            runs: store.clone(),
            plans: store.clone(),
            overrides: store,
            clock,
            ids,
            pace: Pace::default(),
        }
    }

    /// The same with other manners.
    #[must_use]
    pub fn paced(self, pace: Pace) -> Self {
        Self { pace: pace.sound(), ..self }
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
        let runs = self.next_runs(organisation, id).await?;
        let overrides = self.overrides.charging_overrides_active(organisation, self.clock.now()).await?;
        let plan = match wants_plan(&topology, &overrides) {
            true => self.plans.plan_of(organisation, id).await?,
            false => None,
        };
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
        let depot = Depot {
            now,
            topology,
            chargers,
            sessions,
            vehicles,
            priorities,
            setpoints,
            runs,
            plan,
            overrides,
            pace: self.pace,
        };
        Ok((depot, resolved))
    }

    /// What each vehicle has to do next.
    async fn next_runs(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
    ) -> Result<BTreeMap<VehicleId, Run>, StoreError> {
        let now = self.clock.now();
        let runs = self.runs.runs_departing(organisation, depot, now - LATE, now + AHEAD).await?;
        let mut next = BTreeMap::new();
        for run in runs.into_iter().filter(|run| run.state == RunState::Planned) {
            if let Some(vehicle) = run.vehicle {
                next.entry(vehicle).or_insert(run);
            }
        }
        Ok(next)
    }

    /// Takes up how limits on their way ended, oldest first.
    async fn resolve(&self, setpoint: &mut Setpoint, now: Timestamp) -> Result<(), StoreError> {
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
}
