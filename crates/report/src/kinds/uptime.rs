//! How much of the time each connector could be used, when it could not, and what was left out.

use async_trait::async_trait;
use chrono::SecondsFormat;
use chrono_tz::Tz;
use kernel::{ChargePointId, StoreError};

use super::{Batch, Making, Material, column, guessed};
use crate::{
    port::{ConnectorFacts, Gap, GapReason},
    table::{Bar, Cell, Chart, Column, ColumnKind, Foot},
};

pub(super) const COLUMNS: &[Column] = &[
    column("depot", "Depot", ColumnKind::Text),
    column("charge_point", "Charger", ColumnKind::Text),
    column("connector", "Connector", ColumnKind::Number),
    column("uptime_percent", "Uptime (%)", ColumnKind::Number),
    column("up_hours", "Up (h)", ColumnKind::Number),
    column("down_hours", "Down (h)", ColumnKind::Number),
    column("excluded_hours", "Excluded (h)", ColumnKind::Number),
    column("downtimes", "Downtimes", ColumnKind::Number),
    column("offline_hours", "Offline (h)", ColumnKind::Number),
    column("faulted_hours", "Faulted (h)", ColumnKind::Number),
    column("unavailable_hours", "Unavailable (h)", ColumnKind::Number),
    column("longest_downtime_hours", "Longest (h)", ColumnKind::Number),
    column("periods", "Down and excluded", ColumnKind::Text),
];

/// Chargers read at once: each has its history behind it.
const CHARGERS: u32 = 20;
/// Bars that a chart has room for.
const BARS: usize = 40;
/// Periods that are told one by one: the longest.
const TOLD: usize = 20;

pub(super) struct Uptime {
    material: Material,
    after: Option<ChargePointId>,
    ended: bool,
    read: u64,
    up: i64,
    down: i64,
    excluded: i64,
    bars: Vec<Bar>,
}

impl Uptime {
    pub(super) fn new(material: Material) -> Self {
        Self { material, after: None, ended: false, read: 0, up: 0, down: 0, excluded: 0, bars: Vec::new() }
    }

    fn row(&mut self, connector: &ConnectorFacts) -> Vec<Cell> {
        let down = connector.down_seconds();
        let excluded = connector.seconds(|reason| reason == GapReason::Excluded);
        self.up += connector.up_seconds;
        self.down += down;
        self.excluded += excluded;
        let percent = percent(connector.up_seconds, down);
        if let Some(value) = Cell::or_empty(percent, Cell::Milli).number() {
            let label = format!("{}/{}", connector.charge_point, connector.connector);
            self.bars.push(Bar { label, value, limit: None });
            // Only the least are shown; keep no more than twice their number.
            if self.bars.len() >= 2 * BARS {
                least(&mut self.bars);
            }
        }
        let of = |wanted| hours(connector.seconds(|reason| reason == wanted));
        let downtimes = connector.downtimes();
        let zone = self.material.zone_of(connector.depot);
        vec![
            Cell::text(self.material.depot_name(connector.depot)),
            Cell::text(connector.charge_point.clone()),
            Cell::Integer(connector.connector.into()),
            Cell::or_empty(percent, Cell::Milli),
            hours(connector.up_seconds),
            hours(down),
            hours(excluded),
            Cell::Integer(i64::try_from(downtimes.len()).unwrap_or(i64::MAX)),
            of(GapReason::Offline),
            of(GapReason::Faulted),
            of(GapReason::Unavailable),
            hours(downtimes.into_iter().max().unwrap_or(0)),
            Cell::text(told(&connector.gaps, zone)),
        ]
    }
}

/// Of the time that counts, in thousandths of a percent; `None` where none does.
fn percent(up: i64, down: i64) -> Option<i64> {
    (up + down > 0).then(|| up * 100_000 / (up + down))
}

fn hours(seconds: i64) -> Cell {
    Cell::Milli(seconds * 1_000 / 3_600)
}

