//! When a connector could be used, to the second.
//!
//! A connector is up while its charge point is connected and neither of them says that it is faulted
//! or unavailable. Times that are excluded count neither way.

use kernel::{ChargePointId, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::status::ConnectorStatus;

/// Something that changed at a charge point, kept for whoever asks how it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryEntry {
    pub id: Uuid,
    pub charge_point: ChargePointId,
    pub at: Timestamp,
    pub fact: Fact,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// Whether it is connected from now on.
    Online(bool),
    /// What a connector, or with number 0 the whole charge point, says from now on.
    Status { connector: u16, status: ConnectorStatus },
}

/// From an instant, inclusive, to another, exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    pub from: Timestamp,
    pub to: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    Up,
    Down(DownReason),
    Excluded,
}

/// Of several reasons the first here counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DownReason {
    Offline,
    Faulted,
    Unavailable,
}

/// A time in which the condition was the same, in whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    pub span: Span,
    pub condition: Condition,
}

impl Period {
    pub fn seconds(&self) -> i64 {
        (self.span.to - self.span.from).num_seconds()
    }
}

/// How a connector was over a span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectorUptime {
    /// Counted over the whole charge point.
    pub connector: u16,
    pub up_seconds: i64,
    pub down_seconds: i64,
    pub excluded_seconds: i64,
    /// In order, without gaps; neighbours differ.
    pub periods: Vec<Period>,
}

impl ConnectorUptime {
    /// Of the time that counts; `None` where none does.
    #[expect(clippy::cast_precision_loss, reason = "seconds stay far below 2^53")]
    pub fn percent(&self) -> Option<f64> {
        let counted = self.up_seconds + self.down_seconds;
        (counted > 0).then(|| 100.0 * self.up_seconds as f64 / counted as f64)
    }
}

/// What is known of a connector at an instant. A charge point that never was connected is not.
#[derive(Clone, Copy, Default)]
struct Known {
    online: bool,
    whole: ConnectorStatus,
    own: ConnectorStatus,
}

impl Known {
    fn take(&mut self, fact: Fact, of: u16) {
        match fact {
            Fact::Online(online) => self.online = online,
            Fact::Status { connector: 0, status } => self.whole = status,
            Fact::Status { connector, status } if connector == of => self.own = status,
            Fact::Status { .. } => {}
        }
    }

    fn condition(self) -> Condition {
        let says = |status| self.whole == status || self.own == status;
        match () {
            () if !self.online => Condition::Down(DownReason::Offline),
            () if says(ConnectorStatus::Faulted) => Condition::Down(DownReason::Faulted),
            () if says(ConnectorStatus::Unavailable) => Condition::Down(DownReason::Unavailable),
            () => Condition::Up,
        }
    }
}

/// How a connector was over a span. `history` is in order of time, with what was known when the span
/// began at its beginning. Of facts within one second the last counts.
pub fn uptime(connector: u16, history: &[HistoryEntry], excluded: &[Span], span: Span) -> ConnectorUptime {
    let (from, to) = (span.from.timestamp(), span.to.timestamp());
    let mut known = Known::default();
    let mut parts = Parts { at: from, to, excluded: disjoint(excluded), periods: Vec::new() };
    for entry in history {
        parts.until(entry.at.timestamp(), known.condition());
        known.take(entry.fact, connector);
    }
    parts.until(to, known.condition());
    let sum = |wanted: fn(Condition) -> bool| {
        parts.periods.iter().filter(|period| wanted(period.condition)).map(Period::seconds).sum()
    };
    ConnectorUptime {
        connector,
        up_seconds: sum(|condition| condition == Condition::Up),
        down_seconds: sum(|condition| matches!(condition, Condition::Down(_))),
        excluded_seconds: sum(|condition| condition == Condition::Excluded),
        periods: parts.periods,
    }
}

/// Seconds in order, none in two, empty ones left out.
fn disjoint(spans: &[Span]) -> Vec<(i64, i64)> {
    let seconds = |span: &Span| (span.from.timestamp(), span.to.timestamp());
    let mut spans: Vec<(i64, i64)> = spans.iter().map(seconds).filter(|(from, to)| from < to).collect();
    spans.sort_unstable();
    let mut merged: Vec<(i64, i64)> = Vec::with_capacity(spans.len());
    for (from, to) in spans {
        match merged.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => merged.push((from, to)),
        }
    }
    merged
}

/// The periods as they grow.
struct Parts {
    at: i64,
    to: i64,
    excluded: Vec<(i64, i64)>,
    periods: Vec<Period>,
}

impl Parts {
    /// The condition holds up to a second, or to the end of the span where that is earlier.
    fn until(&mut self, second: i64, condition: Condition) {
        let end = second.min(self.to);
        while self.at < end {
            let next = self.excluded.iter().find(|(_, to)| *to > self.at).copied();
            match next {
                Some((from, to)) if from <= self.at => self.push(to.min(end), Condition::Excluded),
                Some((from, _)) => self.push(from.min(end), condition),
                None => self.push(end, condition),
            }
        }
    }

