//! How long it takes to draw a year of a depot by quarters of an hour, from the store to the SVG.
//!
//! On SQLite, and on PostgreSQL where `MANAGE_TEST_POSTGRES_URL` names a server. The argument is the
//! number of chargers, 20 unless told: each charges every night, and all say nothing by day.
#![expect(clippy::disallowed_methods, reason = "it measures time")]

use std::{collections::BTreeSet, sync::Arc, time::Instant};

use anyhow::Context;
use chart::{Chart, ChartRequest, ChartService, Kind, Resolution, svg::svg};
use chrono::{DateTime, TimeDelta, Utc};
use depot::{Depot, DepotTx};
use infra_sea::{Sea, SeaOptions};
use kernel::{
    Begin, IdSource, Scope, Wh,
    testing::{CountingIds, FakeClock},
};
use testkit::TestDatabase;
use transaction::{
    Metering, Quarter, QuarterStore, QuarterSums, Transaction, TransactionNumber, TransactionPlace,
    TransactionState, TransactionTx,
};

const QUARTERS: i64 = 365 * 96;
const ROUNDS: usize = 9;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let chargers = std::env::args().nth(1).map_or(Ok(20), |text| text.parse::<usize>())?;
    println!("a year of {chargers} chargers by quarters of an hour, median of {ROUNDS} rounds");
    measure("sqlite", TestDatabase::sqlite()?, chargers).await?;
    if let Some(postgres) = TestDatabase::postgres().await? {
        measure("postgres", postgres, chargers).await?;
    }
    Ok(())
}

async fn measure(name: &str, database: TestDatabase, chargers: usize) -> anyhow::Result<()> {
    let now: DateTime<Utc> = "2026-11-02T08:00:00Z".parse()?;
    let clock = Arc::new(FakeClock::at(now));
    let options = SeaOptions { waits_for_disk: false, ..SeaOptions::new(database.url()) };
    let sea = Arc::new(Sea::connect(&options, clock.clone()).await?);
    sea.migrate().await?;
    let ids = CountingIds::default();
    let scope = Scope::system(ids.uuid().into());
    let depot = depot::testing::depot(&ids, scope.organisation(), "A");
    let mut tx = Begin::<dyn DepotTx>::begin(&*sea).await?;
    tx.depots().depot_insert(&depot).await?;
    tx.circuits().circuit_insert(&depot::testing::circuit(&ids, &depot, None)).await?;
    tx.commit().await?;
    fill(&sea, &ids, &depot, now, chargers).await?;

    let service = ChartService::new(sea, clock);
    for (kind, resolution) in [
        (Kind::DepotPower, Resolution::Quarter),
        (Kind::DepotPower, Resolution::Day),
        (Kind::Energy, Resolution::Day),
        (Kind::DemandPeaks, Resolution::Day),
    ] {
        let request = ChartRequest {
            depot: Some(depot.id),
            from: Some(now - TimeDelta::days(365)),
            to: Some(now),
            resolution: Some(resolution),
            ..ChartRequest::default()
        };
        let (mut series, mut drawings) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let begun = Instant::now();
            let chart: Chart = service.chart(&scope, kind, &request).await?;
            series.push(begun.elapsed().as_secs_f64() * 1_000.0);
            let begun = Instant::now();
            let drawn = svg(&chart).len();
            drawings.push(begun.elapsed().as_secs_f64() * 1_000.0);
            anyhow::ensure!(drawn > 5_000, "nothing was drawn");
        }
        println!(
            "{name:>9}  {:<13} {:>3}  series {:>6.1} ms  svg {:>5.1} ms",
            kind.name(),
            resolution.name(),
            median(series)?,
            median(drawings)?,
        );
    }
    Ok(())
}

/// Every night from 18:00 until 06:00, a little different each.
async fn fill(
    sea: &Sea,
    ids: &CountingIds,
    depot: &Depot,
    now: DateTime<Utc>,
    chargers: usize,
) -> anyhow::Result<()> {
    for _ in 0..chargers {
        let charge_point = ids.uuid().into();
        let quarter = |n: i64| Quarter {
            organisation: depot.organisation,
            depot: depot.id,
            charge_point,
            connector: 1,
            at: now - TimeDelta::minutes(15 * (QUARTERS - n)),
            sums: QuarterSums { energy: Wh(2_000 + n * 37 % 9_000), readings: 15, ..QuarterSums::default() },
        };
        let nights: Vec<Quarter> =
            (0..QUARTERS).filter(|n| (40..88).contains(&(n % 96))).map(quarter).collect();
        for some in nights.chunks(5_000) {
            sea.quarters_save(some).await?;
        }
        let mut tx = Begin::<dyn TransactionTx>::begin(sea).await?;
        for night in 1..=365 {
            let evening = now - TimeDelta::days(night) + TimeDelta::hours(10);
            let place =
                TransactionPlace { charge_point, depot: depot.id, evse: None, evse_number: 1, connector: 1 };
            tx.transactions().transaction_insert(&session(ids, depot, place, evening)).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

/// Twelve hours from an evening on.
fn session(ids: &CountingIds, depot: &Depot, place: TransactionPlace, evening: DateTime<Utc>) -> Transaction {
    let morning = evening + TimeDelta::hours(12);
    Transaction {
        id: ids.uuid().into(),
        organisation: depot.organisation,
        number: TransactionNumber(0),
        place,
        id_tag: None,
        vehicle: None,
        state: TransactionState::Finished,
        started_at: evening,
        stopped_at: Some(morning),
        meter_start: Wh(0),
        meter_stop: Some(Wh(300_000)),
        energy: Wh(300_000),
        soc_start: None,
        soc_end: None,
        stop_reason: None,
        flags: BTreeSet::new(),
        latest: None,
        metering: Metering { carried: Wh::ZERO, base: Wh::ZERO, register: None },
        created_at: evening,
        updated_at: morning,
    }
}

fn median(mut times: Vec<f64>) -> anyhow::Result<f64> {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().context("it was measured")
}
