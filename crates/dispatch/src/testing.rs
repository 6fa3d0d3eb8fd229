//! A store in memory, builders, and the contract that every adapter of the ports must pass.

pub mod contract;
mod fake;
mod fake_reads;

use std::collections::BTreeSet;

use async_trait::async_trait;
use chrono::TimeDelta;
use depot::Depot;
use kernel::{
    Clock, DepotId, IdSource, OrganisationId, Soc, Timestamp, Version, Weekdays, testing::FakeClock,
};
use vehicle::Vehicle;

pub use fake::FakeDispatch;

use crate::{
    model::{Duty, Run, RunState},
    readiness::Readiness,
    series::{Length, Recurrence, RunSeries},
};

/// Where depots and vehicles come from, which this domain only reads.
#[async_trait]
pub trait Yard: Send + Sync {
    async fn add_depot(&self, depot: &Depot);

    /// Adds a vehicle.
    async fn add_vehicle(&self, vehicle: &Vehicle);
}

/// A planned run without a vehicle: from `hour` hours after the tests' usual instant, for two hours.
pub fn run(ids: &dyn IdSource, organisation: OrganisationId, depot: DepotId, block: &str, hour: i64) -> Run {
    let now = FakeClock::default().now();
    let departure_at = now + TimeDelta::hours(hour);
    Run {
        id: ids.uuid().into(),
        organisation,
        version: Version::FIRST,
        depot,
        service_date: departure_at.date_naive(),
        block: block.to_owned(),
        departure_at,
        arrival_at: departure_at + TimeDelta::hours(2),
        distance_m: None,
        energy_required: None,
        required_soc: None,
        minimum_soc: Soc::EMPTY,
        vehicle: None,
        vehicle_class: None,
        priority_level: None,
        series: None,
        series_date: None,
        by_hand: true,
        state: RunState::Planned,
        departed_at: None,
        readiness: Readiness::unjudged(false),
        created_at: now,
        updated_at: now,
    }
}

/// Every day from 2026-03-02 on, 05:00 to 07:00 by the depot's clock, without a vehicle.
pub fn series(ids: &dyn IdSource, organisation: OrganisationId, depot: DepotId, block: &str) -> RunSeries {
    let now = FakeClock::default().now();
    RunSeries {
        id: ids.uuid().into(),
        organisation,
        version: Version::FIRST,
        depot,
        block: block.to_owned(),
        recurrence: Recurrence {
            weekdays: Weekdays::ALL,
            departure: "05:00".parse().expect("a time"),
            length: Length::Minutes(120),
            from: now.date_naive(),
            until: None,
            except: BTreeSet::new(),
        },
        duty: Duty::default(),
        made_until: None,
        created_at: now,
        updated_at: now,
    }
}

/// An instant so many hours after the tests' usual one.
pub fn hours(hours: i64) -> Timestamp {
    FakeClock::default().now() + TimeDelta::hours(hours)
}
