//! A store in memory, facts to fill a store with, and the contract that every adapter must pass.

pub mod contract;
mod fake;

use async_trait::async_trait;
use chrono::NaiveDate;
use depot::{Circuit, Depot};
use kernel::{
    ChargePointId, CircuitId, DepotId, OrganisationId, Soc, Timestamp, TransactionId, VehicleId, W, Wh,
};

pub use fake::FakeCharts;

use crate::port::RunOutcome;

/// Where facts come from, which this domain only reads.
#[async_trait]
pub trait Yard: Send + Sync {
    async fn add(&self, fact: Fact);
}

/// Something that other domains keep.
#[derive(Clone, Debug)]
pub enum Fact {
    Depot(Box<Depot>),
    Circuit(Box<Circuit>),
    /// A charger with one charging place.
    Charger(ChargerFact),
    Vehicle(VehicleFact),
    Quarter(QuarterFact),
    Session(SessionFact),
    Reading(ReadingFact),
    Load {
        circuit: CircuitId,
        at: Timestamp,
        power: W,
    },
    Slot {
        organisation: OrganisationId,
        depot: DepotId,
        at: Timestamp,
        power: W,
    },
    Run {
        organisation: OrganisationId,
        depot: DepotId,
        service_date: NaiveDate,
        outcome: RunOutcome,
    },
}

#[derive(Clone, Debug)]
pub struct ChargerFact {
    pub organisation: OrganisationId,
    pub id: ChargePointId,
    pub depot: DepotId,
    pub circuit: Option<CircuitId>,
    pub name: String,
    pub power: W,
}

#[derive(Clone, Debug)]
pub struct VehicleFact {
    pub organisation: OrganisationId,
    pub id: VehicleId,
    pub depot: Option<DepotId>,
    pub name: String,
    pub target: Soc,
}

#[derive(Clone, Debug)]
pub struct QuarterFact {
    pub organisation: OrganisationId,
    pub depot: DepotId,
    pub charge_point: ChargePointId,
    pub connector: u16,
    pub at: Timestamp,
    pub energy: Wh,
    pub soc: Option<Soc>,
}

#[derive(Clone, Debug)]
pub struct SessionFact {
    pub id: TransactionId,
    pub organisation: OrganisationId,
    pub depot: DepotId,
    pub charge_point: ChargePointId,
    pub connector: u16,
    pub vehicle: Option<VehicleId>,
    pub from: Timestamp,
    pub to: Option<Timestamp>,
    pub soc: (Option<Soc>, Option<Soc>),
}

#[derive(Clone, Debug)]
pub struct ReadingFact {
    pub organisation: OrganisationId,
    pub charge_point: ChargePointId,
    pub connector: u16,
    pub session: Option<TransactionId>,
    pub at: Timestamp,
    pub power: W,
    pub soc: Option<Soc>,
}
