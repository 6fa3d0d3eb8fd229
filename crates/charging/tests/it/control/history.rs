//! Generated depots and generated histories: everything that may happen between two steps.

use charging::{
    DepotPlan, Held, Trigger, VehiclePlan,
    outlook::{BatteryOutlook, PlanCost},
    overrides::{OverrideAction, OverrideStrategy, OverrideTarget, testing::overridden},
};
use chrono::TimeDelta;
use depot::{ChargingStrategy, LoadReading, LoadState};
use kernel::{Clock, W};
use proptest::prelude::*;

use super::yard::{Kind, Yard};

#[derive(Clone, Debug)]
pub enum Event {
    /// The oldest order of a place ends.
    Answer {
        place: usize,
        held: u8,
    },
    PlugIn {
        place: usize,
        kilowatts: i64,
    },
    Unplug {
        place: usize,
    },
    /// The limit of a circuit changes.
    Limit {
        circuit: usize,
        kilowatts: i64,
    },
    /// Others draw something else.
    Unmanaged {
        circuit: usize,
        kilowatts: i64,
    },
    Online {
        place: usize,
        online: bool,
    },
    Reboot {
        place: usize,
    },
    Read {
        place: usize,
    },
    Charges {
        place: usize,
    },
    Override {
        place: usize,
        what: u8,
        minutes: i64,
    },
    Plan {
        kilowatts: i64,
    },
    Strategy {
        which: u8,
        use_spare_room: bool,
    },
    Time {
        seconds: i64,
    },
}

/// Circuits by their parents and limits, and chargers on them.
pub fn yard() -> impl Strategy<Value = (Vec<(Option<usize>, i64)>, Vec<Kind>)> {
    let circuits = proptest::collection::vec((any::<prop::sample::Index>(), 15_i64..150), 0..5);
    let circuits = (40_i64..250, circuits).prop_map(|(grid, below)| {
        let mut circuits = vec![(None, grid)];
        for (parent, limit) in below {
            circuits.push((Some(parent.index(circuits.len())), limit));
        }
        circuits
    });
    circuits.prop_flat_map(|circuits| {
        let kind = (0..circuits.len(), any::<bool>(), 11_i64..120, 3_i64..15, 1_u8..4);
        let kind = kind.prop_map(|(circuit, direct, kilowatts, min_kilowatts, tier)| Kind {
            circuit,
            direct,
            kilowatts: if direct { kilowatts.max(min_kilowatts) } else { 22 },
            min_kilowatts,
            tier,
        });
        (Just(circuits), proptest::collection::vec(kind, 2..8))
    })
}

/// Places and circuits are taken modulo how many there are.
pub fn event() -> impl Strategy<Value = Event> {
    let place = 0..8_usize;
    prop_oneof![
        8 => (place.clone(), 0_u8..7).prop_map(|(place, held)| Event::Answer { place, held }),
        4 => (place.clone(), 3_i64..120).prop_map(|(place, kilowatts)| Event::PlugIn { place, kilowatts }),
        1 => place.clone().prop_map(|place| Event::Unplug { place }),
        2 => (0..5_usize, 10_i64..200).prop_map(|(circuit, kilowatts)| Event::Limit { circuit, kilowatts }),
        1 => (0..5_usize, 0_i64..40).prop_map(|(circuit, kilowatts)| Event::Unmanaged { circuit, kilowatts }),
        2 => (place.clone(), any::<bool>()).prop_map(|(place, online)| Event::Online { place, online }),
        1 => place.clone().prop_map(|place| Event::Reboot { place }),
        4 => place.clone().prop_map(|place| Event::Read { place }),
        1 => place.clone().prop_map(|place| Event::Charges { place }),
        1 => (place, 0_u8..6, 1_i64..30).prop_map(|(place, what, minutes)| Event::Override { place, what, minutes }),
        1 => (0_i64..60).prop_map(|kilowatts| Event::Plan { kilowatts }),
        1 => (0_u8..3, any::<bool>())
            .prop_map(|(which, use_spare_room)| Event::Strategy { which, use_spare_room }),
        6 => (1_i64..60).prop_map(|seconds| Event::Time { seconds }),
    ]
}

