//! Charge points: what they are, what they report, and what they are told to do.
//!
//! A charge point has EVSEs (a place to charge one vehicle) with connectors. Three facts about it
//! are kept apart: *availability* (may it be used: wanted by the operator, reported by the
//! charger), *connector status* (what it is doing) and *connectivity* (is there a socket). Orders
//! to a charger are [`Command`]s with a life cycle of their own. This crate does not know OCPP
//! messages, sockets, transactions or how setpoints are computed.

pub mod command;
pub mod error;
pub mod event;
pub mod model;
pub mod port;
pub mod service;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use command::{
    ChangeChargePoint, ConnectorInput, CreateChargePoint, CreateMaintenance, EvseInput, RequestCommand,
};
pub use error::ChargePointError;
pub use model::{
    Availability, Capabilities, ChargePoint, ChargePointLive, ChargerRef, ChargingProfile, Command,
    CommandKind, CommandOutcome, CommandState, Condition, ConfigurationKey, Connector, ConnectorLive,
    ConnectorPlace, ConnectorStandard, ConnectorStatus, ConnectorUptime, CurrentType, DownReason, Electrics,
    Evse, Fact, Generation, HistoryEntry, Identity, IllegalTransition, LimitUnit, MaintenanceTarget,
    MaintenanceWindow, PasswordHash, Period, PhaseRotation, ProfileKind, ProfilePeriod, ProfilePurpose,
    ProfileSchedule, Progress, Protocol, Rate, RateUnits, Recurrency, Registration, ResetKind, Span,
    StatusReport, TransactionRef, TriggeredMessage, uptime,
};
pub use port::{
    Admission, AdmissionReader, ChargePointFilter, ChargePointReader, ChargePointRepository, ChargePointTx,
    ChargePointWork, ChargerStateRepository, CommandFilter, CommandReader, CommandRepository, CommandTx,
    CommandWork, Connection, ConnectionReader, HasChargePoints, HasChargerState, HasCommands, HasMaintenance,
    HasPlaces, HistoryUpkeep, MaintenanceFilter, MaintenanceRepository, MaintenanceTx, Places, UptimeReader,
};
pub use service::{
    BootReport, ChargePointService, CommandQueue, CommandService, Recorder, ReportedKey, StatusMessage,
    StatusRecorded, Uptime, UptimeService, request_command, uptime_of,
};
