//! The ports over maps: a unit of work is a copy that replaces the original when it commits.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard},
};

use async_trait::async_trait;
use kernel::{
    AuditEntry, AuditLog, Begin, ChargePointId, CircuitId, CommandId, Commit, Cursor, DepotId, Event,
    HasAudit, HasOutbox, MaintenanceWindowId, OrganisationId, Outbox, Page, PageRequest, Reach, StoreError,
    ZoneId,
};

use crate::{
    model::{
        ChargePoint, ChargerRef, Command, CommandState, ConfigurationKey, HistoryEntry, MaintenanceWindow,
    },
    port::{
        Admission, AdmissionReader, ChargePointFilter, ChargePointReader, ChargePointRepository,
        ChargePointTx, ChargerStateRepository, CommandFilter, CommandReader, CommandRepository, CommandTx,
        Connection, ConnectionReader, HasChargePoints, HasChargerState, HasCommands, HasPlaces, Places,
    },
};

#[derive(Clone, Debug, Default)]
pub(super) struct State {
    pub(super) charge_points: BTreeMap<ChargePointId, ChargePoint>,
    pub(super) configuration: BTreeMap<(ChargePointId, String), ConfigurationKey>,
    pub(super) commands: BTreeMap<CommandId, Command>,
    pub(super) depots: Vec<(OrganisationId, DepotId)>,
    pub(super) circuits: Vec<(OrganisationId, DepotId, CircuitId)>,
    pub(super) zones: Vec<(OrganisationId, DepotId, ZoneId)>,
    pub(super) busy: BTreeSet<ChargePointId>,
    pub(super) history: Vec<HistoryEntry>,
    pub(super) maintenance: BTreeMap<MaintenanceWindowId, MaintenanceWindow>,
    events: Vec<Event>,
    audit: Vec<AuditEntry>,
}

/// A store in memory. Clones share their content.
#[derive(Clone, Debug, Default)]
pub struct FakeChargePoints(Arc<Mutex<State>>);

impl FakeChargePoints {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no test panics while holding the state")
    }

    pub fn add_depot(&self, organisation: OrganisationId, depot: DepotId) {
        self.state().depots.push((organisation, depot));
    }

    pub fn add_circuit(&self, organisation: OrganisationId, depot: DepotId, circuit: CircuitId) {
        self.state().circuits.push((organisation, depot, circuit));
    }

    pub fn add_zone(&self, organisation: OrganisationId, depot: DepotId, zone: ZoneId) {
        self.state().zones.push((organisation, depot, zone));
    }

    /// Makes believe that a transaction runs at the charge point, or no longer.
    pub fn set_busy(&self, id: ChargePointId, busy: bool) {
        if busy {
            self.state().busy.insert(id)
        } else {
            self.state().busy.remove(&id)
        };
    }

    /// Names of the events that became durable, in order.
    pub fn event_names(&self) -> Vec<String> {
        self.state().events.iter().map(|event| event.name.to_string()).collect()
    }

    pub fn events(&self) -> Vec<Event> {
        self.state().events.clone()
    }

    pub fn audit(&self) -> Vec<AuditEntry> {
        self.state().audit.clone()
    }
}

pub(super) struct FakeTx {
    store: FakeChargePoints,
    pub(super) state: State,
}

impl FakeTx {
    pub(super) fn of(store: &FakeChargePoints) -> Self {
        Self { store: store.clone(), state: store.state().clone() }
    }
}

#[async_trait]
impl Begin<dyn ChargePointTx> for FakeChargePoints {
    async fn begin(&self) -> Result<Box<dyn ChargePointTx>, StoreError> {
        Ok(Box::new(FakeTx::of(self)))
    }
}

#[async_trait]
impl Begin<dyn CommandTx> for FakeChargePoints {
    async fn begin(&self) -> Result<Box<dyn CommandTx>, StoreError> {
        Ok(Box::new(FakeTx::of(self)))
    }
}

#[async_trait]
impl Commit for FakeTx {
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        *self.store.state() = self.state;
        Ok(())
    }
}

impl HasChargePoints for FakeTx {
    fn charge_points(&mut self) -> &mut dyn ChargePointRepository {
        self
    }
}

impl HasChargerState for FakeTx {
    fn charger_state(&mut self) -> &mut dyn ChargerStateRepository {
        self
    }
}

impl HasCommands for FakeTx {
    fn commands(&mut self) -> &mut dyn CommandRepository {
        self
    }
}

impl HasPlaces for FakeTx {
    fn places(&mut self) -> &mut dyn Places {
        self
    }
}

impl HasOutbox for FakeTx {
    fn outbox(&mut self) -> &mut dyn Outbox {
        self
    }
}

impl HasAudit for FakeTx {
    fn audit(&mut self) -> &mut dyn AuditLog {
        self
    }
}

#[async_trait]
impl Outbox for FakeTx {
    async fn append(&mut self, event: Event) -> Result<(), StoreError> {
        self.state.events.push(event);
        Ok(())
    }
}

#[async_trait]
impl AuditLog for FakeTx {
    async fn record(&mut self, entry: AuditEntry) -> Result<(), StoreError> {
        self.state.audit.push(entry);
        Ok(())
    }
}

#[async_trait]
impl Places for FakeTx {
    async fn depot_known(&mut self, organisation: OrganisationId, id: DepotId) -> Result<bool, StoreError> {
        Ok(self.state.depots.contains(&(organisation, id)))
    }

    async fn circuit_depot(
        &mut self,
        organisation: OrganisationId,
        id: CircuitId,
    ) -> Result<Option<DepotId>, StoreError> {
        let known = |place: &&(OrganisationId, DepotId, CircuitId)| place.0 == organisation && place.2 == id;
        Ok(self.state.circuits.iter().find(known).map(|place| place.1))
    }

