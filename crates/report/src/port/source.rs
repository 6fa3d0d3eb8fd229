//! What reports are made of. Rows come in pages, so that no report is ever in memory as a whole.

use async_trait::async_trait;
use chrono::NaiveDate;
use chrono_tz::Tz;
use kernel::{
    ChargePointId, DepotId, OrganisationId, Reach, RunId, Soc, StoreError, Timestamp, TransactionId,
    VehicleId, W, Wh,
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
    pub charge_point_id: ChargePointId,
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

/// Why a connector could not be used, or was not asked to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GapReason {
    Offline,
    Faulted,
    Unavailable,
    /// In a maintenance window: it counts neither way.
    Excluded,
}

impl GapReason {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Offline => "offline",
            Self::Faulted => "faulted",
            Self::Unavailable => "unavailable",
            Self::Excluded => "excluded",
        }
    }
}

/// A time in which a connector was not up, in whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Inclusive.
    pub from: Timestamp,
    /// Exclusive.
    pub to: Timestamp,
    pub reason: GapReason,
}

impl Gap {
    pub fn seconds(&self) -> i64 {
        (self.to - self.from).num_seconds()
    }
}

/// How a connector was over the time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectorFacts {
    pub depot: DepotId,
    /// The charger's identity.
    pub charge_point: String,
    /// Counted over the whole charger.
    pub connector: u16,
    pub up_seconds: i64,
    /// In order, none in two.
    pub gaps: Vec<Gap>,
}

impl ConnectorFacts {
    /// How long it was not up for some reasons.
    pub fn seconds(&self, wanted: impl Fn(GapReason) -> bool) -> i64 {
        self.gaps.iter().filter(|gap| wanted(gap.reason)).map(Gap::seconds).sum()
    }

    pub fn down_seconds(&self) -> i64 {
        self.seconds(|reason| reason != GapReason::Excluded)
    }

    /// The seconds of each time in which it was down, for whatever reasons.
    pub fn downtimes(&self) -> Vec<i64> {
        let mut downtimes: Vec<(Timestamp, i64)> = Vec::new();
        for gap in self.gaps.iter().filter(|gap| gap.reason != GapReason::Excluded) {
            match downtimes.last_mut() {
                Some((end, seconds)) if *end == gap.from => {
                    (*end, *seconds) = (gap.to, *seconds + gap.seconds());
                }
                _ => downtimes.push((gap.to, gap.seconds())),
            }
        }
        downtimes.into_iter().map(|(_, seconds)| seconds).collect()
    }
}

/// A run, where it stands among others: by its departure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DutyPlace {
    pub departure_at: Timestamp,
    pub id: RunId,
}

/// A run, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DutyFacts {
    pub place: DutyPlace,
    pub depot: DepotId,
    pub service_date: NaiveDate,
    pub block: String,
    /// With its fleet number.
    pub vehicle: Option<(VehicleId, String)>,
    pub departed_at: Option<Timestamp>,
    /// `None` where nobody can say, since the vehicle is gone or there is none.
    pub required: Option<Soc>,
    /// What dispatch last knew of the state of charge at the departure.
    pub reached: Option<Soc>,
    /// What the vehicle lacked then, in the battery.
    pub shortfall: Option<Wh>,
    /// Dispatch says that the departure is over and the vehicle did not have what it needed.
    pub judged_missed: bool,
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

    /// Chargers by their ids, at most `limit` of those after one, with how their connectors were in as
    /// much of the time as there were chargers and lies before `now`.
    async fn connectors(
        &self,
        wanted: &Wanted,
        now: Timestamp,
        after: Option<ChargePointId>,
        limit: u32,
    ) -> Result<Vec<(ChargePointId, Vec<ConnectorFacts>)>, StoreError>;

    /// Runs that depart in the time and were not cancelled, the earliest first, at most `limit` of those
    /// after a place.
    async fn duties(
        &self,
        wanted: &Wanted,
        after: Option<DutyPlace>,
        limit: u32,
    ) -> Result<Vec<DutyFacts>, StoreError>;
}

/// An amount in millionths of a currency's unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Money {
    /// ISO 4217.
    pub currency: String,
    pub micros: i64,
}

/// What the electricity of sessions cost the depot, where anybody knows.
#[async_trait]
pub trait CostSource: Send + Sync {
    /// One answer for each session, in their order, as [`crate::cost::energy_cost`] reckons it by the
    /// prices set today. `None` where the depot has no tariff.
    async fn costs(
        &self,
        organisation: OrganisationId,
        sessions: &[SessionFacts],
    ) -> Result<Vec<Option<Money>>, StoreError>;
}
