//! Energy from a meter's register that may begin anew, and from reports in any order.

use kernel::{Timestamp, Wh};

use super::{
    report::MeterReport,
    transaction::{Flag, Latest, Transaction, TransactionState},
};

/// No charger delivers more than this: 4 MW is what the strongest connector carries.
const MOST_WATTS: i64 = 4_000_000;
/// A register may be read late or in steps; a rise up to this is never remarkable.
const JUMP_SLACK: Wh = Wh(5_000);
/// Chargers write readings in kWh with one decimal where starts and stops are in Wh.
const ROUNDING: Wh = Wh(100);

impl Transaction {
    /// Takes a reading into account: energy, charge, and what is watched live. Repeats and older
    /// readings change nothing but the charge at the start. Nor does a reading that comes after the
    /// stop, which said how it ended; it only tells a charge that nobody told before.
    pub(crate) fn meter(&mut self, report: &MeterReport) {
        if self.state == TransactionState::Finished {
            self.soc_start = self.soc_start.or(report.soc);
            self.soc_end = self.soc_end.or(report.soc);
            return;
        }
        if let Some(register) = report.energy {
            self.count(report.at, register);
        }
        let newest = self.latest.is_none_or(|latest| report.at >= latest.at);
        if let Some(soc) = report.soc {
            self.soc_start.get_or_insert(soc);
            if newest {
                self.soc_end = Some(soc);
            }
        }
        if newest && self.is_open() {
            let known = self.latest;
            let or_known = |known: Option<kernel::Soc>| report.soc.or(known);
            self.latest = Some(Latest {
                at: report.at,
                power: report.power,
                current: report.current,
                soc: or_known(known.and_then(|latest| latest.soc)),
            });
        }
    }

    /// Counts energy up to a register. One that falls means that the meter began anew: what was
    /// delivered until then is kept, and the register is counted from where it now stands. One that
    /// falls by less than chargers round is the same register, written with fewer digits.
    pub(crate) fn count(&mut self, at: Timestamp, register: Wh) {
        let (since, last) = self.metering.register.unwrap_or((self.started_at, self.metering.base));
        if at < since {
            return;
        }
        if register < last && last - register <= ROUNDING {
            return;
        }
        if register < last {
            self.flags.insert(Flag::MeterReset);
            self.metering.carried = self.energy;
            self.metering.base = register;
        } else if rises_too_fast(last, register, since, at) {
            self.flags.insert(Flag::MeterJump);
        }
        self.metering.register = Some((at, register));
        self.energy = self.energy.max(self.metering.carried + (register - self.metering.base));
    }
}

fn rises_too_fast(last: Wh, register: Wh, since: Timestamp, at: Timestamp) -> bool {
    let seconds = (at - since).num_seconds().max(0);
    let possible = Wh(seconds.saturating_mul(MOST_WATTS) / 3_600) + JUMP_SLACK;
    register - last > possible
}
