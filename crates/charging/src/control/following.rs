//! Chargers that draw more than they were told: told again a few times, then reported.

use chrono::TimeDelta;
use kernel::{Timestamp, W};
use serde::{Deserialize, Serialize};

/// So often a limit that is not kept is sent again.
const REPEATS: u32 = 3;
/// How long a vehicle may take to follow a limit, and the first pause between repeats.
pub(super) const FOLLOWS_WITHIN: TimeDelta = TimeDelta::seconds(30);

/// What is known of an EVSE's obedience, from one step to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Following {
    /// How often its limit was sent again since it is not kept.
    pub repeats: u32,
    /// Not before then is it sent again, or given up.
    pub next_at: Option<Timestamp>,
    /// Since when it counts as not following: sending again did not help.
    pub lost_at: Option<Timestamp>,
}

/// What came of looking at an EVSE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FollowingChange {
    /// It does not do what it is told, and telling it again does not help.
    Lost,
    /// It does again.
    Regained,
}

/// What is seen of an EVSE that holds a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// Nothing that tells.
    Nothing,
    /// It keeps its limit.
    Keeps,
    /// It draws more, although it had the time to follow.
    Strays { may_be_told: bool },
}

/// The most that a charger which follows may be measured to draw: meters are not exact.
pub(super) fn tolerated(limit: W) -> W {
    W(limit.get() + (limit.get() / 33).max(500))
}

impl Following {
    /// Takes up what is seen. Returns whether the limit is to be sent again now, and what changed.
    pub(super) fn see(&mut self, seen: Seen, now: Timestamp) -> (bool, Option<FollowingChange>) {
        let may_be_told = match seen {
            Seen::Nothing => return (false, None),
            Seen::Keeps => {
                let lost = self.lost_at.is_some();
                *self = Self::default();
                return (false, lost.then_some(FollowingChange::Regained));
            }
            Seen::Strays { may_be_told } => may_be_told,
        };
        if self.lost_at.is_some() || self.next_at.is_some_and(|at| now < at) {
            return (false, None);
        }
        if self.repeats >= REPEATS {
            self.lost_at = Some(now);
            return (false, Some(FollowingChange::Lost));
        }
        if !may_be_told {
            return (false, None);
        }
        self.next_at = Some(now + FOLLOWS_WITHIN * (1 << self.repeats));
        self.repeats += 1;
        (true, None)
    }
}

#[cfg(test)]
mod tests {
    use kernel::{Clock, testing::FakeClock};

    use super::*;

    #[test]
    fn a_limit_that_is_not_kept_is_sent_again_with_growing_pauses_and_then_given_up() {
        let (begin, mut following) = (FakeClock::default().now(), Following::default());
        let strays = Seen::Strays { may_be_told: true };
        let (mut repeats, mut changes) = (Vec::new(), Vec::new());
        for second in 0..600 {
            let (again, change) = following.see(strays, begin + TimeDelta::seconds(second));
            again.then(|| repeats.push(second));
            changes.extend(change.map(|change| (second, change)));
        }
        assert_eq!(repeats, [0, 30, 90]);
        assert_eq!(changes, [(210, FollowingChange::Lost)]);
        let later = begin + TimeDelta::seconds(600);
        assert_eq!(following.see(Seen::Nothing, later), (false, None));
        assert_eq!(following.see(Seen::Keeps, later), (false, Some(FollowingChange::Regained)));
        assert_eq!(following.see(Seen::Keeps, later), (false, None));
        assert_eq!(following, Following::default());
    }
}
