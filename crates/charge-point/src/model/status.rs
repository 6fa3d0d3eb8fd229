//! What a connector is doing, and whether it may be used: two facts that are not the same.

use kernel::Timestamp;
use serde::{Deserialize, Serialize};

/// What a connector (or the whole charge point) last said it is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectorStatus {
    /// Nothing was reported yet.
    #[default]
    Unknown,
    Available,
    Preparing,
    Charging,
    SuspendedEv,
    SuspendedEvse,
    Finishing,
    Reserved,
    Unavailable,
    Faulted,
}

impl ConnectorStatus {
    pub const ALL: [Self; 10] = [
        Self::Unknown,
        Self::Available,
        Self::Preparing,
        Self::Charging,
        Self::SuspendedEv,
        Self::SuspendedEvse,
        Self::Finishing,
        Self::Reserved,
        Self::Unavailable,
        Self::Faulted,
    ];

    /// Whether a vehicle is at the connector. `None` where the status does not tell.
    pub const fn occupied(self) -> Option<bool> {
        match self {
            Self::Preparing | Self::Charging | Self::SuspendedEv | Self::SuspendedEvse | Self::Finishing => {
                Some(true)
            }
            Self::Available => Some(false),
            Self::Unknown | Self::Reserved | Self::Unavailable | Self::Faulted => None,
        }
    }

    /// What the status says about availability, where it does: a fault leaves it open.
    pub const fn availability(self) -> Option<Availability> {
        match self {
            Self::Unavailable => Some(Availability::Inoperative),
            Self::Unknown | Self::Faulted => None,
            _ => Some(Availability::Operative),
        }
    }
}

/// Whether something may be used for charging.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    #[default]
    Operative,
    Inoperative,
}

/// One status report of a charger, as it was said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusReport {
    pub status: ConnectorStatus,
    /// The protocol's error word; `None` for "no error".
    pub error_code: Option<String>,
    pub info: Option<String>,
    pub vendor_id: Option<String>,
    pub vendor_error_code: Option<String>,
    /// The charger's time where it is plausible, else ours.
    pub at: Timestamp,
}

/// What is known of a connector at present. Changes without a new version of the charge point.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectorLive {
    pub report: Option<StatusReport>,
    /// What the operator wants.
    pub wanted: Availability,
    /// What the charger says; `None` until it does.
    pub reported: Option<Availability>,
}

impl ConnectorLive {
    pub fn status(&self) -> ConnectorStatus {
        self.report.as_ref().map_or(ConnectorStatus::Unknown, |report| report.status)
    }

    /// Takes up a report unless a later one is known. Returns whether it did.
    pub fn take(&mut self, report: StatusReport) -> bool {
        if self.report.as_ref().is_some_and(|known| known.at > report.at) {
            return false;
        }
        self.reported = report.status.availability().or(self.reported);
        self.report = Some(report);
        true
    }

    /// Whether it says anything that `before` did not, times apart.
    pub(crate) fn tells_more_than(&self, before: &Self) -> bool {
        let said = |live: &Self| {
            let report = live.report.as_ref();
            let errors = report.map(|report| (report.error_code.clone(), report.vendor_error_code.clone()));
            (live.status(), live.reported, errors)
        };
        said(self) != said(before)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use kernel::{Clock, testing::FakeClock};
    use proptest::prelude::*;

    use super::*;

    fn report(status: ConnectorStatus, seconds: i64) -> StatusReport {
        let at = FakeClock::default().now() + TimeDelta::seconds(seconds);
        StatusReport { status, error_code: None, info: None, vendor_id: None, vendor_error_code: None, at }
    }

    #[test]
    fn a_fault_does_not_change_the_availability() {
        let mut live = ConnectorLive::default();
        live.take(report(ConnectorStatus::Unavailable, 0));
        live.take(report(ConnectorStatus::Faulted, 1));
        assert_eq!(live.reported, Some(Availability::Inoperative));
        live.take(report(ConnectorStatus::Available, 2));
        assert_eq!(live.reported, Some(Availability::Operative));
    }

    proptest! {
        #[test]
        fn in_whatever_order_reports_come_the_latest_stands(
            order in Just((0..9_i64).collect::<Vec<_>>()).prop_shuffle()
        ) {
            let mut live = ConnectorLive::default();
            for n in order {
                live.take(report(ConnectorStatus::ALL[usize::try_from(n).unwrap()], n));
            }
            prop_assert_eq!(live.status(), ConnectorStatus::ALL[8]);
        }
    }
}
