//! What reports are made of. Rows come in pages, so that no report is ever in memory as a whole.

use async_trait::async_trait;
use chrono_tz::Tz;
use kernel::{
    ChargePointId, DepotId, OrganisationId, Reach, Soc, StoreError, Timestamp, TransactionId, VehicleId, W,
    Wh,
};

/// Whose rows, and of what time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub organisation: OrganisationId,
    /// `None`: all of them.
    pub depots: Option<Vec<DepotId>>,
    /// Inclusive.
    pub from: Timestamp,
    /// Exclusive.
    pub to: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DepotFacts {
    pub id: DepotId,
    pub name: String,
    pub zone: Tz,
}

/// A session, where it stands among others: by its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SessionPlace {
    pub started_at: Timestamp,
    pub id: TransactionId,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionFacts {
    pub place: SessionPlace,
    pub depot: DepotId,
    /// The charger's identity; its id where it is gone.
    pub charge_point: String,
    pub connector: u16,
    pub id_tag: Option<String>,
    /// With its fleet number; its id where it is gone.
    pub vehicle: Option<(VehicleId, String)>,
    pub stopped_at: Option<Timestamp>,
    pub energy: Wh,
    pub soc_start: Option<Soc>,
    pub soc_end: Option<Soc>,
    /// The words for its state, for why it ended, and for what is remarkable.
    pub state: String,
    pub stop_reason: Option<String>,
    pub flags: Vec<String>,
}

/// What the chargers of a depot drew in a quarter of an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DemandQuarter {
    /// Its beginning.
    pub at: Timestamp,
    pub energy: Wh,
}

/// What a charger did over the time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChargerFacts {
    pub id: ChargePointId,
    pub identity: String,
    pub depot: DepotId,
    pub connectors: u32,
    pub max_power: W,
    /// Of the sessions that began in the time.
    pub sessions: u64,
    pub energy: Wh,
    /// Quarters of an hour of its connectors in which energy flowed.
    pub quarters_charging: u64,
    pub peak_power: Option<W>,
    /// As they are while the report is made.
    pub online: bool,
    pub connectors_faulted: u32,
}

/// Everything is what was durable when it was asked for.
#[async_trait]
pub trait ReportSource: Send + Sync {
    /// Those among `depots` that there are within reach, by name; all of them for `None`.
    async fn depots(&self, reach: &Reach, depots: Option<&[DepotId]>) -> Result<Vec<DepotFacts>, StoreError>;

    /// Sessions that began in the time, the oldest first, at most `limit` of those after a place.
    async fn sessions(
        &self,
        wanted: &Wanted,
        after: Option<SessionPlace>,
        limit: u32,
    ) -> Result<Vec<SessionFacts>, StoreError>;

    /// What a depot's chargers drew, quarter by quarter; those without a reading are left out.
    async fn demand(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<DemandQuarter>, StoreError>;

    /// What a depot's grid connection allows at each instant by the limits set today, before any
    /// margin; `None` where it has no limit.
    async fn limits(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
        at: &[Timestamp],
    ) -> Result<Vec<Option<W>>, StoreError>;

    /// Chargers by their ids, at most `limit` of those after one.
    async fn chargers(
        &self,
        wanted: &Wanted,
        after: Option<ChargePointId>,
        limit: u32,
    ) -> Result<Vec<ChargerFacts>, StoreError>;
}

/// An amount in millionths of a currency's unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Money {
    /// ISO 4217.
    pub currency: String,
    pub micros: i64,
}

/// What sessions cost, where anybody knows.
#[async_trait]
pub trait CostSource: Send + Sync {
    /// One answer for each session, in their order.
    async fn costs(
        &self,
        organisation: OrganisationId,
        sessions: &[SessionFacts],
    ) -> Result<Vec<Option<Money>>, StoreError>;
}

/// Nobody knows what anything cost.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoCosts;

#[async_trait]
impl CostSource for NoCosts {
    async fn costs(
        &self,
        _: OrganisationId,
        sessions: &[SessionFacts],
    ) -> Result<Vec<Option<Money>>, StoreError> {
        Ok(vec![None; sessions.len()])
    }
}
