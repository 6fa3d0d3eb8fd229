//! How often a password may be tried. Counted by email address whether or not a user has it, so
//! that the refusal tells nothing.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::TimeDelta;
use kernel::Timestamp;

use crate::model::Email;

/// Attempts that cost nothing but their own time.
const FREE: u32 = 10;
/// The longest wait between two attempts after that.
const LONGEST_WAIT: TimeDelta = TimeDelta::seconds(60);
/// Attempts are forgotten after this long without one.
const FORGOTTEN_AFTER: TimeDelta = TimeDelta::minutes(15);
/// Addresses at most. When full, those that may try again anyway are forgotten, then all.
const ROOM: usize = 20_000;

#[derive(Default)]
pub(super) struct Throttle(Mutex<HashMap<Email, Attempts>>);

#[derive(Clone, Copy)]
struct Attempts {
    count: u32,
    last: Timestamp,
}

impl Attempts {
    /// No wait after the first [`FREE`] attempts, then 1, 2, 4 … seconds.
    fn next_at(self) -> Timestamp {
        let Some(beyond) = self.count.checked_sub(FREE) else { return self.last };
        self.last + TimeDelta::seconds(1 << beyond.min(6)).min(LONGEST_WAIT)
    }
}

impl Throttle {
    fn attempts(&self) -> MutexGuard<'_, HashMap<Email, Attempts>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts an attempt before its password is looked at, so that many at once do not slip by.
    ///
    /// # Errors
    /// How long to wait, where it comes too soon; it is not counted then.
    pub(super) fn try_now(&self, email: &Email, now: Timestamp) -> Result<(), TimeDelta> {
        let mut attempts = self.attempts();
        if attempts.len() >= ROOM {
            attempts.retain(|_, earlier| earlier.next_at() > now);
            if attempts.len() >= ROOM {
                attempts.clear();
            }
        }
        let earlier = attempts.get(email).copied().filter(|earlier| now - earlier.last < FORGOTTEN_AFTER);
        let earlier = earlier.unwrap_or(Attempts { count: 0, last: now });
        if earlier.next_at() > now {
            return Err(earlier.next_at() - now);
        }
        attempts.insert(email.clone(), Attempts { count: earlier.count.saturating_add(1), last: now });
        Ok(())
    }

    /// The password was right.
    pub(super) fn forget(&self, email: &Email) {
        self.attempts().remove(email);
    }
}

#[cfg(test)]
mod tests {
    use kernel::{Clock, testing::FakeClock};

    use super::*;

    #[test]
    fn guesses_slow_down_and_a_right_one_clears_the_count() {
        let (throttle, clock) = (Throttle::default(), FakeClock::default());
        let email = Email::normalise("ada@depot.example");
        for _ in 0..FREE {
            assert_eq!(throttle.try_now(&email, clock.now()), Ok(()));
        }
        assert_eq!(throttle.try_now(&email, clock.now()), Err(TimeDelta::seconds(1)));
        clock.advance(TimeDelta::seconds(1));
        assert_eq!(throttle.try_now(&email, clock.now()), Ok(()));
        assert_eq!(throttle.try_now(&email, clock.now()), Err(TimeDelta::seconds(2)));
        assert_eq!(throttle.try_now(&Email::normalise("eve@depot.example"), clock.now()), Ok(()));
        for _ in 0..20 {
            clock.advance(LONGEST_WAIT);
            assert_eq!(throttle.try_now(&email, clock.now()), Ok(()));
        }
        throttle.forget(&email);
        assert_eq!(throttle.try_now(&email, clock.now()), Ok(()));
    }

    #[test]
    fn the_memory_of_attempts_is_bounded() {
        let (throttle, clock) = (Throttle::default(), FakeClock::default());
        for number in 0..=ROOM {
            let _ = throttle.try_now(&Email::normalise(&format!("{number}@x")), clock.now());
        }
        assert!(throttle.attempts().len() <= ROOM);
    }
}
