//! How fast and how often setpoints change, and for how long what was decided stands.

use chrono::TimeDelta;
use kernel::W;

/// What an operator may set of the control's manners. Reductions never wait for any of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// An EVSE is raised by no more than this at once.
    pub ramp: W,
    /// From a reduction of an EVSE to its next increase.
    pub raise_after: TimeDelta,
    /// Smaller changes are not worth an order, unless a circuit needs them.
    pub hysteresis: W,
    /// Between the orders to one charger, where the later one raises.
    pub between_orders: TimeDelta,
    /// Where not all minimums fit: what is received counts for so long, and with so many waiting
    /// everybody has a turn within so many windows.
    pub window: TimeDelta,
    /// A vehicle that was switched on stays on for so long; at most half a window.
    pub turn: TimeDelta,
    /// A vehicle that was switched off stays off for so long; at most a window.
    pub rest: TimeDelta,
    /// An older plan is not followed.
    pub plan_valid: TimeDelta,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            ramp: W(50_000),
            raise_after: TimeDelta::seconds(10),
            hysteresis: W(500),
            between_orders: TimeDelta::seconds(5),
            window: TimeDelta::minutes(15),
            turn: TimeDelta::minutes(5),
            rest: TimeDelta::minutes(2),
            plan_valid: TimeDelta::minutes(30),
        }
    }
}

impl Pace {
    /// The same with what contradicts itself put right: no turn is longer than half a window, no
    /// rest longer than one, and nothing is negative.
    #[must_use]
    pub fn sound(self) -> Self {
        let window = self.window.max(TimeDelta::minutes(1));
        let not_negative = |time: TimeDelta| time.max(TimeDelta::zero());
        Self {
            ramp: self.ramp.max(W(1_000)),
            raise_after: not_negative(self.raise_after),
            hysteresis: self.hysteresis.at_least_zero(),
            between_orders: not_negative(self.between_orders),
            window,
            turn: not_negative(self.turn).min(window / 2),
            rest: not_negative(self.rest).min(window),
            plan_valid: not_negative(self.plan_valid),
        }
    }
}
