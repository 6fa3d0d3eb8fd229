//! Typed ids, so that a vehicle is never looked up by a depot's id.
//!
//! All ids are UUIDv7: they sort by creation, which makes them their own keyset cursor.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            pub const fn as_uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
    )*};
}

ids! {
    /// A customer of the product: everything belongs to exactly one organisation.
    OrganisationId,
    UserId,
    RoleId,
    ApiKeyId,
    /// A node of the tree of groups that hold depots, charge points and vehicles.
    ResourceGroupId,
    AuditId,
    EventId,
    DepotId,
    ZoneId,
    BayId,
    /// A node of a depot's electrical tree.
    CircuitId,
    LimitWindowId,
    ChargePointId,
    /// One charging place of a charge point: it charges one vehicle at a time.
    EvseId,
    CommandId,
    VehicleId,
    IdTagId,
    TransactionId,
    PriorityLevelId,
    PriorityRuleId,
    PriorityOverrideId,
    /// One duty of one vehicle: out of the depot at a time, with the energy it needs.
    RunId,
    /// Runs that recur.
    RunSeriesId,
    /// A limit or a strategy set by hand, for a time.
    ChargingOverrideId,
    /// One frame of the message log.
    FrameId,
    /// When a charger may be down without counting as such.
    MaintenanceWindowId,
    AlertId,
    AlertRuleId,
    /// One message to one recipient, about one alert or many.
    DeliveryId,
    /// A call of a charger that could not be recorded.
    DeadLetterId,
    /// Where a partner wants events posted to.
    WebhookId,
    /// One event on its way to one webhook.
    WebhookDeliveryId,
    /// One making of a report.
    ReportRunId,
    ReportScheduleId,
}
