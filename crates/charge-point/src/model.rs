//! The words of this domain, one concept a file.

mod charge_point;
mod charging_profile;
mod command;
mod command_kind;
mod evse;
mod identity;
mod layout;
mod maintenance;
mod status;
mod uptime;

pub use charge_point::{
    Capabilities, ChargePoint, ChargePointLive, ChargerRef, ConfigurationKey, Electrics, Generation,
    Progress, Protocol, RateUnits, Registration,
};
pub use charging_profile::{
    ChargingProfile, LimitUnit, ProfileKind, ProfilePeriod, ProfilePurpose, ProfileSchedule, Rate,
    Recurrency, TransactionRef,
};
pub use command::{Command, CommandOutcome, CommandState, IllegalTransition};
pub use command_kind::{CommandKind, ResetKind, TriggeredMessage};
pub use evse::{Connector, ConnectorPlace, ConnectorStandard, CurrentType, Evse, PhaseRotation};
pub use identity::{Identity, PasswordHash};
pub(crate) use layout::layout;
pub use maintenance::{MaintenanceTarget, MaintenanceWindow};
pub use status::{Availability, ConnectorLive, ConnectorStatus, StatusReport};
pub use uptime::{Condition, ConnectorUptime, DownReason, Fact, HistoryEntry, Period, Span, uptime};
