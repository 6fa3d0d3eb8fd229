//! When an issuer may be asked for its keys: never twice within an interval, whatever callers send.

use chrono::TimeDelta;
use kernel::Timestamp;

/// Between two questions at least, after one that was answered.
const PAUSE: TimeDelta = TimeDelta::seconds(30);
/// The same after one that was not.
const PAUSE_AFTER_FAILURE: TimeDelta = TimeDelta::seconds(5);

/// The last question, if any.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Turns {
    last: Option<(Timestamp, TimeDelta)>,
}

impl Turns {
    pub(crate) fn may_ask(&self, now: Timestamp) -> bool {
        // A clock that was set back by more than the pause does not hold up anybody.
        self.last.is_none_or(|(asked, pause)| (now - asked).abs() >= pause)
    }

    pub(crate) fn asked(&mut self, now: Timestamp, answered: bool) {
        self.last = Some((now, if answered { PAUSE } else { PAUSE_AFTER_FAILURE }));
    }
}

#[cfg(test)]
mod tests {
    use kernel::{Clock, testing::FakeClock};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_clock_that_was_set_back_does_not_stop_questions() {
        let now = FakeClock::default().now();
        let mut turns = Turns::default();
        assert!(turns.may_ask(now));
        turns.asked(now, true);
        assert!(!turns.may_ask(now) && !turns.may_ask(now - TimeDelta::seconds(1)));
        assert!(turns.may_ask(now + PAUSE) && turns.may_ask(now - TimeDelta::hours(1)));
    }

    proptest! {
        /// However many tokens with keys that nobody has come in, an hour holds few questions.
        #[test]
        fn no_storm(gaps in proptest::collection::vec(0_i64..2_000, 1..2_000), answered: bool) {
            let clock = FakeClock::default();
            let (begun, mut turns, mut asked) = (clock.now(), Turns::default(), 0);
            for gap in gaps {
                clock.advance(TimeDelta::milliseconds(gap));
                if turns.may_ask(clock.now()) {
                    turns.asked(clock.now(), answered);
                    asked += 1;
                }
            }
            let pause = if answered { PAUSE } else { PAUSE_AFTER_FAILURE };
            prop_assert!(asked <= (clock.now() - begun).num_seconds() / pause.num_seconds() + 1);
        }
    }
}
