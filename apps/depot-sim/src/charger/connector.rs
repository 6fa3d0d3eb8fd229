//! One connector: the vehicle on it, its session, its meter, and the status it reports.

use chrono::{DateTime, Utc};

use crate::{
    profile::{Charging, Profile, VOLTS},
    spec::ConnectorSpec,
    vehicle::Vehicle,
};

/// The least current per phase at which an AC vehicle charges (IEC 61851-1).
const LEAST_AMPS: f64 = 6.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Available,
    Preparing,
    Charging,
    SuspendedEvse,
    SuspendedEv,
    Finishing,
    Unavailable,
    Faulted,
}

impl Status {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Available => "Available",
            Self::Preparing => "Preparing",
            Self::Charging => "Charging",
            Self::SuspendedEvse => "SuspendedEVSE",
            Self::SuspendedEv => "SuspendedEV",
            Self::Finishing => "Finishing",
            Self::Unavailable => "Unavailable",
            Self::Faulted => "Faulted",
        }
    }
}

#[derive(Debug)]
pub(super) struct Connector {
    pub(super) number: usize,
    pub(super) spec: ConnectorSpec,
    pub(super) vehicle: Option<Vehicle>,
    pub(super) session: Option<Session>,
    /// A session ended while the vehicle stayed.
    pub(super) finished: bool,
    pub(super) operative: bool,
    /// Becomes operative or not when the session ends.
    pub(super) scheduled: Option<bool>,
    /// An OCPP error code.
    pub(super) fault: Option<String>,
    /// Allowed to start when a vehicle is plugged in: a remote start came first.
    pub(super) invited: Option<Invitation>,
    pub(super) register_wh: f64,
    pub(super) offered_w: f64,
    pub(super) power_w: f64,
    pub(super) reported: Option<(Status, String)>,
}

#[derive(Clone, Debug)]
pub(super) struct Invitation {
    pub(super) id_tag: String,
    pub(super) profile: Option<Profile>,
    pub(super) until: DateTime<Utc>,
}

#[derive(Debug)]
pub(super) struct Session {
    pub(super) id: u64,
    pub(super) id_tag: String,
    /// The server's number.
    pub(super) transaction: Option<i64>,
    pub(super) since: DateTime<Utc>,
    pub(super) next_reading: Option<DateTime<Utc>>,
}

impl Connector {
    pub(super) fn new(number: usize, spec: ConnectorSpec, register_wh: f64) -> Self {
        Self {
            number,
            spec,
            vehicle: None,
            session: None,
            finished: false,
            operative: true,
            scheduled: None,
            fault: None,
            invited: None,
            register_wh,
            offered_w: 0.0,
            power_w: 0.0,
            reported: None,
        }
    }

    pub(super) fn status(&self) -> Status {
        if self.fault.is_some() {
            return Status::Faulted;
        }
        match (&self.session, &self.vehicle) {
            (Some(_), _) if self.power_w > 0.0 => Status::Charging,
            (Some(_), Some(vehicle)) if vehicle.is_full() => Status::SuspendedEv,
            (Some(_), _) => Status::SuspendedEvse,
            (None, _) if !self.operative => Status::Unavailable,
            (None, Some(_)) if self.finished => Status::Finishing,
            (None, Some(_)) => Status::Preparing,
            (None, None) => Status::Available,
        }
    }

    /// Free for a new session.
    pub(super) fn is_ready(&self) -> bool {
        self.operative && self.fault.is_none() && self.session.is_none()
    }

    pub(super) fn charging(&self) -> Charging {
        Charging {
            transaction: self.session.as_ref().and_then(|session| session.transaction),
            since: self.session.as_ref().map(|session| session.since),
        }
    }

    /// Phases that the vehicle, or without one the connector, uses.
    pub(super) fn phases(&self) -> u8 {
        match &self.vehicle {
            Some(vehicle) if !self.spec.dc => self.spec.phases.min(vehicle.phases).max(1),
            _ => self.spec.phases.max(1),
        }
    }

    /// What the vehicle draws when it is offered so much.
    pub(super) fn draw(&self, offered_w: f64) -> f64 {
        let (Some(vehicle), Some(_), None) = (&self.vehicle, &self.session, &self.fault) else { return 0.0 };
        if !self.spec.dc && offered_w < LEAST_AMPS * self.volts() {
            return 0.0;
        }
        let share =
            if self.spec.dc { 1.0 } else { f64::from(self.phases()) / f64::from(vehicle.phases.max(1)) };
        vehicle.accepts(self.spec.dc).min(vehicle.max_for(self.spec.dc) * share).min(offered_w)
    }

    /// Watts per ampere of each phase.
    pub(super) fn volts(&self) -> f64 {
        VOLTS * f64::from(self.phases())
    }

    /// The register, as it is read: whole watt-hours.
    #[expect(clippy::cast_possible_truncation, reason = "a register stays far below 2^53")]
    pub(super) fn register(&self) -> i64 {
        self.register_wh.floor() as i64
    }
}
