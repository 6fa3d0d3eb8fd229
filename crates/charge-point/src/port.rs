//! What this domain needs of a store.

use async_trait::async_trait;
use kernel::{
    ChargePointId, CircuitId, CommandId, Commit, DepotId, HasAudit, HasOutbox, MaintenanceWindowId,
    OrganisationId, Page, PageRequest, Reach, StoreError, Timestamp, Version, ZoneId,
};

use crate::model::{
    ChargePoint, ChargerRef, Command, CommandState, ConfigurationKey, Connector, ConnectorPlace,
    ConnectorStatus, Generation, HistoryEntry, MaintenanceTarget, MaintenanceWindow, PasswordHash,
    Registration, Span,
};

/// Charge points within a unit of work. Rows of other organisations do not exist for it.
#[async_trait]
pub trait ChargePointRepository: Send {
    /// [`StoreError::Duplicate`] with rule `identity`, whichever organisation has it.
    async fn charge_point_insert(&mut self, charge_point: &ChargePoint) -> Result<(), StoreError>;

    /// Reads the charge point for change: it stays as read until the unit of work ends.
    async fn charge_point_find(
        &mut self,
        organisation: OrganisationId,
        id: ChargePointId,
    ) -> Result<Option<ChargePoint>, StoreError>;

    /// Stores everything but the live facts where the stored version is still `read`; else
    /// [`StoreError::Stale`]. EVSEs and connectors that are no longer there go; live facts of
    /// connectors that stay are left alone.
    async fn charge_point_update(
        &mut self,
        charge_point: &ChargePoint,
        read: Version,
    ) -> Result<(), StoreError>;

    /// Deletes it with its EVSEs, commands and configuration where its version is still `read`;
    /// else [`StoreError::Stale`].
    async fn charge_point_delete(
        &mut self,
        organisation: OrganisationId,
        id: ChargePointId,
        read: Version,
    ) -> Result<(), StoreError>;

    /// Whether a transaction runs at it.
    async fn charge_point_has_open_transaction(
        &mut self,
        organisation: OrganisationId,
        id: ChargePointId,
    ) -> Result<bool, StoreError>;
}

/// The live facts of charge points within a unit of work: small writes, many a second, none of
/// which makes a new version.
#[async_trait]
pub trait ChargerStateRepository: Send {
    /// Finds where a connector is, without holding its charge point.
    async fn connector_place(
        &mut self,
        organisation: OrganisationId,
        id: ChargePointId,
        flat_number: u16,
    ) -> Result<Option<ConnectorPlace>, StoreError>;

    /// Stores the live facts of the charge point as a whole, not those of its connectors.
    async fn charge_point_update_live(&mut self, charge_point: &ChargePoint) -> Result<(), StoreError>;

    /// Stores the live facts of one connector.
    async fn connector_update_live(
        &mut self,
        id: ChargePointId,
        connector: &Connector,
    ) -> Result<(), StoreError>;

    /// Moves "last seen" forward to `at` where it is unset or before `stale`; else writes nothing.
    async fn charge_points_seen(
        &mut self,
        chargers: &[ChargerRef],
        at: Timestamp,
        stale: Timestamp,
    ) -> Result<(), StoreError>;

    /// Marks every charge point that is online, of every organisation, as offline since `at`, and
    /// returns them as they then are.
    async fn charge_points_all_offline(&mut self, at: Timestamp) -> Result<Vec<ChargePoint>, StoreError>;

    /// Writes down what changed, for whoever asks later how it was.
    async fn history_append(&mut self, entries: &[HistoryEntry]) -> Result<(), StoreError>;

    /// Adds or replaces reported settings; others stay.
    async fn configuration_save(
        &mut self,
        id: ChargePointId,
        keys: &[ConfigurationKey],
    ) -> Result<(), StoreError>;
}

/// Orders within a unit of work.
#[async_trait]
pub trait CommandRepository: Send {
    async fn command_insert(&mut self, command: &Command) -> Result<(), StoreError>;

    async fn command_find(
        &mut self,
        organisation: OrganisationId,
        id: CommandId,
    ) -> Result<Option<Command>, StoreError>;

    /// The oldest order to the charge point that is requested and not yet sent.
    async fn command_next(
        &mut self,
        organisation: OrganisationId,
        charge_point: ChargePointId,
    ) -> Result<Option<Command>, StoreError>;

