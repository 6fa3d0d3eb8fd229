//! Times a depot of 2,000 vehicles on its way from what is seen to its outlook: the problem, the plan, the
//! answer. Run by `cargo run --release -p charging --example bench_outlook`.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Instant,
};

use charge_point::{CurrentType, testing::charger_at};
use charging::{
    outlook::{History, Sight, Trigger, outlook, prospects, question},
    plan::{ProblemError, Settings, plan},
};
use chrono::TimeDelta;
use depot::{
    CircuitLimit, CircuitNode, ElectricityTariff, LimitWindow, Precedence, Price, PriceBand, Schedule,
};
use depot::{Topology, WeekBand, Weekdays};
use dispatch::{Readiness, Run, RunState};
use kernel::{
    Clock, IdSource, Soc, TimeOfDay, Version, W, Wh,
    testing::{CountingIds, FakeClock},
};
use transaction::{OpenSession, TransactionNumber, TransactionPlace, TransactionState};
use vehicle::{SocObservation, SocSource, testing::bus};

const PANELS: usize = 40;
const PER_PANEL: usize = 50;

fn main() -> Result<(), ProblemError> {
    let sight = depot();
    let begun = now();
    let question = question(&sight, &BTreeSet::new())?;
    let built = now();
    let planned = plan(&question.problem, Settings::default());
    let solved = now();
    let found = outlook(&sight, &question, &planned, Trigger::NewSlot);
    let judged = prospects(&sight, &question, &found.plan);
    let answered = now();
    println!(
        "{} vehicles, {} demands, {} circuits, {} slots, {} runs",
        sight.vehicles.len(),
        question.problem.demands().len(),
        question.problem.circuits().len(),
        question.grid.slots,
        judged.len(),
    );
    let shown = |from: Instant, to: Instant| (to - from).as_secs_f64() * 1000.0;
    println!("problem {:>9.1} ms", shown(begun, built));
    println!("plan    {:>9.1} ms", shown(built, solved));
    println!("answer  {:>9.1} ms", shown(solved, answered));
    println!("unmet   {:>9.0} kWh", found.plan.unmet().to_kilo());
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a measurement is about the machine's own time")]
fn now() -> Instant {
    Instant::now()
}

/// Everybody is plugged in and has a run in the morning and another in the afternoon.
fn depot() -> Sight {
    let (ids, clock) = (CountingIds::default(), FakeClock::default());
    let now = clock.now();
    let home = depot::testing::depot(&ids, ids.uuid().into(), "D-1");
    let node = |circuit| CircuitNode { circuit, windows: Vec::new(), externals: Vec::new() };
    let mut grid = node(depot::testing::circuit(&ids, &home, None));
    grid.circuit.limit = CircuitLimit::power(W(14_000_000));
    let night = WeekBand::new(Weekdays::ALL, TimeOfDay::at(22, 0), TimeOfDay::at(6, 0));
    let mut nodes = vec![grid.clone()];
    let mut sight_of = (Vec::new(), Vec::new(), BTreeMap::new(), Vec::new());
    for panel in 0..PANELS {
        let mut circuit = node(depot::testing::circuit(&ids, &home, Some(&grid.circuit)));
        circuit.circuit.limit = CircuitLimit::power(W(500_000));
        circuit.windows.extend(night.map(|band| LimitWindow {
            id: ids.uuid().into(),
            organisation: home.organisation,
            depot: home.id,
            circuit: circuit.circuit.id,
            version: Version::FIRST,
            name: None,
            precedence: Precedence::default(),
            schedule: Schedule::Weekly(band),
            limit: CircuitLimit::power(W(350_000)),
            created_at: now,
            updated_at: now,
        }));
        for nth in 0..PER_PANEL {
            let at = panel * PER_PANEL + nth;
            let spread = i64::try_from(at % 40).unwrap_or_default();
            let mut charger = charger_at(&ids, home.organisation, home.id, &format!("CP-{at}"));
            charger.circuit = Some(circuit.circuit.id);
            charger.live.online = true;
            if at.is_multiple_of(4) {
                charger.electrics.current = CurrentType::Dc;
                charger.max_power = W(150_000);
            }
            let place = TransactionPlace {
                charge_point: charger.id,
                depot: home.id,
                evse: charger.evses.first().map(|evse| evse.id),
                evse_number: 1,
                connector: 1,
            };
            let mut vehicle = bus(&ids, home.organisation, &format!("B-{at}"));
            vehicle.depot = Some(home.id);
            vehicle.target_soc = Soc::from_hundredths(5_000).unwrap_or_default();
            let soc = Soc::from_hundredths(u16::try_from(2_000 + spread * 100).unwrap_or(2_000));
            vehicle.soc = soc.map(|soc| SocObservation { soc, source: SocSource::Charger, at: now });
            for (departs, lasts) in [(6 * 60 + spread * 5, 240), (18 * 60 + spread * 5, 180)] {
                let departure_at = now + TimeDelta::minutes(departs);
                sight_of.3.push(Run {
                    id: ids.uuid().into(),
                    organisation: home.organisation,
                    version: Version::FIRST,
                    depot: home.id,
                    service_date: departure_at.date_naive(),
                    block: format!("{at}-{departs}"),
                    departure_at,
                    arrival_at: departure_at + TimeDelta::minutes(lasts),
                    distance_m: None,
                    energy_required: Some(Wh(60_000)),
                    required_soc: None,
                    minimum_soc: Soc::from_hundredths(1_000).unwrap_or_default(),
                    vehicle: Some(vehicle.id),
                    vehicle_class: None,
                    priority_level: None,
                    series: None,
                    series_date: None,
                    by_hand: true,
                    departed_at: None,
                    state: RunState::Planned,
                    readiness: Readiness::default(),
                    created_at: now,
                    updated_at: now,
                });
            }
            sight_of.1.push(OpenSession {
                transaction: ids.uuid().into(),
                number: TransactionNumber(1),
                place,
                vehicle: Some(vehicle.id),
                id_tag: None,
                state: TransactionState::Active,
                started_at: now - TimeDelta::hours(2),
                energy: Wh(20_000),
                latest: None,
            });
            sight_of.2.insert(vehicle.id, vehicle);
            sight_of.0.push(charger);
        }
        nodes.push(circuit);
    }
    let (chargers, sessions, vehicles, mut runs) = sight_of;
    runs.sort_by_key(|run| (run.departure_at, run.id));
    let price = |text| Price::parse(text).ok();
    let tariff = price("0.28").zip(price("0.19")).map(|(base_price, cheap)| ElectricityTariff {
        organisation: home.organisation,
        depot: home.id,
        version: Version::FIRST,
        currency: "EUR".into(),
        base_price,
        bands: night.map(|band| PriceBand { name: None, band, price: cheap }).into_iter().collect(),
        demand_charge: price("3"),
        demand_target: None,
        may_break_demand_target: false,
        created_at: now,
        updated_at: now,
    });
    Sight {
        now,
        topology: Topology { depot: home.into(), circuits: nodes.into(), loads: BTreeMap::new() },
        tariff,
        chargers,
        sessions,
        vehicles,
        runs,
        priorities: BTreeMap::new(),
        setpoints: BTreeMap::new(),
        drawn: BTreeMap::new(),
        history: History::default(),
        before: None,
        reserve: Soc::EMPTY,
        stalled_after: TimeDelta::minutes(20),
    }
}
