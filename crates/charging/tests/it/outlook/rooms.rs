//! Whatever is seen, no room is above what limit, margin and others leave.

use std::collections::{BTreeMap, BTreeSet};

use charging::outlook::{Sight, question};
use chrono::TimeDelta;
use depot::{
    CircuitLimit, ExternalLimit, ExternalLimits, LimitWindow, Margin, Precedence, Schedule, WeekBand,
    Weekdays,
};
use kernel::{Clock as _, IdSource, MilliAmps, TimeOfDay, Timestamp, Version, W, Wh, testing::FakeClock};
use proptest::prelude::*;

use super::yard::{Yard, morning};

#[derive(Clone, Debug)]
struct Seen {
    minutes: i64,
    grid_kw: i64,
    grid_amps: Option<i64>,
    panel_kw: i64,
    margin: u16,
    unmanaged: [i64; 2],
    windows: Vec<(u16, u16, i64, u8)>,
    externals: Vec<(i64, i64, i64)>,
    expires: i64,
    offline: Vec<bool>,
    drawn: Vec<i64>,
}

fn seen() -> impl Strategy<Value = Seen> {
    let windows = prop::collection::vec((0..1_440_u16, 1..1_440_u16, 0..200_i64, 0..=10_u8), 0..4);
    let externals = prop::collection::vec((0..2_000_i64, 1..900_i64, 0..150_i64), 0..3);
    let limits = (1..300_i64, prop::option::of(1..400_i64), 1..200_i64, 0..3_000_u16);
    let rest = (
        any::<[u8; 2]>(),
        1..2_000_i64,
        prop::collection::vec(any::<bool>(), 3),
        prop::collection::vec(0..9_000_i64, 3),
    );
    (0..4_000_i64, limits, windows, externals, rest).prop_map(
        |(minutes, limits, windows, externals, rest)| {
            let (grid_kw, grid_amps, panel_kw, margin) = limits;
            let (unmanaged, expires, offline, drawn) = rest;
            let unmanaged = unmanaged.map(|load| i64::from(load) * 300);
            Seen {
                minutes,
                grid_kw,
                grid_amps,
                panel_kw,
                margin,
                unmanaged,
                windows,
                externals,
                expires,
                offline,
                drawn,
            }
        },
    )
}

impl Seen {
    fn yard(&self) -> Yard {
        let mut yard = Yard::new();
        let now = morning() + TimeDelta::minutes(self.minutes);
        yard.sight.now = now;
        let panel = yard.panel(W(self.panel_kw * 1_000));
        let clock = |minute: u16| TimeOfDay::at(u32::from(minute) / 60, u32::from(minute) % 60);
        let windows = self.windows.iter().filter_map(|(from, length, limit, precedence)| {
            let to = clock((from + length) % 1_440);
            Some(LimitWindow {
                id: yard.ids.uuid().into(),
                organisation: panel.organisation,
                depot: panel.depot,
                circuit: panel.id,
                version: Version::FIRST,
                name: None,
                precedence: Precedence::new(*precedence)?,
                schedule: Schedule::Weekly(WeekBand::new(Weekdays::ALL, clock(*from), to)?),
                limit: CircuitLimit::power(W(limit * 1_000)),
                created_at: FakeClock::default().now(),
                updated_at: FakeClock::default().now(),
            })
        });
        let windows: Vec<LimitWindow> = windows.collect();
        let limits = self.externals.iter().map(|(from, length, limit)| ExternalLimit {
            from: now + TimeDelta::minutes(*from),
            to: now + TimeDelta::minutes(from + length),
            limit: CircuitLimit::power(W(limit * 1_000)),
        });
        let list = ExternalLimits {
            organisation: panel.organisation,
            depot: panel.depot,
            circuit: panel.id,
            source: "utility".into(),
            expires_at: now + TimeDelta::minutes(self.expires),
            limits: limits.collect(),
            received_at: now,
        };
        yard.tree(|nodes| {
            nodes[0].circuit.limit = CircuitLimit {
                power: Some(W(self.grid_kw * 1_000)),
                current: self.grid_amps.map(|amps| MilliAmps(amps * 1_000)),
            };
            for (node, load) in nodes.iter_mut().zip(self.unmanaged) {
                node.circuit.safety_margin = Margin::from_hundredths(self.margin).unwrap();
                node.circuit.unmanaged_load = W(load);
            }
            nodes[1].windows = windows;
            nodes[1].externals = vec![list];
        });
        let mut drawn = BTreeMap::new();
        for (offline, energy) in self.offline.iter().zip(&self.drawn) {
            let evse = yard.charger_with(|charger| {
                charger.live.online = !offline;
                charger.circuit = Some(panel.id);
                charger.electrics.offline_limit = Some(W(6_000));
            });
            drawn.insert(evse, Wh(*energy));
        }
        yard.sight.drawn = drawn;
        yard
    }
}

/// What may be drawn at a circuit at an instant, by the rules of the depot's domain alone.
fn free(sight: &Sight, circuit: usize, at: Timestamp) -> W {
    let node = &sight.topology.circuits[circuit];
    let limit = node.effective_limit(sight.topology.depot.time_zone, at).usable_power().unwrap();
    let others: W = sight.topology.circuits[circuit..].iter().map(|node| node.circuit.unmanaged_load).sum();
    let kept = sight.chargers.iter().filter(|charger| !charger.live.online).count();
    limit - others - W(6_000 * i64::try_from(kept).unwrap())
}

proptest! {
    #[test]
    fn no_room_is_above_what_is_left_at_any_minute(seen in seen()) {
        let yard = seen.yard();
        let question = question(&yard.sight, &BTreeSet::new()).unwrap();
        for (circuit, room) in question.problem.circuits().iter().enumerate() {
            for (slot, room) in room.room.iter().enumerate() {
                for minute in 0..15 {
                    let at = question.grid.at(slot) + TimeDelta::minutes(minute);
                    if at < yard.sight.now {
                        continue;
                    }
                    let free = free(&yard.sight, circuit, at).at_least_zero();
                    prop_assert!(*room <= free, "circuit {circuit}, slot {slot}: {room} above {free} at {at}");
                }
            }
        }
    }
}
