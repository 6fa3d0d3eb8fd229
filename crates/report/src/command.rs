//! What callers may ask for, and the checks that turn input into valid values.

use kernel::{DepotId, Invalid, Timestamp};

use crate::{
    kind::{Format, Kind},
    model::{LONGEST, Subject},
};

/// Have a report made.
#[derive(Clone, Debug)]
pub struct CreateRun {
    pub kind: Kind,
    pub format: Format,
    /// `None`: all of the organisation.
    pub depot: Option<DepotId>,
    /// Inclusive.
    pub from: Timestamp,
    /// Exclusive.
    pub to: Timestamp,
}

impl CreateRun {
    /// Tidies the subject and notes what is wrong with it.
    pub(crate) fn check(self, now: Timestamp, invalid: &mut Invalid) -> Subject {
        let Self { kind, format, depot, from, to } = self;
        let (from, to) = (kernel::clock::to_micros(from), kernel::clock::to_micros(to));
        if from >= to {
            invalid.push("/from", "not_before_to", "must be before `to`");
        } else if to - from > LONGEST {
            let detail = format!("must be at most {} days before `to`", LONGEST.num_days());
            invalid.push("/from", "range_too_long", detail);
        } else if from > now {
            invalid.push("/from", "in_the_future", "must not lie in the future");
        }
        Subject { kind, format, depots: depot.map(|depot| vec![depot]), from, to }
    }
}
