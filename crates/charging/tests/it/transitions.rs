//! Whatever chargers do with their orders, what may be drawn stays within what the circuits allow.

use charging::{
    Held, Pending, Setpoint, SetpointReason,
    allocation::{CircuitInput, Phases},
    control::{DepotView, EvseView, Steering, TierSource, step},
};
use chrono::TimeDelta;
use kernel::{
    Clock, CommandId, IdSource, W,
    testing::{CountingIds, FakeClock},
};
use proptest::prelude::*;

/// What happens between two steps.
#[derive(Clone, Debug)]
enum Event {
    /// The oldest order of an EVSE ends.
    Answer {
        evse: usize,
        held: u8,
    },
    /// Somebody comes, goes, or wants something else.
    Demand {
        evse: usize,
        kilowatts: i64,
    },
    /// The limit of a circuit changes.
    Limit {
        circuit: usize,
        kilowatts: i64,
    },
    Online {
        evse: usize,
        online: bool,
    },
    Time {
        seconds: i64,
    },
}

const EVSES: usize = 6;

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        6 => (0..EVSES, 0_u8..6).prop_map(|(evse, held)| Event::Answer { evse, held }),
        2 => (0..EVSES, 0_i64..60).prop_map(|(evse, kilowatts)| Event::Demand { evse, kilowatts }),
        1 => (0_usize..3, 20_i64..200).prop_map(|(circuit, kilowatts)| Event::Limit { circuit, kilowatts }),
        1 => (0..EVSES, any::<bool>()).prop_map(|(evse, online)| Event::Online { evse, online }),
        2 => (1_i64..40).prop_map(|seconds| Event::Time { seconds }),
    ]
}

/// A grid connection with two panels and three EVSEs on each.
struct Yard {
    view: DepotView,
    ids: CountingIds,
    clock: FakeClock,
}

impl Yard {
    fn new() -> Self {
        let (ids, clock) = (CountingIds::default(), FakeClock::default());
        let circuit = |parent, kilowatts: i64| CircuitInput {
            parent,
            max_power: Some(W(kilowatts * 1_000)),
            ..CircuitInput::default()
        };
        let evses = (0..EVSES).map(|index| {
            let (organisation, depot) = (ids.uuid().into(), ids.uuid().into());
            let setpoint = Setpoint::unset(ids.uuid().into(), organisation, depot, ids.uuid().into());
            EvseView {
                circuit: 1 + index / 3,
                phases: Phases::ALL,
                voltage: 230,
                steering: if index % 2 == 0 { Steering::Power } else { Steering::Current },
                min: W(4_140),
                unlimited: W::ZERO,
                demand: W::ZERO,
                bounded_by: SetpointReason::VehicleLimit,
                tier: u8::try_from(1 + index % 3).unwrap(),
                tier_source: TierSource::NotCharging,
                laxity: 0,
                online: true,
                measured: None,
                settled: None,
                setpoint,
            }
        });
        let view = DepotView {
            now: clock.now(),
            controlled: true,
            circuits: vec![circuit(None, 100), circuit(Some(0), 80), circuit(Some(0), 60)],
            evses: evses.collect(),
        };
        Self { view, ids, clock }
    }

    fn step(&mut self) {
        self.view.now = self.clock.now();
        let decision = step(&self.view).unwrap();
        for (index, limit) in decision.orders {
            let commands = vec![CommandId::from_uuid(self.ids.uuid())];
            self.view.evses[index].setpoint.pending.push(Pending { value: limit, commands });
        }
    }

    /// By how much each circuit is exceeded by what its EVSEs may draw.
    fn excess(&self) -> Vec<i64> {
        let mut excess: Vec<i64> =
            self.view.circuits.iter().map(|circuit| -circuit.max_power.map_or(0, W::get)).collect();
        for evse in &self.view.evses {
            let drawn = evse.setpoint.exposure(evse.unlimited).get();
            excess[evse.circuit] += drawn;
            excess[0] += drawn;
        }
        excess
    }