impl Yard {
    pub fn happen(&mut self, event: &Event) {
        let places = self.real.len();
        let circuits = self.depot.topology.circuits.len();
        match *event {
            Event::Answer { place, held } => {
                let (held, holds) = match held {
                    0..=3 => (Held::Yes, true),
                    4 => (Held::No, false),
                    other => (Held::Unknown, other == 5),
                };
                self.answer(place % places, held, holds);
            }
            Event::PlugIn { place, kilowatts } => self.plug_in(place % places, W(kilowatts * 1_000)),
            Event::Unplug { place } => self.unplug(place % places),
            Event::Limit { circuit, kilowatts } => self.limit(circuit % circuits, kilowatts),
            Event::Unmanaged { circuit, kilowatts } => {
                let reading = LoadReading { at: self.clock.now(), power: W(kilowatts * 1_000) };
                let state = LoadState { latest: Some(reading), peak: Some(reading) };
                let id = self.circuit_id(circuit % circuits);
                self.depot.topology.loads.insert(id, state);
            }
            Event::Online { place, online } => self.online(place % places, online),
            Event::Reboot { place } => self.reboot(place % places),
            Event::Read { place } => self.read(place % places),
            Event::Charges { place } => self.charges(place % places),
            Event::Override { place, what, minutes } => self.set_by_hand(place % places, what, minutes),
            Event::Plan { kilowatts } => {
                self.plan(|place| W((kilowatts + i64::try_from(place).unwrap()) * 1_000));
            }
            Event::Strategy { which, use_spare_room } => {
                let strategies =
                    [ChargingStrategy::EqualShare, ChargingStrategy::Priority, ChargingStrategy::Scheduled];
                self.strategy(strategies[usize::from(which)], use_spare_room);
            }
            Event::Time { seconds } => self.pass(TimeDelta::seconds(seconds)),
        }
        let now = self.clock.now();
        self.depot.overrides.retain(|over| over.active(now));
    }

    pub fn set_by_hand(&mut self, place: usize, what: u8, minutes: i64) {
        let charger = &self.depot.chargers[place];
        let target = match what % 3 {
            0 => OverrideTarget::ChargePoint(charger.id),
            1 => OverrideTarget::Evse(charger.evses[0].id),
            _ => OverrideTarget::Vehicle(self.vehicles[place].id),
        };
        let action = match what {
            0 => OverrideAction::Pause,
            1 => OverrideAction::Boost,
            2 => OverrideAction::Limit(W(12_000)),
            3 => OverrideAction::Strategy(OverrideStrategy::EqualShare),
            4 => OverrideAction::Strategy(OverrideStrategy::Scheduled),
            _ => OverrideAction::Strategy(OverrideStrategy::Priority),
        };
        let until = self.clock.now() + TimeDelta::minutes(minutes);
        let over = overridden(&self.ids, charger.organisation, (target, action), until);
        self.depot.overrides.push(over);
    }

    /// A plan of a day from now on, the same power in every slot.
    pub fn plan(&mut self, power: impl Fn(usize) -> W) {
        let now = self.clock.now();
        let vehicles = self.vehicles.iter().enumerate().map(|(place, vehicle)| VehiclePlan {
            vehicle: vehicle.id,
            evse: None,
            run: None,
            tier: 5,
            arrival_at: now,
            departure_at: now + TimeDelta::hours(24),
            need: kernel::Wh(100_000),
            unmet: kernel::Wh(0),
            binding: Vec::new(),
            power: vec![power(place); 96],
            battery: BatteryOutlook {
                capacity: vehicle.battery,
                soc: kernel::Soc::EMPTY,
                assumed: true,
                efficiency: 950,
                taken: kernel::Wh::ZERO,
                precondition: None,
            },
            predicted_soc: None,
            ready_at: None,
            reason: None,
            progress: None,
        });
        self.depot.plan = Some(DepotPlan {
            depot: self.depot.topology.depot.id,
            computed_at: now,
            trigger: Trigger::Requested,
            starts_at: now,
            slot_minutes: 15,
            slots: 96,
            vehicles: vehicles.collect(),
            charging: vec![W::ZERO; 96],
            bill: PlanCost::default(),
            target: None,
        });
    }
}
