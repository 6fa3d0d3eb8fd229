//! For how much of the time each charger delivered energy, and how much.

use async_trait::async_trait;
use chrono::TimeDelta;
use kernel::{ChargePointId, StoreError, Wh};

use super::{Batch, Making, Material, column, guessed};
use crate::{
    port::ChargerFacts,
    table::{Bar, Cell, Chart, Column, ColumnKind, Foot},
};

pub(super) const COLUMNS: &[Column] = &[
    column("depot", "Depot", ColumnKind::Text),
    column("charge_point", "Charger", ColumnKind::Text),
    column("connectors", "Connectors", ColumnKind::Number),
    column("max_power_kw", "Rated (kW)", ColumnKind::Number),
    column("sessions", "Sessions", ColumnKind::Number),
    column("energy_kwh", "Energy (kWh)", ColumnKind::Number),
    column("charging_hours", "Charging (h)", ColumnKind::Number),
    column("utilisation_percent", "Utilisation (%)", ColumnKind::Number),
    column("peak_power_kw", "Peak (kW)", ColumnKind::Number),
    column("online_now", "Online now", ColumnKind::Number),
    column("connectors_faulted_now", "Faulted now", ColumnKind::Number),
];

/// Chargers read at once: each has a year of quarters behind it.
const CHARGERS: u32 = 50;
/// Bars that a chart has room for.
const BARS: usize = 40;

pub(super) struct Utilisation {
    material: Material,
    after: Option<ChargePointId>,
    ended: bool,
    read: u64,
    energy: Wh,
    sessions: i64,
    bars: Vec<Bar>,
}

impl Utilisation {
    pub(super) fn new(material: Material) -> Self {
        Self { material, after: None, ended: false, read: 0, energy: Wh::ZERO, sessions: 0, bars: Vec::new() }
    }

    fn row(&mut self, charger: ChargerFacts) -> Vec<Cell> {
        let sessions = i64::try_from(charger.sessions).unwrap_or(i64::MAX);
        self.read += 1;
        self.energy += charger.energy;
        self.sessions += sessions;
        let hours = i64::try_from(charger.quarters_charging).unwrap_or(0).saturating_mul(250);
        let percent = utilisation(&charger, self.material.wanted.to - self.material.wanted.from);
        if let Some(value) = Cell::or_empty(percent, Cell::Milli).number() {
            self.bars.push(Bar { label: charger.identity.clone(), value, limit: None });
            // Only the busiest are shown; keep no more than twice their number.
            if self.bars.len() >= 2 * BARS {
                busiest(&mut self.bars);
            }
        }
        vec![
            Cell::text(self.material.depot_name(charger.depot)),
            Cell::text(charger.identity),
            Cell::Integer(charger.connectors.into()),
            Cell::kw(charger.max_power),
            Cell::Integer(sessions),
            Cell::kwh(charger.energy),
            Cell::Milli(hours),
            Cell::or_empty(percent, Cell::Milli),
            Cell::or_empty(charger.peak_power, Cell::kw),
            Cell::Integer(charger.online.into()),
            Cell::Integer(charger.connectors_faulted.into()),
        ]
    }
}

/// The share of its connectors' time in which energy flowed, in thousandths of a percent.
fn utilisation(charger: &ChargerFacts, time: TimeDelta) -> Option<i64> {
    let quarters = i128::from(time.num_seconds()) * i128::from(charger.connectors);
    let charging = i128::from(charger.quarters_charging) * 900;
    (quarters > 0).then(|| i64::try_from((charging * 100_000 / quarters).min(100_000)).unwrap_or(100_000))
}

fn busiest(bars: &mut Vec<Bar>) {
    bars.sort_by(|one, other| other.value.total_cmp(&one.value));
    bars.truncate(BARS);
}

#[async_trait]
impl Making for Utilisation {
    async fn next(&mut self) -> Result<Option<Batch>, StoreError> {
        if self.ended {
            return Ok(None);
        }
        let found = self.material.source.chargers(&self.material.wanted, self.after, CHARGERS).await?;
        self.ended = found.len() < CHARGERS as usize;
        self.after = found.last().map(|charger| charger.id);
        let rows = found.into_iter().map(|charger| self.row(charger)).collect();
        Ok(Some(Batch { rows, progress: guessed(self.read / u64::from(CHARGERS), self.ended) }))
    }

    fn foot(&mut self) -> Foot {
        busiest(&mut self.bars);
        let bars = std::mem::take(&mut self.bars);
        let chart = (!bars.is_empty()).then_some(Chart { title: "The busiest chargers", unit: "%", bars });
        let totals = vec![
            ("Sessions".into(), Cell::Integer(self.sessions)),
            ("Energy (kWh)".into(), Cell::kwh(self.energy)),
        ];
        Foot { rows: 0, totals, chart }
    }
}

#[cfg(test)]
mod tests {
    use kernel::{IdSource, W, testing::CountingIds};

    use super::*;

    #[test]
    fn utilisation_is_of_all_connectors_and_never_more_than_all() {
        let ids = CountingIds::default();
        let mut charger = ChargerFacts {
            id: ids.uuid().into(),
            identity: "CP".to_owned(),
            depot: ids.uuid().into(),
            connectors: 2,
            max_power: W(22_000),
            sessions: 0,
            energy: Wh::ZERO,
            quarters_charging: 48,
            peak_power: None,
            online: true,
            connectors_faulted: 0,
        };
        let day = TimeDelta::days(1);
        assert_eq!(utilisation(&charger, day), Some(25_000), "12 of 48 hours");
        charger.quarters_charging = 500;
        assert_eq!(utilisation(&charger, day), Some(100_000));
        charger.connectors = 0;
        assert_eq!(utilisation(&charger, day), None);
    }
}
