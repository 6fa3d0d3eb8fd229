//! Every session that began in the time, one a row.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::NaiveDate;
use kernel::{Soc, StoreError, Wh};

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
    column("transaction_id", "Session", ColumnKind::Text),
    column("depot", "Depot", ColumnKind::Text),
    column("charge_point", "Charger", ColumnKind::Text),
    column("connector", "Connector", ColumnKind::Number),
    column("vehicle", "Vehicle", ColumnKind::Text),
    column("id_tag", "Id tag", ColumnKind::Text),
    column("started_at", "Start", ColumnKind::Instant),
    column("stopped_at", "End", ColumnKind::Instant),
    column("duration_minutes", "Minutes", ColumnKind::Number),
    column("energy_kwh", "Energy (kWh)", ColumnKind::Number),
    column("energy_cost", "Energy cost", ColumnKind::Number),
    column("currency", "Currency", ColumnKind::Text),
    column("soc_start_percent", "SoC start (%)", ColumnKind::Number),
    column("soc_end_percent", "SoC end (%)", ColumnKind::Number),
    column("state", "State", ColumnKind::Text),
    column("stop_reason", "Reason", ColumnKind::Text),
    column("flags", "Remarks", ColumnKind::Text),
];

pub(super) struct Sessions {
    material: Material,
    after: Option<SessionPlace>,
    ended: bool,
    energy: Wh,
    sessions: i64,
    spent: Spent,
    days: BTreeMap<NaiveDate, Day>,
}

impl Sessions {
    pub(super) fn new(material: Material) -> Self {
        Self {
            material,
            after: None,
            ended: false,
            energy: Wh::ZERO,
            sessions: 0,
            spent: Spent::default(),
            days: BTreeMap::new(),
        }
    }

    fn row(&mut self, session: SessionFacts, cost: Option<Money>) -> Vec<Cell> {
        self.spent.add(cost.as_ref());
        self.energy += session.energy;
        self.sessions += 1;
        let zone = self.material.zone_of(session.depot);
        let day = session.place.started_at.with_timezone(&zone).date_naive();
        self.days.entry(day).or_default().value += session.energy.to_kilo();
        let minutes = session.stopped_at.map(|end| (end - session.place.started_at).num_milliseconds() / 60);
        let soc = |soc: Option<Soc>| Cell::or_empty(soc, |soc| Cell::Milli(i64::from(soc.hundredths()) * 10));
        vec![
            Cell::text(session.place.id.to_string()),
            Cell::text(self.material.depot_name(session.depot)),
            Cell::text(session.charge_point),
            Cell::Integer(session.connector.into()),
            Cell::or_empty(session.vehicle, |(_, name)| Cell::text(name)),
            Cell::or_empty(session.id_tag, Cell::text),
            Cell::Instant(session.place.started_at),
            Cell::or_empty(session.stopped_at, Cell::Instant),
            Cell::or_empty(minutes, Cell::Milli),
            Cell::kwh(session.energy),
            Cell::or_empty(cost.as_ref().map(|cost| cost.micros), Cell::Micro),
            Cell::or_empty(cost, |cost| Cell::text(cost.currency)),
            soc(session.soc_start),
            soc(session.soc_end),
            Cell::text(session.state),
            Cell::or_empty(session.stop_reason, Cell::text),
            Cell::text(session.flags.join(" ")),
        ]
    }
}

#[async_trait]
impl Making for Sessions {
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
        let rows = found.into_iter().zip(costs).map(|(session, cost)| self.row(session, cost)).collect();
        Ok(Some(Batch { rows, progress }))
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