    fn push(&mut self, to: i64, condition: Condition) {
        let instant = |second| Timestamp::from_timestamp(second, 0).unwrap_or_default();
        match self.periods.last_mut() {
            Some(last) if last.condition == condition => last.span.to = instant(to),
            _ => {
                let span = Span { from: instant(self.at), to: instant(to) };
                self.periods.push(Period { span, condition });
            }
        }
        self.at = to;
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use kernel::{
        Clock, IdSource,
        testing::{CountingIds, FakeClock},
    };
    use proptest::prelude::*;

    use super::*;

    fn instant(millis: i64) -> Timestamp {
        FakeClock::default().now() + TimeDelta::milliseconds(millis)
    }

    fn span(from: i64, to: i64) -> Span {
        Span { from: instant(from * 1_000), to: instant(to * 1_000) }
    }

    fn entry(millis: i64, fact: Fact) -> HistoryEntry {
        let ids = CountingIds::default();
        HistoryEntry { id: ids.uuid(), charge_point: ids.uuid().into(), at: instant(millis), fact }
    }

    fn status(connector: u16, status: ConnectorStatus) -> Fact {
        Fact::Status { connector, status }
    }

    #[test]
    fn a_day_in_the_life_of_a_connector() {
        let history = [
            entry(-5_000, Fact::Online(true)),
            entry(10_000, status(1, ConnectorStatus::Faulted)),
            entry(15_000, status(2, ConnectorStatus::Faulted)),
            entry(20_999, status(1, ConnectorStatus::Charging)),
            entry(30_000, Fact::Online(false)),
            entry(40_000, Fact::Online(true)),
            entry(50_000, status(0, ConnectorStatus::Unavailable)),
            entry(70_000, status(0, ConnectorStatus::Available)),
        ];
        let found = uptime(1, &history, &[span(55, 60), span(58, 65), span(200, 300)], span(0, 100));
        let periods: Vec<_> =
            found.periods.iter().map(|period| (period.seconds(), period.condition)).collect();
        assert_eq!(
            periods,
            [
                (10, Condition::Up),
                (10, Condition::Down(DownReason::Faulted)),
                (10, Condition::Up),
                (10, Condition::Down(DownReason::Offline)),
                (10, Condition::Up),
                (5, Condition::Down(DownReason::Unavailable)),
                (10, Condition::Excluded),
                (5, Condition::Down(DownReason::Unavailable)),
                (30, Condition::Up),
            ]
        );
        assert_eq!((found.up_seconds, found.down_seconds, found.excluded_seconds), (60, 30, 10));
        assert_eq!(found.percent(), Some(100.0 * 60.0 / 90.0));
    }

    #[test]
    fn nothing_known_is_offline_and_nothing_counted_has_no_percentage() {
        let found = uptime(1, &[], &[], span(0, 10));
        assert_eq!((found.down_seconds, found.percent()), (10, Some(0.0)));
        assert_eq!(uptime(1, &[], &[span(-5, 20)], span(0, 10)).percent(), None);
        assert!(uptime(1, &[], &[], span(5, 5)).periods.is_empty());
    }

    fn facts() -> impl Strategy<Value = Fact> {
        prop_oneof![
            any::<bool>().prop_map(Fact::Online),
            (0_u16..3, 0_usize..10).prop_map(|(connector, n)| status(connector, ConnectorStatus::ALL[n])),
        ]
    }

    proptest! {
        #[test]
        fn periods_are_what_each_second_was(
            mut facts in proptest::collection::vec((-20_000_i64..120_000, facts()), 0..40),
            excluded in proptest::collection::vec((-20_i64..120, -20_i64..120), 0..6),
            from in -10_i64..50,
            length in 0_i64..100,
        ) {
            facts.sort_by_key(|(at, _)| *at);
            let history: Vec<_> = facts.iter().map(|(at, fact)| entry(*at, *fact)).collect();
            let spans: Vec<_> = excluded.iter().map(|(from, to)| span(*from, *to)).collect();
            let whole = span(from, from + length);
            let found = uptime(1, &history, &spans, whole);

            prop_assert_eq!(found.up_seconds + found.down_seconds + found.excluded_seconds, length);
            let mut at = whole.from;
            for period in &found.periods {
                prop_assert!(period.span.from == at && period.span.from < period.span.to);
                at = period.span.to;
            }
            prop_assert_eq!(at, whole.to);
            prop_assert!(found.periods.windows(2).all(|pair| pair[0].condition != pair[1].condition));

            for second in from..from + length {
                let mut known = Known::default();
                for (at, fact) in &facts {
                    if at.div_euclid(1_000) <= second {
                        known.take(*fact, 1);
                    }
                }
                let out = excluded.iter().any(|(from, to)| *from <= second && second < *to);
                let expected = if out { Condition::Excluded } else { known.condition() };
                let at = instant(second * 1_000);
                let period = found.periods.iter().find(|period| period.span.from <= at && at < period.span.to);
                prop_assert_eq!(period.unwrap().condition, expected, "second {}", second);
            }
        }
    }
}
