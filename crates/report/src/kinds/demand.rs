//! What each depot's chargers drew in every quarter of an hour, beside what its connection allows.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{NaiveDate, TimeDelta};
use kernel::{StoreError, Timestamp, W, Wh};

use super::{
    Batch, Making, Material, column,
    days::{Day, Together, chart},
};
use crate::{
    port::{DemandQuarter, DepotFacts},
    table::{Cell, Column, ColumnKind, Foot},
};

pub(super) const COLUMNS: &[Column] = &[
    column("depot", "Depot", ColumnKind::Text),
    column("from", "Quarter", ColumnKind::Instant),
    column("energy_kwh", "Energy (kWh)", ColumnKind::Number),
    column("demand_kw", "Demand (kW)", ColumnKind::Number),
    column("limit_kw", "Limit (kW)", ColumnKind::Number),
    column("used_percent", "Used (%)", ColumnKind::Number),
    column("over_kw", "Over (kW)", ColumnKind::Number),
];

/// How much is read at once.
const SPAN: TimeDelta = TimeDelta::days(7);
/// Quarters in an hour.
const PER_HOUR: i64 = 4;

pub(super) struct Demand {
    material: Material,
    /// Which depot, and from when on.
    depot: usize,
    at: Timestamp,
    energy: Wh,
    peak: W,
    quarters_over: i64,
    days: BTreeMap<NaiveDate, Day>,
}

impl Demand {
    pub(super) fn new(material: Material) -> Self {
        let at = material.wanted.from;
        Self {
            material,
            depot: 0,
            at,
            energy: Wh::ZERO,
            peak: W::ZERO,
            quarters_over: 0,
            days: BTreeMap::new(),
        }
    }

    fn row(&mut self, depot: &DepotFacts, quarter: DemandQuarter, limit: Option<W>) -> Vec<Cell> {
        let demand = W(quarter.energy.get().saturating_mul(PER_HOUR));
        let over = limit.map(|limit| (demand - limit).at_least_zero());
        self.energy += quarter.energy;
        self.peak = self.peak.max(demand);
        self.quarters_over += i64::from(over.is_some_and(|over| over > W::ZERO));
        let day = self.days.entry(quarter.at.with_timezone(&depot.zone).date_naive()).or_default();
        day.value = day.value.max(demand.to_kilo());
        // Limits of several depots are no limit of their sum.
        if self.material.depots.len() == 1 {
            let limit = limit.map(W::to_kilo);
            day.limit = match (day.limit, limit) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            };
        }
        let used = limit.filter(|limit| *limit > W::ZERO);
        let used = used.map(|limit| i128::from(demand.get()) * 100_000 / i128::from(limit.get()));
        vec![
            Cell::text(depot.name.clone()),
            Cell::Instant(quarter.at),
            Cell::kwh(quarter.energy),
            Cell::kw(demand),
            Cell::or_empty(limit, Cell::kw),
            Cell::or_empty(used.and_then(|used| i64::try_from(used).ok()), Cell::Milli),
            Cell::or_empty(over, Cell::kw),
        ]
    }
}

#[async_trait]
impl Making for Demand {
    async fn next(&mut self) -> Result<Option<Batch>, StoreError> {
        let Some(depot) = self.material.depots.get(self.depot).cloned() else { return Ok(None) };
        let Material { source, wanted, .. } = &self.material;
        let to = (self.at + SPAN).min(wanted.to);
        let quarters = source.demand(wanted.organisation, depot.id, self.at, to).await?;
        let at: Vec<Timestamp> = quarters.iter().map(|quarter| quarter.at).collect();
        let limits = source.limits(wanted.organisation, depot.id, &at).await?;
        let rows = quarters
            .into_iter()
            .zip(limits)
            .map(|(quarter, limit)| self.row(&depot, quarter, limit))
            .collect();
        let within = usize::from(self.material.progress(to));
        let progress = (self.depot * 100 + within) / self.material.depots.len();
        if to < self.material.wanted.to {
            self.at = to;
        } else {
            (self.depot, self.at) = (self.depot + 1, self.material.wanted.from);
        }
        Ok(Some(Batch { rows, progress: u8::try_from(progress).unwrap_or(100) }))
    }

    fn foot(&mut self) -> Foot {
        let chart = chart("Highest demand by day", "kW", &self.days, Together::Highest);
        let totals = vec![
            ("Energy (kWh)".into(), Cell::kwh(self.energy)),
            ("Highest demand (kW)".into(), Cell::kw(self.peak)),
            ("Quarters over the limit".into(), Cell::Integer(self.quarters_over)),
        ];
        Foot { rows: 0, totals, chart }
    }
}