/// The longest periods in their order, by the clock of the depot: `from/to reason`, as ISO 8601 writes
/// intervals.
fn told(gaps: &[Gap], zone: Tz) -> String {
    let mut longest: Vec<&Gap> = gaps.iter().collect();
    longest.sort_by_key(|gap| std::cmp::Reverse(gap.seconds()));
    longest.truncate(TOLD);
    longest.sort_by_key(|gap| gap.from);
    let at = |at: kernel::Timestamp| at.with_timezone(&zone).to_rfc3339_opts(SecondsFormat::Secs, true);
    let mut told: Vec<String> = longest
        .into_iter()
        .map(|gap| format!("{}/{} {}", at(gap.from), at(gap.to), gap.reason.word()))
        .collect();
    if gaps.len() > TOLD {
        told.push(format!("and {} shorter", gaps.len() - TOLD));
    }
    told.join("; ")
}

fn least(bars: &mut Vec<Bar>) {
    bars.sort_by(|one, other| one.value.total_cmp(&other.value));
    bars.truncate(BARS);
}

#[async_trait]
impl Making for Uptime {
    async fn next(&mut self) -> Result<Option<Batch>, StoreError> {
        if self.ended {
            return Ok(None);
        }
        let Material { source, wanted, made_at, .. } = &self.material;
        let found = source.connectors(wanted, *made_at, self.after, CHARGERS).await?;
        self.ended = found.len() < CHARGERS as usize;
        self.after = found.last().map(|(charger, _)| *charger);
        self.read += found.len() as u64;
        let connectors = found.into_iter().flat_map(|(_, connectors)| connectors);
        let rows = connectors.map(|connector| self.row(&connector)).collect();
        Ok(Some(Batch { rows, progress: guessed(self.read / u64::from(CHARGERS), self.ended) }))
    }

    fn foot(&mut self) -> Foot {
        least(&mut self.bars);
        let bars = std::mem::take(&mut self.bars);
        let chart =
            (!bars.is_empty()).then_some(Chart { title: "The least available connectors", unit: "%", bars });
        let totals = vec![
            ("Uptime (%)".into(), Cell::or_empty(percent(self.up, self.down), Cell::Milli)),
            ("Up (h)".into(), hours(self.up)),
            ("Down (h)".into(), hours(self.down)),
            ("Excluded (h)".into(), hours(self.excluded)),
        ];
        Foot { rows: 0, totals, chart }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use chrono_tz::Europe::Berlin;
    use kernel::{Clock, testing::FakeClock};

    use super::*;

    fn gap(begin: i64, minutes: i64, reason: GapReason) -> Gap {
        let from = FakeClock::default().now() + TimeDelta::minutes(begin);
        Gap { from, to: from + TimeDelta::minutes(minutes), reason }
    }

    #[test]
    fn the_longest_periods_are_told_by_the_clock_of_the_depot() {
        let some = [gap(0, 5, GapReason::Faulted), gap(60, 1, GapReason::Excluded)];
        let from = FakeClock::default().now().with_timezone(&Berlin);
        let at = |minutes| (from + TimeDelta::minutes(minutes)).to_rfc3339_opts(SecondsFormat::Secs, true);
        let expected = format!("{}/{} faulted; {}/{} excluded", at(0), at(5), at(60), at(61));
        assert_eq!(told(&some, Berlin), expected);
        let many: Vec<Gap> = (0..25).map(|n| gap(n * 60, n + 1, GapReason::Offline)).collect();
        let text = told(&many, Berlin);
        assert!(text.ends_with("and 5 shorter") && text.starts_with(&at(5 * 60)), "{text}");
        assert_eq!(told(&[], Berlin), "");
    }

    #[test]
    fn a_downtime_is_one_however_its_reason_changes() {
        let facts = ConnectorFacts {
            depot: uuid::Uuid::nil().into(),
            charge_point: "CP".to_owned(),
            connector: 1,
            up_seconds: 3_600,
            gaps: vec![
                gap(0, 10, GapReason::Offline),
                gap(10, 20, GapReason::Faulted),
                gap(30, 5, GapReason::Excluded),
                gap(35, 5, GapReason::Unavailable),
                gap(90, 20, GapReason::Offline),
            ],
        };
        assert_eq!(facts.downtimes(), [30 * 60, 5 * 60, 20 * 60]);
        assert_eq!(facts.down_seconds(), 55 * 60);
        assert_eq!(percent(facts.up_seconds, facts.down_seconds()), Some(52_173));
        assert_eq!(percent(0, 0), None);
    }
}
