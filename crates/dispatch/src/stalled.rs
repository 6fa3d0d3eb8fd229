//! Charging that does not go on, though nothing on our side keeps it from going on.

use chrono::TimeDelta;
use kernel::{Soc, Timestamp, W, Wh};

/// What was seen of one vehicle at one charging place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChargingSample {
    pub at: Timestamp,
    pub soc: Option<Soc>,
    /// What the session has taken so far.
    pub energy: Option<Wh>,
    pub plugged_in: bool,
    /// The setpoint that held.
    pub allowed: W,
}

/// When charging counts as stalled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StallRule {
    /// A vehicle that has this much may stop by itself.
    pub target: Soc,
    /// The least that vehicle and charger can charge with.
    pub minimum: W,
    pub after: TimeDelta,
}

impl StallRule {
    /// How long charging may stand still, unless told.
    pub const AFTER: TimeDelta = TimeDelta::minutes(20);

    pub fn new(target: Soc, minimum: W) -> Self {
        Self { target, minimum, after: Self::AFTER }
    }

    /// Whether the vehicle should be charging. One whose state of charge is unknown may be full.
    fn expects_charging(&self, sample: &ChargingSample, soc: Option<Soc>) -> bool {
        sample.plugged_in && sample.allowed > self.minimum && soc.is_some_and(|soc| soc < self.target)
    }
}

/// Since when charging has been standing still, where that is long enough to count. `samples` are in
/// the order of their instants; what one does not tell is as the one before said.
pub fn stalled_since(samples: &[ChargingSample], rule: &StallRule, now: Timestamp) -> Option<Timestamp> {
    let (mut soc, mut energy) = (None::<Soc>, None::<Wh>);
    let mut since = None;
    for sample in samples.iter().filter(|sample| sample.at <= now) {
        let grown = sample.soc > soc && soc.is_some() || sample.energy > energy && energy.is_some();
        soc = sample.soc.or(soc);
        energy = sample.energy.or(energy);
        if !rule.expects_charging(sample, soc) {
            since = None;
        } else if grown || since.is_none() {
            since = Some(sample.at);
        }
    }
    since.filter(|since| now - *since >= rule.after)
}

#[cfg(test)]
mod tests {
    use kernel::{Clock, testing::FakeClock};
    use proptest::prelude::*;

    use super::*;

    fn start() -> Timestamp {
        FakeClock::default().now()
    }

    fn minute(minute: i64) -> Timestamp {
        start() + TimeDelta::minutes(minute)
    }

    fn sample(at: i64, percent: f64, energy: i64) -> ChargingSample {
        let (soc, energy) = (Soc::from_percent(percent), Some(Wh(energy)));
        ChargingSample { at: minute(at), soc, energy, plugged_in: true, allowed: W(50_000) }
    }

    fn rule() -> StallRule {
        StallRule::new(Soc::from_percent(90.0).unwrap(), W(5_000))
    }

    #[test]
    fn twenty_minutes_without_progress_are_a_stall() {
        let still = [sample(0, 50.0, 100), sample(5, 50.0, 100), sample(19, 50.0, 100)];
        assert_eq!(stalled_since(&still, &rule(), minute(19)), None);
        assert_eq!(stalled_since(&still, &rule(), minute(20)), Some(minute(0)));
        let patient = StallRule { after: TimeDelta::minutes(30), ..rule() };
        assert_eq!(stalled_since(&still, &patient, minute(29)), None);
    }

    #[test]
    fn progress_of_either_kind_begins_anew() {
        let by_energy = [sample(0, 50.0, 100), sample(10, 50.0, 101)];
        assert_eq!(stalled_since(&by_energy, &rule(), minute(29)), None);
        assert_eq!(stalled_since(&by_energy, &rule(), minute(30)), Some(minute(10)));
        let by_soc = [sample(0, 50.0, 100), sample(10, 50.5, 100)];
        assert_eq!(stalled_since(&by_soc, &rule(), minute(30)), Some(minute(10)));
    }

    #[test]
    fn nobody_stalls_who_need_not_or_may_not_charge() {
        let still = |change: fn(&mut ChargingSample)| {
            let mut samples = [sample(0, 50.0, 100), sample(30, 50.0, 100)];
            samples.iter_mut().for_each(change);
            stalled_since(&samples, &rule(), minute(60))
        };
        assert_eq!(still(|_| {}), Some(minute(0)));
        assert_eq!(still(|sample| sample.plugged_in = false), None);
        assert_eq!(still(|sample| sample.allowed = W(5_000)), None);
        assert_eq!(still(|sample| sample.soc = Some(Soc::FULL)), None);
        assert_eq!(still(|sample| sample.soc = None), None);
        assert_eq!(stalled_since(&[], &rule(), minute(60)), None);
    }

    #[test]
    fn being_held_back_in_between_begins_anew() {
        let mut samples = [sample(0, 50.0, 100), sample(10, 50.0, 100), sample(15, 50.0, 100)];
        samples[1].allowed = W(0);
        assert_eq!(stalled_since(&samples, &rule(), minute(34)), None);
        assert_eq!(stalled_since(&samples, &rule(), minute(35)), Some(minute(15)));
    }

    #[test]
    fn what_is_not_told_is_as_before() {
        let mut samples = [sample(0, 50.0, 100), sample(10, 0.0, 0), sample(21, 0.0, 100)];
        (samples[1].soc, samples[1].energy) = (None, None);
        samples[2].soc = None;
        assert_eq!(stalled_since(&samples, &rule(), minute(21)), Some(minute(0)));
    }

    proptest! {
        #[test]
        fn a_stall_is_at_least_as_long_as_the_rule_says_and_without_progress(
            steps in proptest::collection::vec((1_i64..15, 0_u16..3, any::<bool>()), 0..20), wait in 0_i64..40,
        ) {
            let (mut at, mut soc) = (0, 3_000_u16);
            let samples: Vec<_> = steps.iter().map(|(minutes, gain, allowed)| {
                (at, soc) = (at + minutes, soc + gain);
                let allowed = if *allowed { W(50_000) } else { W::ZERO };
                ChargingSample { allowed, soc: Soc::from_hundredths(soc), ..sample(at, 0.0, 0) }
            }).collect();
            let now = minute(at + wait);
            if let Some(since) = stalled_since(&samples, &rule(), now) {
                prop_assert!(now - since >= rule().after);
                let within: Vec<_> = samples.iter().filter(|sample| sample.at >= since).collect();
                prop_assert!(within.iter().all(|sample| sample.soc == within[0].soc));
                prop_assert!(within.iter().all(|sample| sample.allowed > W::ZERO));
            } else if let Some(last) = samples.last() {
                // Nothing moved for long enough only where the last sample is young or not allowed.
                prop_assert!(now - last.at < rule().after || last.allowed == W::ZERO);
            }
        }
    }
}
