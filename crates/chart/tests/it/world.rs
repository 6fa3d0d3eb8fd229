//! A depot in Berlin to draw charts of.

use std::sync::Arc;

use chart::{
    Chart, ChartError, ChartRequest, ChartService, Kind, Point, RunOutcome, Series,
    testing::{ChargerFact, Fact, FakeCharts, QuarterFact, SessionFact, VehicleFact, Yard},
};
use chrono::{Days, TimeDelta};
use depot::{Circuit, Depot};
use futures::executor::block_on;
use kernel::{
    ChargePointId, Clock, IdSource, Scope, Soc, Timestamp, VehicleId, W, Wh,
    testing::{CountingIds, FakeClock},
};

/// Monday, 2 March 2026, 08:00 in UTC, 09:00 in Berlin: now, in these tests.
pub fn now() -> Timestamp {
    FakeClock::default().now()
}

pub fn hours(hours: i64) -> Timestamp {
    now() + TimeDelta::hours(hours)
}

pub struct World {
    pub store: Arc<FakeCharts>,
    pub service: ChartService,
    pub scope: Scope,
    pub depot: Depot,
    pub grid: Circuit,
    pub panel: Circuit,
    pub chargers: [ChargePointId; 2],
    pub vehicle: VehicleId,
    pub ids: CountingIds,
}

impl World {
    pub fn new() -> Self {
        let ids = CountingIds::default();
        let scope = Scope::system(ids.uuid().into());
        let mut depot = depot::testing::depot(&ids, scope.organisation(), "A");
        depot.created_at = hours(-24 * 400);
        let grid = depot::testing::circuit(&ids, &depot, None);
        let panel = depot::testing::circuit(&ids, &depot, Some(&grid));
        let chargers = [ids.uuid().into(), ids.uuid().into()];
        let store = Arc::new(FakeCharts::default());
        let service = ChartService::new(store.clone(), Arc::new(FakeClock::default()));
        let vehicle = ids.uuid().into();
        let world = Self { store, service, scope, depot, grid, panel, chargers, vehicle, ids };
        world.add(Fact::Depot(Box::new(world.depot.clone())));
        world.add(Fact::Circuit(Box::new(world.grid.clone())));
        world.add(Fact::Circuit(Box::new(world.panel.clone())));
        for (n, id) in chargers.into_iter().enumerate() {
            world.add(Fact::Charger(ChargerFact {
                organisation: world.scope.organisation(),
                id,
                depot: world.depot.id,
                circuit: (n == 1).then_some(world.panel.id),
                name: format!("CP-{n}"),
                power: W(50_000),
            }));
        }
        world.add(Fact::Vehicle(VehicleFact {
            organisation: world.scope.organisation(),
            id: vehicle,
            depot: Some(world.depot.id),
            name: "B-1".to_owned(),
            target: Soc::from_percent(90.0).unwrap(),
        }));
        world
    }

    pub fn add(&self, fact: Fact) {
        block_on(self.store.add(fact));
    }

    pub fn quarter(&self, charger: usize, at: Timestamp, energy: i64) {
        self.quarter_with(charger, at, energy, None);
    }

    pub fn quarter_with(&self, charger: usize, at: Timestamp, energy: i64, soc: Option<f64>) {
        self.add(Fact::Quarter(QuarterFact {
            organisation: self.scope.organisation(),
            depot: self.depot.id,
            charge_point: self.chargers[charger],
            connector: 1,
            at,
            energy: Wh(energy),
            soc: soc.and_then(Soc::from_percent),
        }));
    }

    pub fn session(&self, charger: usize, from: Timestamp, to: Option<Timestamp>, soc: Option<(f64, f64)>) {
        let soc = soc.map(|(start, end)| (Soc::from_percent(start), Soc::from_percent(end)));
        self.add(Fact::Session(SessionFact {
            id: self.ids.uuid().into(),
            organisation: self.scope.organisation(),
            depot: self.depot.id,
            charge_point: self.chargers[charger],
            connector: 1,
            vehicle: (charger == 0).then_some(self.vehicle),
            from,
            to,
            soc: soc.unwrap_or_default(),
        }));
    }

    pub fn run(&self, days_ago: u64, outcome: RunOutcome) {
        let service_date = now().date_naive().checked_sub_days(Days::new(days_ago)).unwrap();
        let (organisation, depot) = (self.scope.organisation(), self.depot.id);
        self.add(Fact::Run { organisation, depot, service_date, outcome });
    }

    /// A night as depots have it: two chargers from the evening until the morning, an hour without news
    /// of either, a plan, and a building that draws power too.
    pub fn night(&self) {
        let (organisation, depot) = (self.scope.organisation(), self.depot.id);
        self.session(0, hours(-12), Some(hours(-3)), Some((20.0, 90.0)));
        self.session(1, hours(-10), Some(hours(-2)), None);
        for n in 0..96_i64 {
            let at = hours(-24) + TimeDelta::minutes(15 * n);
            let draws = [(48, 84, 10_000), (56, 88, 6_000)];
            for (charger, (from, to, most)) in draws.into_iter().enumerate() {
                let silent = (64..68).contains(&n);
                if (from..to).contains(&n) && !silent {
                    let energy = most - (n - from) * most / 60;
                    let soc =
                        (charger == 0).then(|| 20.0 + f64::from(i32::try_from(n - from).unwrap()) * 1.9);
                    self.quarter_with(charger, at, energy, soc);
                }
            }
            if (46..90).contains(&n) {
                let power = W(40_000 - (n - 46) * 400);
                self.add(Fact::Slot { organisation, depot, at, power });
            }
            let power = W(8_000 + (n % 8) * 700);
            self.add(Fact::Load { circuit: self.grid.id, at, power });
        }
    }

    pub fn of_depot(&self) -> ChartRequest {
        ChartRequest { depot: Some(self.depot.id), ..ChartRequest::default() }
    }

    pub fn try_chart(&self, kind: Kind, request: &ChartRequest) -> Result<Chart, ChartError> {
        block_on(self.service.chart(&self.scope, kind, request))
    }

    pub fn chart(&self, kind: Kind, request: &ChartRequest) -> Chart {
        self.try_chart(kind, request).unwrap()
    }
}

pub fn series<'a>(chart: &'a Chart, name: &str) -> &'a Series {
    chart.series.iter().find(|series| series.name == name).unwrap_or_else(|| panic!("{chart:?}"))
}

pub fn value_at(series: &Series, at: Timestamp) -> Option<f64> {
    series.points.iter().find(|point| point.at == at).unwrap_or_else(|| panic!("{at} of {series:?}")).value
}

pub fn values(points: &[Point]) -> Vec<Option<f64>> {
    points.iter().map(|point| point.value).collect()
}