    async fn zone_depot(
        &mut self,
        organisation: OrganisationId,
        id: ZoneId,
    ) -> Result<Option<DepotId>, StoreError> {
        let known = |place: &&(OrganisationId, DepotId, ZoneId)| place.0 == organisation && place.2 == id;
        Ok(self.state.zones.iter().find(known).map(|place| place.1))
    }
}

pub(super) fn page<T>(rows: Vec<T>, page: PageRequest, cursor: impl Fn(&T) -> Cursor) -> Page<T> {
    let rows = rows.into_iter().take(usize::from(page.limit.get()) + 1).collect();
    Page::from_surplus(rows, page.limit, cursor)
}

#[async_trait]
impl ChargePointReader for FakeChargePoints {
    async fn charge_point_get(
        &self,
        organisation: OrganisationId,
        id: ChargePointId,
    ) -> Result<Option<ChargePoint>, StoreError> {
        Ok(self.state().charge_points.get(&id).filter(|row| row.organisation == organisation).cloned())
    }

    async fn charge_point_list(
        &self,
        reach: &Reach,
        filter: &ChargePointFilter,
        request: PageRequest,
    ) -> Result<Page<ChargePoint>, StoreError> {
        let organisation = reach.organisation();
        let matches = |row: &&ChargePoint| {
            row.organisation == organisation
                && request.after.is_none_or(|after| row.id.as_uuid() > after.id)
                && filter.depot.is_none_or(|depot| row.depot == depot)
                && filter.circuit.is_none_or(|circuit| row.circuit == Some(circuit))
                && filter.zone.is_none_or(|zone| row.zone == Some(zone))
                && filter.online.is_none_or(|online| row.live.online == online)
                && filter.status.is_none_or(|status| row.has_status(status))
                && filter
                    .identity
                    .as_ref()
                    .is_none_or(|part| row.identity.as_str().to_lowercase().contains(&part.to_lowercase()))
        };
        let rows = self.state().charge_points.values().filter(matches).cloned().collect();
        Ok(page(reach.keep(rows, |row| row.id).await?, request, |row| Cursor::of(row.id)))
    }

    async fn charge_points_of_depot(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
    ) -> Result<Vec<ChargePoint>, StoreError> {
        let matches = |row: &&ChargePoint| row.organisation == organisation && row.depot == depot;
        Ok(self.state().charge_points.values().filter(matches).cloned().collect())
    }

    async fn configuration_list(
        &self,
        organisation: OrganisationId,
        id: ChargePointId,
    ) -> Result<Vec<ConfigurationKey>, StoreError> {
        let state = self.state();
        if state.charge_points.get(&id).is_none_or(|row| row.organisation != organisation) {
            return Ok(Vec::new());
        }
        let of_it = state.configuration.iter().filter(|((owner, _), _)| *owner == id);
        Ok(of_it.map(|(_, key)| key.clone()).collect())
    }
}

#[async_trait]
impl CommandReader for FakeChargePoints {
    async fn command_get(
        &self,
        organisation: OrganisationId,
        id: CommandId,
    ) -> Result<Option<Command>, StoreError> {
        Ok(self.state().commands.get(&id).filter(|row| row.organisation == organisation).cloned())
    }

    async fn command_list(
        &self,
        organisation: OrganisationId,
        charge_point: ChargePointId,
        filter: &CommandFilter,
        request: PageRequest,
    ) -> Result<Page<Command>, StoreError> {
        let matches = |row: &&Command| {
            row.organisation == organisation
                && row.charge_point == charge_point
                && request.after.is_none_or(|after| row.id.as_uuid() < after.id)
                && filter.state.is_none_or(|state| row.state == state)
        };
        let rows = self.state().commands.values().rev().filter(matches).cloned().collect();
        Ok(page(rows, request, |row| Cursor::of(row.id)))
    }

    async fn commands_waiting(&self) -> Result<Vec<ChargerRef>, StoreError> {
        let state = self.state();
        let waiting = state.commands.values().filter(|row| row.state == CommandState::Requested);
        let chargers: BTreeSet<ChargerRef> = waiting
            .map(|row| ChargerRef { organisation: row.organisation, charge_point: row.charge_point })
            .collect();
        Ok(chargers.into_iter().collect())
    }
}

#[async_trait]
impl AdmissionReader for FakeChargePoints {
    async fn admission_find(&self, identity: &str) -> Result<Option<Admission>, StoreError> {
        let state = self.state();
        let found = state.charge_points.values().find(|row| row.identity.as_str() == identity);
        Ok(found.map(|row| Admission {
            organisation: row.organisation,
            charge_point: row.id,
            password_hash: row.password_hash.clone(),
            security_profile: row.security_profile,
            registration: row.registration,
            generation: row.live.generation,
        }))
    }
}

#[async_trait]
impl ConnectionReader for FakeChargePoints {
    async fn connections(&self) -> Result<Vec<Connection>, StoreError> {
        let state = self.state();
        let online = state.charge_points.values().filter(|row| row.live.online);
        Ok(online
            .map(|row| Connection {
                charger: ChargerRef { organisation: row.organisation, charge_point: row.id },
                identity: row.identity.as_str().to_owned(),
                generation: row.live.generation,
            })
            .collect())
    }
}

#[async_trait]
impl super::contract::Ground for FakeChargePoints {
    async fn lay(&self, organisation: OrganisationId, depot: DepotId, circuit: CircuitId, zone: ZoneId) {
        self.add_depot(organisation, depot);
        self.add_circuit(organisation, depot, circuit);
        self.add_zone(organisation, depot, zone);
    }
}
