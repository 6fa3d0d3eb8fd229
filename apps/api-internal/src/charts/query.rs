//! Which chart is asked for.

use chart::{ChartRequest, Kind, Resolution};
use chrono::{DateTime, Utc};
use kernel::Invalid;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ChartParams {
    /// Needed by all kinds but `soc`, and by those that are asked of a charge point.
    depot_id: Option<Uuid>,
    /// Of `circuit_power`; the grid connection unless told.
    circuit_id: Option<Uuid>,
    /// Of `soc`.
    vehicle_id: Option<Uuid>,
    /// Of `depot_power`, `energy` and `utilisation`: of this charge point alone.
    charge_point_id: Option<Uuid>,
    /// Inclusive; a day, a week or 30 days before `to` unless told, and at most five years. The chart
    /// begins with the bucket that it lies in.
    from: Option<DateTime<Utc>>,
    /// Exclusive; now unless told.
    to: Option<DateTime<Utc>>,
    /// How long a bucket is. `1m` is kept to a day; hours and days are those of the depot's clock.
    #[param(inline)]
    #[serde(default)]
    resolution: ResolutionWord,
    #[param(inline)]
    #[serde(default)]
    pub(super) format: FormatWord,
    /// How many points a line may have before it is thinned: 1500 unless told.
    #[param(minimum = 10, maximum = 50000)]
    max_points: Option<u32>,
}

#[derive(Clone, Copy, Default, Deserialize, Serialize, ToSchema)]
#[schema(as = ChartResolution)]
pub(super) enum ResolutionWord {
    #[default]
    #[serde(rename = "auto")]
    Auto,
    #[serde(rename = "1m")]
    Minute,
    #[serde(rename = "15m")]
    Quarter,
    #[serde(rename = "1h")]
    Hour,
    #[serde(rename = "1d")]
    Day,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[schema(as = ChartFormat)]
#[serde(rename_all = "snake_case")]
pub(super) enum FormatWord {
    #[default]
    Json,
    Svg,
}

/// What charts there are. A word that is none is a field error of its own.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[schema(as = ChartKind)]
#[serde(rename_all = "snake_case")]
pub(super) enum KindWord {
    DepotPower,
    CircuitPower,
    Energy,
    Soc,
    Utilisation,
    PlanVsActual,
    Readiness,
    DemandPeaks,
}

impl From<Kind> for KindWord {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::DepotPower => Self::DepotPower,
            Kind::CircuitPower => Self::CircuitPower,
            Kind::Energy => Self::Energy,
            Kind::Soc => Self::Soc,
            Kind::Utilisation => Self::Utilisation,
            Kind::PlanVsActual => Self::PlanVsActual,
            Kind::Readiness => Self::Readiness,
            Kind::DemandPeaks => Self::DemandPeaks,
        }
    }
}

/// The kind of that name.
pub(super) fn kind(name: &str) -> Result<Kind, Invalid> {
    let found = Kind::ALL.into_iter().find(|kind| kind.name() == name);
    found.ok_or_else(|| {
        let names = Kind::ALL.map(Kind::name).join(", ");
        Invalid::one("/kind", "unknown_value", format!("must be one of {names}"))
    })
}

impl From<Resolution> for ResolutionWord {
    fn from(resolution: Resolution) -> Self {
        match resolution {
            Resolution::Minute => Self::Minute,
            Resolution::Quarter => Self::Quarter,
            Resolution::Hour => Self::Hour,
            Resolution::Day => Self::Day,
        }
    }
}

impl From<ChartParams> for ChartRequest {
    fn from(params: ChartParams) -> Self {
        Self {
            depot: params.depot_id.map(Into::into),
            circuit: params.circuit_id.map(Into::into),
            charge_point: params.charge_point_id.map(Into::into),
            vehicle: params.vehicle_id.map(Into::into),
            from: params.from,
            to: params.to,
            resolution: match params.resolution {
                ResolutionWord::Auto => None,
                ResolutionWord::Minute => Some(Resolution::Minute),
                ResolutionWord::Quarter => Some(Resolution::Quarter),
                ResolutionWord::Hour => Some(Resolution::Hour),
                ResolutionWord::Day => Some(Resolution::Day),
            },
            max_points: params.max_points,
        }
    }
}