    fn happen(&mut self, event: &Event) {
        match *event {
            Event::Answer { evse, held } => {
                let held = match held {
                    0..=3 => Held::Yes,
                    4 => Held::No,
                    _ => Held::Unknown,
                };
                self.view.evses[evse].setpoint.resolve(held, self.clock.now());
            }
            Event::Demand { evse, kilowatts } => self.view.evses[evse].demand = W(kilowatts * 1_000),
            Event::Limit { circuit, kilowatts } => {
                self.view.circuits[circuit].max_power = Some(W(kilowatts * 1_000));
            }
            Event::Online { evse, online } => self.view.evses[evse].online = online,
            Event::Time { seconds } => self.clock.advance(TimeDelta::seconds(seconds)),
        }
    }

    /// Everything answers yes until nothing changes any more.
    fn settle(&mut self) {
        for evse in &mut self.view.evses {
            evse.online = true;
        }
        for _ in 0..60 {
            self.clock.advance(TimeDelta::seconds(70));
            self.step();
            for evse in &mut self.view.evses {
                while !evse.setpoint.pending.is_empty() {
                    evse.setpoint.resolve(Held::Yes, self.clock.now());
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_step_never_makes_an_excess_or_makes_one_worse(events in proptest::collection::vec(event(), 1..80)) {
        let mut yard = Yard::new();
        for event in events {
            yard.happen(&event);
            let before = yard.excess();
            yard.step();
            for (circuit, (before, after)) in before.iter().zip(yard.excess()).enumerate() {
                prop_assert!(after <= (*before).max(0), "circuit {circuit} by {after} W after {event:?}, {before} before");
            }
        }
        // Once the chargers answer, every limit holds, and what is wanted and fits is given.
        yard.settle();
        let excess = yard.excess();
        prop_assert!(excess.iter().all(|excess| *excess <= 0), "{excess:?}");
        for evse in &yard.view.evses {
            let told = evse.setpoint.told().unwrap_or_default();
            let free = excess[evse.circuit].max(excess[0]) <= -(evse.min.get() + 1_000);
            let fits = evse.demand >= evse.min && free;
            prop_assert!(!fits || told + W(1_000) >= evse.demand, "{told} of {} although there is room: {excess:?}", evse.demand);
        }
    }
}

#[test]
fn an_increase_waits_for_the_reduction_that_makes_its_room() {
    let mut yard = Yard::new();
    yard.view.evses[0].demand = W(80_000);
    yard.view.evses[0].tier = 5;
    yard.settle();
    assert_eq!(yard.view.evses[0].setpoint.confirmed, Some(W(80_000)));
    // A more important vehicle comes to the same panel, which is full.
    yard.view.evses[2].demand = W(50_000);
    yard.view.evses[2].tier = 1;
    yard.step();
    let told = |yard: &Yard, index: usize| yard.view.evses[index].setpoint.told();
    assert_eq!((told(&yard, 0), told(&yard, 2)), (Some(W(30_000)), Some(W::ZERO)));
    // The charger is silent: nothing is given out that it may still draw.
    yard.clock.advance(TimeDelta::seconds(20));
    yard.step();
    assert_eq!(told(&yard, 2), Some(W::ZERO));
    yard.view.evses[0].setpoint.resolve(Held::Yes, yard.clock.now());
    yard.step();
    assert_eq!(told(&yard, 2), Some(W(50_000)));
}

#[test]
fn a_limit_that_halves_is_met_by_reductions_alone() {
    let mut yard = Yard::new();
    for evse in &mut yard.view.evses {
        evse.demand = W(30_000);
    }
    yard.settle();
    assert!(yard.excess()[0] > -5_000, "the connection is used: {:?}", yard.excess());
    yard.view.circuits[0].max_power = Some(W(50_000));
    let before: Vec<W> = yard.view.evses.iter().map(|evse| evse.setpoint.told().unwrap()).collect();
    yard.clock.advance(TimeDelta::seconds(1));
    yard.step();
    let after: Vec<W> = yard.view.evses.iter().map(|evse| evse.setpoint.told().unwrap()).collect();
    assert!(before.iter().zip(&after).all(|(before, after)| after <= before), "{before:?} {after:?}");
    assert!(after.iter().copied().sum::<W>() <= W(50_000), "{after:?}");
}
