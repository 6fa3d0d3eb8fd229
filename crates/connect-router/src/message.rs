//! What chargers say and are told, in no protocol's words.

use charge_point::{BootReport, Registration, StatusMessage};
use kernel::{Timestamp, Wh};
use transaction::{MeterReport, StopReport, TransactionNumber};
use vehicle::Authorisation;

/// A call that was understood.
#[derive(Clone, Debug)]
pub enum Message {
    Boot(BootReport),
    Heartbeat,
    Status(StatusMessage),
    Authorise {
        id_tag: String,
    },
    Start(StartMessage),
    Readings {
        connector: u16,
        number: Option<TransactionNumber>,
        reports: Vec<MeterReport>,
    },
    Stop(StopReport),
    DiagnosticsStatus(String),
    FirmwareStatus(String),
    Security(SecurityEvent),
    /// Something of a vendor that nobody here understands.
    Vendor,
}

#[derive(Clone, Debug)]
pub struct StartMessage {
    pub connector: u16,
    /// `None` where the charger sent an empty one.
    pub id_tag: Option<String>,
    pub at: Timestamp,
    pub meter_start: Wh,
}

/// Something the charger noticed about its own security.
#[derive(Clone, Debug)]
pub struct SecurityEvent {
    pub kind: String,
    pub at: Timestamp,
    pub detail: Option<String>,
}

/// What the charger is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    Boot {
        registration: Registration,
        now: Timestamp,
        interval_seconds: u32,
    },
    Heartbeat {
        now: Timestamp,
    },
    Authorised {
        status: Authorisation,
        expires_at: Option<Timestamp>,
    },
    Started {
        number: TransactionNumber,
        status: Authorisation,
    },
    /// The answer to a stop; the status of its tag where it named one.
    Stopped {
        status: Option<Authorisation>,
    },
    UnknownVendor,
    Done,
}
