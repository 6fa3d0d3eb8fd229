//! The use cases of this domain, one group a file.

mod charge_points;
mod commands;
mod queue;
mod recording;
mod uptime;

pub use charge_points::ChargePointService;
pub use commands::{CommandService, request_command};
pub use queue::CommandQueue;
pub use recording::{BootReport, Recorder, ReportedKey, StatusMessage, StatusRecorded};
pub use uptime::{Uptime, UptimeService, uptime_of};