    /// The orders not yet sent that give way to one with this key, oldest first.
    async fn commands_replaceable(
        &mut self,
        organisation: OrganisationId,
        charge_point: ChargePointId,
        key: &str,
    ) -> Result<Vec<Command>, StoreError>;

    /// Orders of any organisation in `state` since before the instant, oldest first: by when they
    /// were sent where they were, else by when they were requested.
    async fn commands_stuck(
        &mut self,
        state: CommandState,
        before: Timestamp,
        limit: u16,
    ) -> Result<Vec<Command>, StoreError>;

    /// Stores it where the stored version is still `read`; else [`StoreError::Stale`].
    async fn command_update(&mut self, command: &Command, read: Version) -> Result<(), StoreError>;

    /// Forgets orders that ended before the instant and returns how many there were.
    async fn commands_forget(&mut self, before: Timestamp) -> Result<u64, StoreError>;
}

pub trait HasChargePoints: Send {
    fn charge_points(&mut self) -> &mut dyn ChargePointRepository;
}

pub trait HasChargerState: Send {
    fn charger_state(&mut self) -> &mut dyn ChargerStateRepository;
}

pub trait HasPlaces: Send {
    fn places(&mut self) -> &mut dyn Places;
}

pub trait HasCommands: Send {
    fn commands(&mut self) -> &mut dyn CommandRepository;
}

/// What recording a charger's messages touches of this domain, inside somebody else's unit of work.
pub trait ChargePointWork: HasChargePoints + HasChargerState + HasOutbox {}
impl<T: HasChargePoints + HasChargerState + HasOutbox> ChargePointWork for T {}

/// What giving an order touches, inside somebody else's unit of work.
pub trait CommandWork: ChargePointWork + HasCommands + HasAudit {}
impl<T: ChargePointWork + HasCommands + HasAudit> CommandWork for T {}

/// The unit of work of the use cases of charge points.
pub trait ChargePointTx: ChargePointWork + HasPlaces + HasAudit + Commit {}
impl<T: ChargePointWork + HasPlaces + HasAudit + Commit> ChargePointTx for T {}

/// The unit of work of the use cases of commands.
pub trait CommandTx: CommandWork + Commit {}
impl<T: CommandWork + Commit> CommandTx for T {}

/// Maintenance windows within a unit of work.
#[async_trait]
pub trait MaintenanceRepository: Send {
    async fn maintenance_insert(&mut self, window: &MaintenanceWindow) -> Result<(), StoreError>;

    async fn maintenance_find(
        &mut self,
        organisation: OrganisationId,
        id: MaintenanceWindowId,
    ) -> Result<Option<MaintenanceWindow>, StoreError>;

    /// [`StoreError::Stale`] where it is gone.
    async fn maintenance_delete(&mut self, window: &MaintenanceWindow) -> Result<(), StoreError>;
}

pub trait HasMaintenance: Send {
    fn maintenance(&mut self) -> &mut dyn MaintenanceRepository;
}

/// The unit of work of the use cases of maintenance windows.
pub trait MaintenanceTx:
    HasMaintenance + HasChargePoints + HasPlaces + HasOutbox + HasAudit + Commit
{
}
impl<T: HasMaintenance + HasChargePoints + HasPlaces + HasOutbox + HasAudit + Commit> MaintenanceTx for T {}

#[derive(Clone, Debug, Default)]
pub struct MaintenanceFilter {
    pub target: Option<MaintenanceTarget>,
    /// Those that end after.
    pub from: Option<Timestamp>,
    /// Those that begin before.
    pub to: Option<Timestamp>,
}

/// How charge points were, and when they may have been otherwise.
#[async_trait]
pub trait UptimeReader: Send + Sync {
    /// What changed at a charge point during a span, in order of time, and before it what was known
    /// when the span began: the last of each kind.
    async fn history_of(&self, id: ChargePointId, span: Span) -> Result<Vec<HistoryEntry>, StoreError>;

    async fn maintenance_get(
        &self,
        organisation: OrganisationId,
        id: MaintenanceWindowId,
    ) -> Result<Option<MaintenanceWindow>, StoreError>;

