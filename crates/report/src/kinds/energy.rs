//! The energy of sessions and what it cost, by the day they began, depot and vehicle.
//!
//! A session counts wholly on the day it began by the clock of its depot, so that all rows together
//! are all sessions together. Days are handed out when no session can add to them any more.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{NaiveDate, TimeDelta};
use kernel::{DepotId, StoreError, VehicleId, Wh};

use super::{
    Batch, Making, Material, STEP, column,
    days::{Day, Together, chart},
    spent::Spent,
};
use crate::{
    port::{Money, SessionFacts, SessionPlace},
    table::{Cell, Column, ColumnKind, Foot},
};

pub(super) const COLUMNS: &[Column] = &[
    column("date", "Day", ColumnKind::Date),
    column("depot", "Depot", ColumnKind::Text),
    column("vehicle", "Vehicle", ColumnKind::Text),
    column("sessions", "Sessions", ColumnKind::Number),
    column("energy_kwh", "Energy (kWh)", ColumnKind::Number),
    column("energy_cost", "Energy cost", ColumnKind::Number),
    column("currency", "Currency", ColumnKind::Text),
];

/// Clocks are at most this far from UTC, and go back by less than the rest of it.
const SLACK: TimeDelta = TimeDelta::days(2);

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Group {
    day: NaiveDate,
    depot_name: String,
    depot: DepotId,
    vehicle_name: Option<String>,
    vehicle: Option<VehicleId>,
    currency: Option<String>,
}

#[derive(Default)]
struct Sums {
    sessions: i64,
    energy: Wh,
    micros: i64,
}

pub(super) struct Energy {
    material: Material,
    after: Option<SessionPlace>,
    ended: bool,
    groups: BTreeMap<Group, Sums>,
    energy: Wh,
    sessions: i64,
    spent: Spent,
    days: BTreeMap<NaiveDate, Day>,
}

impl Energy {
    pub(super) fn new(material: Material) -> Self {
        Self {
            material,
            after: None,
            ended: false,
            groups: BTreeMap::new(),
            energy: Wh::ZERO,
            sessions: 0,
            spent: Spent::default(),
            days: BTreeMap::new(),
        }
    }

    fn add(&mut self, session: SessionFacts, cost: Option<Money>) {
        let zone = self.material.zone_of(session.depot);
        let day = session.place.started_at.with_timezone(&zone).date_naive();
        self.energy += session.energy;
        self.sessions += 1;
        self.days.entry(day).or_default().value += session.energy.to_kilo();
        self.spent.add(cost.as_ref());
        let (vehicle, vehicle_name) = session.vehicle.unzip();
        let micros = cost.as_ref().map_or(0, |cost| cost.micros);
        let group = Group {
            day,
            depot_name: self.material.depot_name(session.depot),
            depot: session.depot,
            vehicle_name,
            vehicle,
            currency: cost.map(|cost| cost.currency),
        };
        let sums = self.groups.entry(group).or_default();
        sums.sessions += 1;
        sums.energy += session.energy;
        sums.micros += micros;
    }

    /// Takes out the days that are over; all of them at the end.
    fn hand_out(&mut self) -> Vec<Vec<Cell>> {
        let over = match self.after {
            Some(place) if !self.ended => (place.started_at - SLACK).date_naive(),
            _ => NaiveDate::MAX,
        };
        let mut rows = Vec::new();
        while let Some(first) = self.groups.first_entry() {
            if first.key().day >= over {
                break;
            }
            let (group, sums) = first.remove_entry();
            let known = group.currency.is_some();
            rows.push(vec![
                Cell::Date(group.day),
                Cell::text(group.depot_name),
                Cell::or_empty(group.vehicle_name, Cell::text),
                Cell::Integer(sums.sessions),
                Cell::kwh(sums.energy),
                if known { Cell::Micro(sums.micros) } else { Cell::Empty },
                Cell::or_empty(group.currency, Cell::text),
            ]);
        }
        rows
    }
}

#[async_trait]
impl Making for Energy {
    async fn next(&mut self) -> Result<Option<Batch>, StoreError> {
        if self.ended {
            return Ok(None);
        }
        let Material { source, costs, wanted, .. } = &self.material;
        let found = source.sessions(wanted, self.after, STEP).await?;
        let costs = costs.costs(wanted.organisation, &found).await?;
        self.ended = found.len() < STEP as usize;
        self.after = found.last().map(|session| session.place);
        let progress = self.after.map_or(100, |place| self.material.progress(place.started_at));
        for (session, cost) in found.into_iter().zip(costs) {
            self.add(session, cost);
        }
        Ok(Some(Batch { rows: self.hand_out(), progress }))
    }

    fn foot(&mut self) -> Foot {
        let chart = chart("Energy by day", "kWh", &self.days, Together::Sum);
        let mut totals = vec![
            ("Sessions".into(), Cell::Integer(self.sessions)),
            ("Energy (kWh)".into(), Cell::kwh(self.energy)),
        ];
        totals.extend(self.spent.totals());
        Foot { rows: 0, totals, chart }
    }
}
