//! What sessions cost, by tariffs and quarters of an hour that are really stored.

use std::sync::Arc;

use ::depot::{DepotTx, ElectricityTariff, Price, PriceBand};
use ::report::{CostSource, Money, ReportSource, Wanted};
use chrono::TimeDelta;
use kernel::{
    Begin, Clock, DepotId, IdSource, OrganisationId, Version, WeekBand, Weekdays, Wh, testing::CountingIds,
};
use transaction::{Quarter, QuarterStore, QuarterSums, Recorder, TransactionPlace, TransactionTx, testing};

use crate::{Fixture, on_both_engines};

on_both_engines!(sessions_cost_what_the_tariff_says_of_their_quarters);

fn price(text: &str) -> Price {
    Price::parse(text).unwrap()
}

/// A depot in Berlin, where a kWh costs 20 cents, and 50 from ten to eleven.
async fn depot(fixture: &Fixture, ids: &CountingIds, organisation: OrganisationId) -> DepotId {
    let depot = ::depot::testing::depot(ids, organisation, "A");
    let band = WeekBand::new(Weekdays::ALL, "10:00".parse().unwrap(), "11:00".parse().unwrap()).unwrap();
    let tariff = ElectricityTariff {
        organisation,
        depot: depot.id,
        version: Version::FIRST,
        currency: "EUR".into(),
        base_price: price("0.20"),
        bands: vec![PriceBand { name: None, band, price: price("0.50") }],
        demand_charge: None,
        demand_target: None,
        may_break_demand_target: false,
        created_at: depot.created_at,
        updated_at: depot.created_at,
    };
    let mut tx = Begin::<dyn DepotTx>::begin(&*fixture.sea).await.unwrap();
    tx.depots().depot_insert(&depot).await.unwrap();
    tx.depots().tariff_put(&tariff).await.unwrap();
    tx.commit().await.unwrap();
    depot.id
}

/// A session from one minute to another.
async fn session(
    fixture: &Fixture,
    ids: &Arc<CountingIds>,
    organisation: OrganisationId,
    place: TransactionPlace,
    (from, to): (i64, i64),
    drawn: i64,
) {
    let recorder = Recorder::new(fixture.clock.clone(), ids.clone());
    let mut tx = Begin::<dyn TransactionTx>::begin(&*fixture.sea).await.unwrap();
    let begun = recorder.start(&mut *tx, organisation, testing::start(place, from)).await.unwrap();
    let stop = testing::stop(begun.transaction.number, to, 1_000 + drawn);
    recorder.stop(&mut *tx, organisation, place, stop).await.unwrap();
    tx.commit().await.unwrap();
}

/// What a connector drew in the quarter of an hour that begins at a minute.
fn quarter(organisation: OrganisationId, place: TransactionPlace, minute: i64, energy: i64) -> Quarter {
    Quarter {
        organisation,
        depot: place.depot,
        charge_point: place.charge_point,
        connector: place.connector,
        at: testing::minute(minute),
        sums: QuarterSums { energy: Wh(energy), readings: 1, ..QuarterSums::default() },
    }
}

async fn sessions_cost_what_the_tariff_says_of_their_quarters(fixture: &Fixture) {
    let ids = Arc::new(CountingIds::default());
    let organisation = OrganisationId::from(ids.uuid());
    let depot = depot(fixture, &ids, organisation).await;
    let place = || TransactionPlace { depot, ..testing::place(&ids) };
    // The clock begins at nine: the dear hour is from minute 60 until minute 120.
    let read = place();
    session(fixture, &ids, organisation, read, (50, 75), 6_000).await;
    // What it drew before and after is not of that session, nor what another connector did.
    let other = TransactionPlace { connector: 2, ..read };
    let quarters = [
        quarter(organisation, read, 30, 9_000),
        quarter(organisation, read, 45, 1_000),
        quarter(organisation, read, 60, 2_000),
        quarter(organisation, read, 75, 9_000),
        quarter(organisation, other, 60, 9_000),
    ];
    fixture.sea.quarters_save(&quarters).await.unwrap();
    // Of this one only beginning and end are known.
    session(fixture, &ids, organisation, place(), (110, 130), 2_000).await;
    // Nobody knows what is paid there.
    session(fixture, &ids, organisation, testing::place(&ids), (111, 120), 2_000).await;
    // It took no energy.
    session(fixture, &ids, organisation, place(), (112, 112), 0).await;

    let now = fixture.clock.now();
    let wanted = Wanted { organisation, depots: None, from: now, to: now + TimeDelta::days(1) };
    let sessions = fixture.sea.sessions(&wanted, None, 10).await.unwrap();
    let costs = fixture.sea.costs(organisation, &sessions).await.unwrap();
    let euros = |micros| Some(Money { currency: "EUR".to_owned(), micros });
    assert_eq!(costs, [euros(2_400_000), euros(700_000), None, euros(0)]);
    let again = fixture.sea.costs(organisation, &sessions[1..2]).await.unwrap();
    assert_eq!(again, costs[1..2], "a session costs the same whoever is asked for beside it");
    let theirs = fixture.sea.costs(OrganisationId::from(ids.uuid()), &sessions).await.unwrap();
    assert_eq!(theirs, [const { None }; 4]);
}
