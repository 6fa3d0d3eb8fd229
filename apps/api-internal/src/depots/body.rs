//! A depot as callers see it.

use chrono::{DateTime, Utc};
use depot::{ChargingStrategy, Depot, GeoPoint};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Serialize, ToSchema)]
#[schema(as = Depot)]
pub(crate) struct DepotBody {
    id: Uuid,
    /// The operator's own short name, unique within the organisation.
    code: String,
    name: String,
    /// A zone of the IANA database: weekly limits and tariffs follow its clock.
    timezone: String,
    #[schema(required)]
    address: Option<String>,
    /// Degrees, WGS 84.
    #[schema(required)]
    latitude: Option<f64>,
    #[schema(required)]
    longitude: Option<f64>,
    charging_strategy: StrategyWord,
    /// With `scheduled`: whether vehicles that have what their plan says take what nobody else wants.
    use_spare_room: bool,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// How the room that the circuits leave is shared among those who want to charge.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = ChargingStrategy)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StrategyWord {
    /// No setpoints are sent.
    Uncontrolled,
    /// Everybody alike.
    EqualShare,
    /// The more important first.
    #[default]
    Priority,
    /// The plan first, spare room on top of it.
    Scheduled,
}

impl From<Depot> for DepotBody {
    fn from(depot: Depot) -> Self {
        Self {
            id: depot.id.into(),
            code: depot.code,
            name: depot.name,
            timezone: depot.time_zone.to_string(),
            address: depot.address,
            latitude: depot.location.map(GeoPoint::latitude),
            longitude: depot.location.map(GeoPoint::longitude),
            charging_strategy: depot.charging_strategy.into(),
            use_spare_room: depot.use_spare_room,
            created_at: depot.created_at,
            updated_at: depot.updated_at,
        }
    }
}

impl From<ChargingStrategy> for StrategyWord {
    fn from(strategy: ChargingStrategy) -> Self {
        match strategy {
            ChargingStrategy::Uncontrolled => Self::Uncontrolled,
            ChargingStrategy::EqualShare => Self::EqualShare,
            ChargingStrategy::Priority => Self::Priority,
            ChargingStrategy::Scheduled => Self::Scheduled,
        }
    }
}

impl From<StrategyWord> for ChargingStrategy {
    fn from(word: StrategyWord) -> Self {
        match word {
            StrategyWord::Uncontrolled => Self::Uncontrolled,
            StrategyWord::EqualShare => Self::EqualShare,
            StrategyWord::Priority => Self::Priority,
            StrategyWord::Scheduled => Self::Scheduled,
        }
    }
}
