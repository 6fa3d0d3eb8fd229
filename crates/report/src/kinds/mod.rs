//! How each kind of report is made: its columns, its rows, its sums.

mod compliance;
mod days;
mod demand;
mod energy;
mod sessions;
mod spent;
mod uptime;
mod utilisation;

use std::sync::Arc;

use async_trait::async_trait;
use chrono_tz::Tz;
use kernel::{DepotId, StoreError, Timestamp};

use crate::{
    kind::Kind,
    model::Run,
    port::{CostSource, DepotFacts, ReportSource, Wanted},
    table::{Cell, Column, Foot, Head},
};

/// Rows read at once.
const STEP: u32 = 1_000;

/// A few rows, and how far they lead.
pub(crate) struct Batch {
    pub(crate) rows: Vec<Vec<Cell>>,
    /// 0 to 100 of all that is to be read.
    pub(crate) progress: u8,
}

/// A report that is being made.
#[async_trait]
pub(crate) trait Making: Send {
    /// The next rows; `None` after the last.
    async fn next(&mut self) -> Result<Option<Batch>, StoreError>;

    /// The sums of all that came, without the number of rows.
    fn foot(&mut self) -> Foot;
}

/// What every kind is made from.
#[derive(Clone)]
pub(crate) struct Material {
    pub(crate) source: Arc<dyn ReportSource>,
    pub(crate) costs: Arc<dyn CostSource>,
    pub(crate) wanted: Wanted,
    pub(crate) depots: Vec<DepotFacts>,
    /// In which days are told where a row has no depot.
    pub(crate) zone: Tz,
    /// When it was begun: what comes later is not known.
    pub(crate) made_at: Timestamp,
}

impl Material {
    pub(crate) fn new(
        source: Arc<dyn ReportSource>,
        costs: Arc<dyn CostSource>,
        run: &Run,
        depots: Vec<DepotFacts>,
        made_at: Timestamp,
    ) -> Self {
        let wanted = Wanted {
            organisation: run.organisation,
            depots: run.subject.depots.clone(),
            from: run.subject.from,
            to: run.subject.to,
        };
        let zone = match depots.as_slice() {
            [first, rest @ ..] if rest.iter().all(|depot| depot.zone == first.zone) => first.zone,
            _ => Tz::UTC,
        };
        Self { source, costs, wanted, depots, zone, made_at }
    }

    pub(crate) fn head(&self, kind: Kind) -> Head {
        let place = match self.depots.as_slice() {
            [one] => one.name.clone(),
            depots => format!("{} depots", depots.len()),
        };
        let Wanted { from, to, .. } = self.wanted;
        let (zone, made_at) = (self.zone, self.made_at);
        Head { title: kind.title(), place, from, to, zone, columns: columns(kind), made_at }
    }

    pub(crate) fn begin(self, kind: Kind) -> Box<dyn Making> {
        match kind {
            Kind::ChargingSessions => Box::new(sessions::Sessions::new(self)),
            Kind::EnergyAndCost => Box::new(energy::Energy::new(self)),
            Kind::ChargerUtilisation => Box::new(utilisation::Utilisation::new(self)),
            Kind::Uptime => Box::new(uptime::Uptime::new(self)),
            Kind::DispatchCompliance => Box::new(compliance::Compliance::new(self)),
            Kind::DemandAgainstLimit => Box::new(demand::Demand::new(self)),
        }
    }

    fn depot(&self, id: DepotId) -> Option<&DepotFacts> {
        self.depots.iter().find(|depot| depot.id == id)
    }

    /// A depot's name; its id where it is gone.
    fn depot_name(&self, id: DepotId) -> String {
        self.depot(id).map_or_else(|| id.to_string(), |depot| depot.name.clone())
    }

    fn zone_of(&self, id: DepotId) -> Tz {
        self.depot(id).map_or(self.zone, |depot| depot.zone)
    }

    /// How much of the time lies before an instant.
    fn progress(&self, at: Timestamp) -> u8 {
        let whole = (self.wanted.to - self.wanted.from).num_seconds().max(1);
        let done = (at - self.wanted.from).num_seconds().clamp(0, whole);
        u8::try_from(done * 100 / whole).unwrap_or(100)
    }
}

/// How far it is where nobody has counted what there is: each page is a tenth of what is left.
fn guessed(pages: u64, ended: bool) -> u8 {
    let left = (0..pages.min(50)).fold(100_u32, |left, _| left * 9 / 10);
    if ended { 100 } else { u8::try_from(100 - left).unwrap_or(99) }
}

/// The columns of a kind.
pub fn columns(kind: Kind) -> &'static [Column] {
    match kind {
        Kind::ChargingSessions => sessions::COLUMNS,
        Kind::EnergyAndCost => energy::COLUMNS,
        Kind::ChargerUtilisation => utilisation::COLUMNS,
        Kind::Uptime => uptime::COLUMNS,
        Kind::DispatchCompliance => compliance::COLUMNS,
        Kind::DemandAgainstLimit => demand::COLUMNS,
    }
}

use crate::table::ColumnKind;

const fn column(key: &'static str, title: &'static str, kind: ColumnKind) -> Column {
    Column { key, title, kind }
}
