//! Power of depots, circuits and chargers, beside limits and plans.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use depot::{CircuitNode, TimeZone};
use kernel::{CircuitId, DepotId, Timestamp, W};

use super::{Found, Read, Sheet};
use crate::{
    error::ChartError,
    fold::{BELIEVED, QUARTER, fold, mean, minutes, peak, plan, power, quarter_of, with_others},
    kind::Resolution,
    model::{Point, Series, Shape, Subject},
};

/// What was drawn, quarter by quarter, as far as it is known.
type Powers = Vec<(Timestamp, Option<W>)>;

impl Sheet<'_> {
    /// What was drawn, with the limit and, of a depot, the plan.
    pub(super) async fn power(&self, found: &Found) -> Result<Vec<Series>, ChartError> {
        let Some(meter) = found.meter() else { return Ok(Vec::new()) };
        let mut series = Vec::new();
        if self.resolution == Resolution::Minute {
            let (from, to) = (self.grid.from(), self.grid.to());
            let open = self.store.open_times(self.organisation, &meter, from, to).await?;
            let read = Read { sums: Vec::new(), open, since: found.since, until: self.now };
            let means = self.store.minute_means(self.organisation, &meter, from - BELIEVED, to).await?;
            let points = minutes(&self.grid, &means, &read.past());
            series.push(Series::new("charging", "Charging", Shape::Line, points));
        } else {
            let powers = self.powers(&self.read(&meter, found).await?);
            series.push(Series::new("charging", "Charging", Shape::Line, fold(&self.grid, &powers, mean)));
            if let Some(total) = self.total(found, &powers).await? {
                let points = fold(&self.grid, &total, mean);
                series.push(Series::new("total", "Charging and others", Shape::Line, points));
            }
        }
        if let Subject::Depot(depot) = found.subject {
            series.extend(self.plan(depot).await?);
        }
        series.extend(self.limit(found));
        Ok(series)
    }

    pub(super) async fn plan_vs_actual(&self, found: &Found) -> Result<Vec<Series>, ChartError> {
        let (Some(meter), Subject::Depot(depot)) = (found.meter(), found.subject) else {
            return Ok(Vec::new());
        };
        let powers = self.powers(&self.read(&meter, found).await?);
        let actual = Series::new("actual", "Actual", Shape::Line, fold(&self.grid, &powers, mean));
        let planned = self.plan(depot).await?;
        // That nothing was planned is worth showing here.
        let nothing = || Series::new("planned", "Planned", Shape::Plan, plan(&self.grid, &[]));
        Ok(vec![actual, planned.unwrap_or_else(nothing)])
    }

    /// The quarter of an hour with the most, of each bucket: what a demand charge is reckoned by.
    pub(super) async fn demand_peaks(&self, found: &Found) -> Result<Vec<Series>, ChartError> {
        let (Some(meter), Subject::Depot(depot)) = (found.meter(), found.subject) else {
            return Ok(Vec::new());
        };
        let powers = self.powers(&self.read(&meter, found).await?);
        let mut series =
            vec![Series::new("charging", "Charging", Shape::Bars, fold(&self.grid, &powers, peak))];
        if let Some(total) = self.total(found, &powers).await? {
            let points = fold(&self.grid, &total, peak);
            series.push(Series::new("total", "Charging and others", Shape::Bars, points));
        }
        if let Some(target) = self.store.demand_target(self.organisation, depot).await? {
            let points = self.constant(target);
            series.push(Series::new("target", "Demand target", Shape::Target, points));
        }
        series.extend(self.limit(found));
        Ok(series)
    }

    fn powers(&self, read: &Read) -> Powers {
        let quarters = read.past().quarters(&self.grid);
        quarters.into_iter().map(|(at, sum)| (at, sum.map(|sum| power(sum.energy)))).collect()
    }

    /// With what others draw on the circuit or below it, where that is measured.
    async fn total(&self, found: &Found, powers: &Powers) -> Result<Option<Powers>, ChartError> {
        let (Subject::Depot(depot) | Subject::Circuit(depot, _)) = found.subject else { return Ok(None) };
        let Some((tree, node)) = found.tree.as_ref().zip(node(found)) else { return Ok(None) };
        let circuits: BTreeSet<CircuitId> = tree
            .circuits
            .iter()
            .map(|below| below.circuit.id)
            .filter(|below| tree.path(*below).any(|above| above.circuit.id == node.circuit.id))
            .collect();
        let (from, to) = (quarter_of(self.grid.from()), self.grid.to());
        let others = self.store.load_of_others(self.organisation, depot, from, to).await?;
        Ok(with_others(powers, &others, &circuits))
    }

    async fn plan(&self, depot: DepotId) -> Result<Option<Series>, ChartError> {
        let (from, to) = (quarter_of(self.grid.from()), self.grid.to());
        let planned = self.store.planned(self.organisation, depot, from, to).await?;
        let series = || Series::new("planned", "Planned", Shape::Plan, plan(&self.grid, &planned));
        Ok((!planned.is_empty()).then(series))
    }

    fn limit(&self, found: &Found) -> Option<Series> {
        let points = limits(self, node(found)?, found.zone);
        points
            .iter()
            .any(|point| point.value.is_some())
            .then(|| Series::new("limit", "Limit", Shape::Limit, points))
    }

    fn constant(&self, power: W) -> Vec<Point> {
        self.grid.buckets().map(|(at, _)| Point { at, value: Some(power.to_kilo()) }).collect()
    }
}

/// The circuit whose limit counts; a charger has none of its own.
fn node(found: &Found) -> Option<&CircuitNode> {
    let tree = found.tree.as_ref()?;
    match found.subject {
        Subject::Depot(_) => tree.root(),
        Subject::Circuit(_, circuit) => tree.node(circuit),
        Subject::ChargePoint(_) | Subject::Vehicle(_) => None,
    }
}

/// The lowest limit within each bucket, by the rules as they are now: nobody keeps older ones.
fn limits(sheet: &Sheet<'_>, node: &CircuitNode, zone: TimeZone) -> Vec<Point> {
    let limit = |at: Timestamp| node.effective_limit(zone, at).total_power();
    if node.windows.is_empty() && node.externals.is_empty() {
        let always = limit(sheet.grid.from()).map(W::to_kilo);
        return sheet.grid.buckets().map(|(at, _)| Point { at, value: always }).collect();
    }
    let step = if sheet.resolution < Resolution::Day { QUARTER } else { TimeDelta::hours(1) };
    let lowest = |from: Timestamp, to: Timestamp| {
        let instants = std::iter::successors(Some(from), |at| Some(*at + step)).take_while(|at| *at < to);
        instants.filter_map(limit).min().map(W::to_kilo)
    };
    sheet.grid.buckets().map(|(from, to)| Point { at: from, value: lowest(from, to) }).collect()
}
