//! A chart as callers see it.

use chart::{Chart, Point, Series, Shape, Subject};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::query::{KindWord, ResolutionWord};

#[derive(Serialize, ToSchema)]
#[schema(as = Chart)]
pub(super) struct ChartBody {
    kind: KindWord,
    title: String,
    #[schema(required)]
    depot_id: Option<Uuid>,
    #[schema(required)]
    circuit_id: Option<Uuid>,
    #[schema(required)]
    charge_point_id: Option<Uuid>,
    #[schema(required)]
    vehicle_id: Option<Uuid>,
    /// By whose clock hours and days are.
    #[schema(example = "Europe/Berlin")]
    timezone: &'static str,
    /// The beginning of the first bucket.
    from: DateTime<Utc>,
    /// The end of the last.
    to: DateTime<Utc>,
    resolution: ResolutionWord,
    /// Of all values: `kw`, `kwh`, `percent` or `runs`.
    #[schema(example = "kw")]
    unit: &'static str,
    series: Vec<SeriesBody>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ChartSeries)]
struct SeriesBody {
    #[schema(example = "charging")]
    name: &'static str,
    label: &'static str,
    shape: ShapeWord,
    points: Vec<PointBody>,
    /// How many buckets there were before the line was thinned to what shows its shape.
    buckets: usize,
    /// The sum of all values; null where they cannot be added.
    #[schema(required)]
    total: Option<f64>,
}

/// What a series is. A `limit`, a `target` and a `plan` hold from each point until the next.
#[derive(Serialize, ToSchema)]
#[schema(as = ChartShape)]
#[serde(rename_all = "snake_case")]
enum ShapeWord {
    Line,
    Bars,
    Stacked,
    Limit,
    Target,
    Plan,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ChartPoint)]
struct PointBody {
    /// The beginning of its bucket.
    at: DateTime<Utc>,
    /// Null where nobody knows.
    #[schema(required)]
    value: Option<f64>,
}

impl From<Chart> for ChartBody {
    fn from(chart: Chart) -> Self {
        let (mut depot_id, mut circuit_id, mut charge_point_id, mut vehicle_id) = (None, None, None, None);
        match chart.subject {
            Subject::Depot(depot) => depot_id = Some(depot.into()),
            Subject::Circuit(depot, circuit) => {
                (depot_id, circuit_id) = (Some(depot.into()), Some(circuit.into()));
            }
            Subject::ChargePoint(id) => charge_point_id = Some(id.into()),
            Subject::Vehicle(id) => vehicle_id = Some(id.into()),
        }
        Self {
            kind: chart.kind.into(),
            title: chart.title(),
            depot_id,
            circuit_id,
            charge_point_id,
            vehicle_id,
            timezone: chart.zone.name(),
            from: chart.from,
            to: chart.to,
            resolution: chart.resolution.into(),
            unit: chart.unit.name(),
            series: chart.series.into_iter().map(SeriesBody::from).collect(),
        }
    }
}

impl From<Series> for SeriesBody {
    fn from(series: Series) -> Self {
        Self {
            name: series.name,
            label: series.label,
            shape: match series.shape {
                Shape::Line => ShapeWord::Line,
                Shape::Bars => ShapeWord::Bars,
                Shape::Stacked => ShapeWord::Stacked,
                Shape::Limit => ShapeWord::Limit,
                Shape::Target => ShapeWord::Target,
                Shape::Plan => ShapeWord::Plan,
            },
            points: series.points.into_iter().map(PointBody::from).collect(),
            buckets: series.whole,
            total: series.total.map(rounded),
        }
    }
}

impl From<Point> for PointBody {
    fn from(point: Point) -> Self {
        Self { at: point.at, value: point.value.map(rounded) }
    }
}

/// To thousandths: watts, watt-hours, and more than any meter tells of a percentage.
fn rounded(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}
