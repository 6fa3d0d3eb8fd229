//! What this domain needs of a store. Whatever is asked is of one organisation; what belongs to another
//! is not there.

use async_trait::async_trait;
use chrono::NaiveDate;
use depot::Topology;
use kernel::{
    ChargePointId, CircuitId, DepotId, OrganisationId, Soc, StoreError, Timestamp, VehicleId, W, Wh,
};

/// What is measured together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meter {
    Depot(DepotId),
    ChargePoint(ChargePointId),
    /// Chargers on any of these circuits.
    Circuits(Vec<CircuitId>),
}

/// What connectors did together within a quarter of an hour, as far as they were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuarterSum {
    /// The beginning of the quarter.
    pub at: Timestamp,
    pub energy: Wh,
    /// How many connectors drew energy.
    pub charging: u32,
}

/// A time in which a session was open without a break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Open {
    pub from: Timestamp,
    /// `None` where it is open still.
    pub to: Option<Timestamp>,
}

/// The mean power of one connector in one minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MinuteMean {
    pub charge_point: ChargePointId,
    pub connector: u16,
    pub at: Timestamp,
    pub power: W,
}

/// The mean load of others on one circuit in a quarter of an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoadOfOthers {
    pub circuit: CircuitId,
    pub at: Timestamp,
    pub mean: W,
}

/// What chargers of a depot were to draw in a quarter of an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Planned {
    pub at: Timestamp,
    pub power: W,
}

/// What a vehicle had at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SocAt {
    pub at: Timestamp,
    pub soc: Soc,
}

/// How runs of a service day stand or ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RunOutcome {
    Departed,
    Ready,
    OnTrack,
    AtRisk,
    WillMiss,
    Missed,
    Unassigned,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadinessCount {
    pub service_date: NaiveDate,
    pub outcome: RunOutcome,
    pub runs: u32,
}

/// Where a charger is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChargerPlace {
    pub depot: DepotId,
    pub name: String,
}

/// Where a vehicle is at home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VehiclePlace {
    pub depot: Option<DepotId>,
    pub name: String,
    pub target: Soc,
}

/// What could be drawn at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capacity {
    /// How many vehicles can charge at once.
    pub evses: u32,
    pub power: W,
}

/// What charts read. Times are from `from` until before `to`; whatever is by time is in its order.
#[async_trait]
pub trait ChartReader: Send + Sync {
    async fn tree(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
    ) -> Result<Option<Topology>, StoreError>;

    async fn charger(
        &self,
        organisation: OrganisationId,
        id: ChargePointId,
    ) -> Result<Option<ChargerPlace>, StoreError>;

    async fn vehicle(
        &self,
        organisation: OrganisationId,
        id: VehicleId,
    ) -> Result<Option<VehiclePlace>, StoreError>;

    /// What chargers can do as they are now.
    async fn capacity(&self, organisation: OrganisationId, meter: &Meter) -> Result<Capacity, StoreError>;

    /// The peak that a depot keeps for money's sake.
    async fn demand_target(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
    ) -> Result<Option<W>, StoreError>;

    /// Only quarters in which a connector was read. Chargers count for the circuit that feeds them now,
    /// and for the depot they were in then.
    async fn quarter_sums(
        &self,
        organisation: OrganisationId,
        meter: &Meter,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<QuarterSum>, StoreError>;

    /// When sessions were open, those that touch each other as one. Sessions that began more than a week
    /// before are not looked for.
    async fn open_times(
        &self,
        organisation: OrganisationId,
        meter: &Meter,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Open>, StoreError>;

    /// From single readings.
    async fn minute_means(
        &self,
        organisation: OrganisationId,
        meter: &Meter,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<MinuteMean>, StoreError>;

    async fn load_of_others(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<LoadOfOthers>, StoreError>;

    /// By the plan that held when a quarter began; of those to come, by the present one.
    async fn planned(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Planned>, StoreError>;

    /// What a vehicle's sessions tell of it: their beginnings and ends, and between them the last of each
    /// quarter of an hour.
    async fn soc_by_quarter(
        &self,
        organisation: OrganisationId,
        vehicle: VehicleId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<SocAt>, StoreError>;

    /// Every single reading of a vehicle's sessions.
    async fn soc_by_reading(
        &self,
        organisation: OrganisationId,
        vehicle: VehicleId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<SocAt>, StoreError>;

    /// Runs that were not cancelled, by service day, from `from` to `to` inclusive.
    async fn readiness_counts(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
        from: NaiveDate,
        to: NaiveDate,
    ) -> Result<Vec<ReadinessCount>, StoreError>;
}