    /// Oldest first, by when they were made.
    async fn maintenance_list(
        &self,
        reach: &Reach,
        filter: &MaintenanceFilter,
        page: PageRequest,
    ) -> Result<Page<MaintenanceWindow>, StoreError>;

    /// The spans of all windows of a charge point or of its depot that touch a span.
    async fn maintenance_spans(
        &self,
        organisation: OrganisationId,
        charge_point: ChargePointId,
        depot: DepotId,
        span: Span,
    ) -> Result<Vec<Span>, StoreError>;
}

#[derive(Clone, Debug, Default)]
pub struct ChargePointFilter {
    pub depot: Option<DepotId>,
    pub circuit: Option<CircuitId>,
    pub zone: Option<ZoneId>,
    pub online: Option<bool>,
    /// Charge points with a connector in this status.
    pub status: Option<ConnectorStatus>,
    /// Part of the identity, in any case.
    pub identity: Option<String>,
}

#[derive(Clone, Debug, Default)]
pub struct CommandFilter {
    pub state: Option<CommandState>,
}

/// Reads outside a unit of work. Charge points come oldest first.
#[async_trait]
pub trait ChargePointReader: Send + Sync {
    async fn charge_point_get(
        &self,
        organisation: OrganisationId,
        id: ChargePointId,
    ) -> Result<Option<ChargePoint>, StoreError>;

    async fn charge_point_list(
        &self,
        reach: &Reach,
        filter: &ChargePointFilter,
        page: PageRequest,
    ) -> Result<Page<ChargePoint>, StoreError>;

    /// Every charge point of a depot, in a number of queries that does not grow with them.
    async fn charge_points_of_depot(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
    ) -> Result<Vec<ChargePoint>, StoreError>;

    /// What the charger reported of its settings, in the order of their names.
    async fn configuration_list(
        &self,
        organisation: OrganisationId,
        id: ChargePointId,
    ) -> Result<Vec<ConfigurationKey>, StoreError>;
}

#[async_trait]
pub trait CommandReader: Send + Sync {
    async fn command_get(
        &self,
        organisation: OrganisationId,
        id: CommandId,
    ) -> Result<Option<Command>, StoreError>;

    /// Newest first.
    async fn command_list(
        &self,
        organisation: OrganisationId,
        charge_point: ChargePointId,
        filter: &CommandFilter,
        page: PageRequest,
    ) -> Result<Page<Command>, StoreError>;

    /// Charge points of every organisation that have orders not yet sent, each once.
    async fn commands_waiting(&self) -> Result<Vec<ChargerRef>, StoreError>;
}

/// What a gateway has to know before it lets a socket in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admission {
    pub organisation: OrganisationId,
    pub charge_point: ChargePointId,
    pub password_hash: Option<PasswordHash>,
    pub security_profile: u8,
    pub registration: Registration,
    /// Of its last connection that is known: the next must be higher.
    pub generation: Generation,
}

/// A charger that is thought to be connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    pub charger: ChargerRef,
    pub identity: String,
    pub generation: Generation,
}

#[async_trait]
pub trait ConnectionReader: Send + Sync {
    /// Every charger of every organisation that is thought to be connected.
    async fn connections(&self) -> Result<Vec<Connection>, StoreError>;
}

#[async_trait]
pub trait AdmissionReader: Send + Sync {
    /// Looks a charger up by the name it connects with, which may be any text.
    async fn admission_find(&self, identity: &str) -> Result<Option<Admission>, StoreError>;
}

/// Where a charge point may stand, within a unit of work. A place is told by the depot it belongs
/// to.
#[async_trait]
pub trait Places: Send {
    async fn depot_known(&mut self, organisation: OrganisationId, id: DepotId) -> Result<bool, StoreError>;

    async fn circuit_depot(
        &mut self,
        organisation: OrganisationId,
        id: CircuitId,
    ) -> Result<Option<DepotId>, StoreError>;

    async fn zone_depot(
        &mut self,
        organisation: OrganisationId,
        id: ZoneId,
    ) -> Result<Option<DepotId>, StoreError>;
}

/// Forgetting the past of charge points.
#[async_trait]
pub trait HistoryUpkeep: Send + Sync {
    /// Forgets what changed before an instant and returns how much that was. What was known at that
    /// instant stays: the last of each kind.
    async fn history_forget(&self, before: Timestamp) -> Result<u64, StoreError>;
}
