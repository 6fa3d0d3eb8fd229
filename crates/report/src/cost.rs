//! What the electricity of a session cost, by the prices of the hours in which it was drawn.
//!
//! What was drawn when is known by quarters of an hour, of a connector rather than of a session, and
//! sometimes not at all. So quarters only say how a session's own energy is spread over time: all of it is
//! paid for, and nothing else, and the costs of all sessions are of the same energy as every other report.

use chrono::TimeDelta;
use kernel::{Timestamp, Wh};

const QUARTER: TimeDelta = TimeDelta::minutes(15);
const QUARTER_SECONDS: i64 = 900;

/// A stretch of a session: how much of it lies there, in any unit, and what a kWh cost then, in
/// millionths of a currency's unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    pub weight: i64,
    pub price: i64,
}

/// The cost in millionths, to the nearest; `None` where it is not known when the energy was drawn.
pub fn energy_cost(energy: Wh, parts: impl IntoIterator<Item = Part>) -> Option<i64> {
    let (mut weight, mut sum) = (0_i128, 0_i128);
    for part in parts {
        weight += i128::from(part.weight);
        sum += i128::from(part.weight) * i128::from(part.price);
    }
    if weight <= 0 {
        return None;
    }
    let (whole, of) = (i128::from(energy.get()).checked_mul(sum)?, 1_000 * weight);
    let half = if whole < 0 { -of / 2 } else { of / 2 };
    i64::try_from((whole + half) / of).ok()
}

/// The beginning of the quarter of an hour that an instant lies in.
pub fn quarter_of(at: Timestamp) -> Timestamp {
    let seconds = at.timestamp().div_euclid(QUARTER_SECONDS) * QUARTER_SECONDS;
    Timestamp::from_timestamp(seconds, 0).unwrap_or(at)
}

/// The quarters that a time touches and its seconds in each: how a session is spread of which only its
/// beginning and end are known. One that took no time lies in the quarter of its beginning.
pub fn evenly(from: Timestamp, to: Timestamp) -> impl Iterator<Item = (Timestamp, i64)> {
    let to = to.max(from + TimeDelta::seconds(1));
    let quarters = std::iter::successors(Some(quarter_of(from)), |at| Some(*at + QUARTER));
    quarters.take_while(move |at| *at < to).map(move |at| {
        let seconds = ((at + QUARTER).min(to) - at.max(from)).num_seconds();
        (at, seconds.max(1))
    })
}

#[cfg(test)]
mod tests {
    use kernel::{Clock, testing::FakeClock};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn all_the_energy_is_paid_for_by_when_it_was_drawn() {
        let part = |weight, price| Part { weight, price };
        for (energy, parts, cost) in [
            (10_000, vec![part(5, 200_000)], Some(2_000_000)),
            (10_000, vec![part(7_500, 200_000), part(2_500, 400_000)], Some(2_500_000)),
            // Half of it was read: the other half was drawn likewise.
            (10_000, vec![part(3_750, 200_000), part(1_250, 400_000)], Some(2_500_000)),
            (10_000, vec![part(1, -10_000)], Some(-100_000)),
            (1, vec![part(1, 500)], Some(1)),
            (1, vec![part(1, 499)], Some(0)),
            (1, vec![part(1, -500)], Some(-1)),
            (0, vec![part(1, 200_000)], Some(0)),
            (10_000, vec![part(0, 200_000)], None),
            (10_000, vec![], None),
        ] {
            assert_eq!(energy_cost(Wh(energy), parts.clone()), cost, "{energy} {parts:?}");
        }
    }

    proptest! {
        #[test]
        fn a_cost_lies_between_the_lowest_and_the_highest_price(
            energy in 0_i64..10_000_000,
            parts in proptest::collection::vec((1_i64..100_000, -1_000_000_i64..10_000_000), 1..50),
        ) {
            let cost = energy_cost(
                Wh(energy),
                parts.iter().map(|(weight, price)| Part { weight: *weight, price: *price }),
            );
            let at = |price: i64| energy * price / 1_000;
            let prices = parts.iter().map(|(_, price)| *price);
            let (lowest, highest) = (prices.clone().min().unwrap(), prices.max().unwrap());
            let cost = cost.unwrap();
            prop_assert!(at(lowest) - 1 <= cost && cost <= at(highest) + 1, "{cost}");
        }

        #[test]
        fn a_time_is_spread_over_the_quarters_that_it_touches(begin in 0_i64..100_000, length in 1_i64..100_000) {
            let from = FakeClock::default().now() + TimeDelta::seconds(begin);
            let spread: Vec<_> = evenly(from, from + TimeDelta::seconds(length)).collect();
            prop_assert_eq!(spread.iter().map(|(_, seconds)| seconds).sum::<i64>(), length);
            prop_assert_eq!(spread[0].0, quarter_of(from));
            prop_assert!(spread.windows(2).all(|two| two[1].0 - two[0].0 == QUARTER));
        }
    }
}
