//! The words of plans.

use charging::Trigger;
use dispatch::Cause;
use serde::Serialize;
use utoipa::ToSchema;

/// Why a plan was made.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[schema(as = PlanTrigger)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TriggerWord {
    /// There was none.
    First,
    NewSlot,
    PluggedIn,
    Unplugged,
    RunChanged,
    LimitChanged,
    TariffChanged,
    VehicleChanged,
    ChargerChanged,
    PriorityChanged,
    /// A vehicle took more or less than planned.
    Deviation,
    Requested,
}

/// What stands in a vehicle's way.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[schema(as = PlanReason)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CauseWord {
    NotPluggedIn,
    ChargerFaulted,
    ChargerOffline,
    /// Circuits are full while it stands.
    CircuitLimit,
    /// The depot keeps a peak for money's sake.
    DemandTarget,
    /// It came too late, even at full power.
    LateArrival,
    StalledCharging,
    /// More than vehicle or charger can do in the time.
    PowerLimit,
    /// Nobody knows its state of charge; 20 % are assumed.
    SocUnknown,
}

impl From<Trigger> for TriggerWord {
    fn from(trigger: Trigger) -> Self {
        match trigger {
            Trigger::First => Self::First,
            Trigger::NewSlot => Self::NewSlot,
            Trigger::PluggedIn => Self::PluggedIn,
            Trigger::Unplugged => Self::Unplugged,
            Trigger::RunChanged => Self::RunChanged,
            Trigger::LimitChanged => Self::LimitChanged,
            Trigger::TariffChanged => Self::TariffChanged,
            Trigger::VehicleChanged => Self::VehicleChanged,
            Trigger::ChargerChanged => Self::ChargerChanged,
            Trigger::PriorityChanged => Self::PriorityChanged,
            Trigger::Deviation => Self::Deviation,
            Trigger::Requested => Self::Requested,
        }
    }
}

impl From<Cause> for CauseWord {
    fn from(cause: Cause) -> Self {
        match cause {
            Cause::NotPluggedIn => Self::NotPluggedIn,
            Cause::ChargerFaulted => Self::ChargerFaulted,
            Cause::ChargerOffline => Self::ChargerOffline,
            Cause::CircuitLimit => Self::CircuitLimit,
            Cause::DemandTarget => Self::DemandTarget,
            Cause::LateArrival => Self::LateArrival,
            Cause::StalledCharging => Self::StalledCharging,
            Cause::PowerLimit => Self::PowerLimit,
            Cause::SocUnknown => Self::SocUnknown,
        }
    }
}
