//! How often a password may be tried: counted for each email and address together, whether or not a
//! user has the email, so that the refusal tells nothing and guesses from one place do not lock out
//! who signs in from another. The count is in the store, where all processes share it.

use std::net::IpAddr;

use chrono::TimeDelta;
use kernel::{StoreError, Timestamp};

use crate::{
    model::{Attempts, Email},
    port::AccessTx,
    secret::Digest,
};

/// Attempts that cost nothing but their own time.
pub(super) const FREE: u32 = 10;
/// The longest wait between two attempts after that.
const LONGEST_WAIT: TimeDelta = TimeDelta::seconds(60);
/// Attempts are forgotten after this long without one.
const FORGOTTEN_AFTER: TimeDelta = TimeDelta::minutes(15);

/// Who tries, and from where, as a digest: what somebody typed is not kept.
pub(super) fn key(email: &Email, address: Option<IpAddr>) -> String {
    let from = address.map(|address| address.to_canonical().to_string()).unwrap_or_default();
    Digest::of(&format!("{from} {email}")).to_hex()
}

/// No wait after the first [`FREE`] attempts, then 1, 2, 4 … seconds.
fn next_at(attempts: Attempts) -> Timestamp {
    let Some(beyond) = attempts.count.checked_sub(FREE) else { return attempts.last };
    attempts.last + TimeDelta::seconds(1 << beyond.min(6)).min(LONGEST_WAIT)
}

/// The count with one attempt more; where it comes too soon, how long to wait instead.
fn counted(earlier: Attempts, now: Timestamp) -> Result<Attempts, TimeDelta> {
    let count = if now - earlier.last < FORGOTTEN_AFTER { earlier.count } else { 0 };
    let earlier = Attempts { count, ..earlier };
    if count > 0 && next_at(earlier) > now {
        return Err(next_at(earlier) - now);
    }
    Ok(Attempts { count: count.saturating_add(1), last: now })
}

/// Counts an attempt before its password is looked at, so that many at once do not slip by.
/// Answers how long to wait where it comes too soon; it is not counted then.
pub(super) async fn attempt(
    mut tx: Box<dyn AccessTx>,
    key: &str,
    now: Timestamp,
) -> Result<Result<(), TimeDelta>, StoreError> {
    let earlier = tx.attempts().attempts_lock(key, now).await?;
    match counted(earlier, now) {
        Err(wait) => Ok(Err(wait)),
        Ok(attempts) => {
            tx.attempts().attempts_put(key, attempts).await?;
            tx.attempts().attempts_forget_before(now - FORGOTTEN_AFTER).await?;
            tx.commit().await?;
            Ok(Ok(()))
        }
    }
}

#[cfg(test)]
mod tests {
    use kernel::{Clock, testing::FakeClock};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn guesses_slow_down_and_are_forgotten() {
        let clock = FakeClock::default();
        let mut attempts = Attempts { count: 0, last: clock.now() };
        for _ in 0..FREE {
            attempts = counted(attempts, clock.now()).unwrap();
        }
        for wait in [1, 2, 4, 8, 16, 32, 60, 60] {
            assert_eq!(counted(attempts, clock.now()), Err(TimeDelta::seconds(wait)));
            clock.advance(TimeDelta::seconds(wait));
            attempts = counted(attempts, clock.now()).unwrap();
        }
        clock.advance(FORGOTTEN_AFTER);
        assert_eq!(counted(attempts, clock.now()).unwrap().count, 1);
    }

    #[test]
    fn one_address_in_two_spellings_is_one() {
        let email = Email::normalise("ada@depot.example");
        let key = |text: &str| key(&email, Some(text.parse().unwrap()));
        assert_eq!(key("192.0.2.1"), key("::ffff:192.0.2.1"));
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
    }

    proptest! {
        /// However somebody spreads their guesses, an hour holds few.
        #[test]
        fn an_hour_of_guesses_is_bounded(pauses in proptest::collection::vec(0_i64..120, 1..400)) {
            let clock = FakeClock::default();
            let (begun, mut tried) = (clock.now(), 0);
            let mut attempts = Attempts { count: 0, last: begun };
            for pause in pauses {
                clock.advance(TimeDelta::seconds(pause));
                if clock.now() - begun >= TimeDelta::hours(1) {
                    break;
                }
                if let Ok(counted) = counted(attempts, clock.now()) {
                    (attempts, tried) = (counted, tried + 1);
                }
            }
            prop_assert!(tried <= 10 + 7 + 60);
        }
    }
}
