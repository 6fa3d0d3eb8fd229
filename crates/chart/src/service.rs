//! The one use case: a chart.

mod energy;
mod lookup;
mod power;
mod readiness;
mod soc;

use std::sync::Arc;

use kernel::{Clock, OrganisationId, Permission, Scope, Timestamp};

use self::lookup::Found;
use crate::{
    error::ChartError,
    fold::{Past, QUARTER, quarter_of},
    grid::Grid,
    kind::{Kind, Resolution},
    model::{Chart, Series, Shape, Unit},
    port::{ChartReader, Meter, Open, QuarterSum},
    request::{ChartRequest, Window},
    thin::{changes, thin},
};

/// Draws charts.
pub struct ChartService {
    store: Arc<dyn ChartReader>,
    clock: Arc<dyn Clock>,
}

/// What the drawing of one chart works with.
struct Sheet<'a> {
    store: &'a dyn ChartReader,
    organisation: OrganisationId,
    now: Timestamp,
    resolution: Resolution,
    grid: Grid,
}

/// What was read of a meter.
struct Read {
    sums: Vec<QuarterSum>,
    open: Vec<Open>,
    since: Timestamp,
    until: Timestamp,
}

impl ChartService {
    pub fn new(store: Arc<dyn ChartReader>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// # Errors
    /// [`ChartError::Invalid`] for what the kind cannot show; what is named and not there, or of another
    /// organisation, is told so.
    pub async fn chart(
        &self,
        scope: &Scope,
        kind: Kind,
        request: &ChartRequest,
    ) -> Result<Chart, ChartError> {
        let reach = scope.require(Permission::ChartRead)?;
        let now = self.clock.now();
        let (asked, window) = request.check(kind, now)?;
        let found = self.lookup(&reach, asked).await?;
        let Window { from, to, resolution, max_points } = window;
        let grid = Grid::new(from, to, resolution, found.zone);
        let sheet = Sheet { store: &*self.store, organisation: scope.organisation(), now, resolution, grid };
        let (unit, series) = sheet.draw(kind, &found).await?;
        Ok(Chart {
            kind,
            subject: found.subject,
            of: found.of,
            zone: found.zone,
            from: sheet.grid.from(),
            to: sheet.grid.to(),
            resolution,
            unit,
            series: series.into_iter().map(|series| thinned(series, max_points)).collect(),
        })
    }
}

impl Sheet<'_> {
    async fn draw(&self, kind: Kind, found: &Found) -> Result<(Unit, Vec<Series>), ChartError> {
        Ok(match kind {
            Kind::DepotPower | Kind::CircuitPower => (Unit::Kilowatts, self.power(found).await?),
            Kind::PlanVsActual => (Unit::Kilowatts, self.plan_vs_actual(found).await?),
            Kind::DemandPeaks => (Unit::Kilowatts, self.demand_peaks(found).await?),
            Kind::Energy => (Unit::KilowattHours, self.energy(found).await?),
            Kind::Utilisation => (Unit::Percent, self.utilisation(found).await?),
            Kind::Soc => (Unit::Percent, self.soc(found).await?),
            Kind::Readiness => (Unit::Runs, self.readiness(found).await?),
        })
    }

    async fn read(&self, meter: &Meter, found: &Found) -> Result<Read, ChartError> {
        let (from, to) = (quarter_of(self.grid.from()), self.grid.to());
        let sums = self.store.quarter_sums(self.organisation, meter, from, to).await?;
        let open = self.store.open_times(self.organisation, meter, from, to).await?;
        Ok(Read { sums, open, since: found.since, until: quarter_of(self.now) })
    }
}

impl Read {
    /// As far as quarters are over.
    fn past(&self) -> Past<'_> {
        Past { sums: &self.sums, open: &self.open, since: self.since, until: self.until }
    }

    /// With the quarter that is not over: what was drawn in it is drawn.
    fn until_now(&self) -> Past<'_> {
        Past { until: self.until + QUARTER, ..self.past() }
    }
}

fn thinned(mut series: Series, most: usize) -> Series {
    if series.shape.holds() {
        series.points = changes(series.points);
    }
    if !matches!(series.shape, Shape::Bars | Shape::Stacked) {
        series.points = thin(series.points, most);
    }
    series
}
