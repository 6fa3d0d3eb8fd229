//! A limit as an order to a charger, and the question whether it is kept.

use charge_point::{
    ChargePoint, ChargingProfile, CommandKind, LimitUnit, ProfileKind, ProfilePurpose, ProfileSchedule, Rate,
    TriggeredMessage,
};
use kernel::{MilliAmps, W};
use transaction::OpenSession;

use crate::control::{EvseView, Setpoint, Steering};

/// Above what an operator sets by hand, below what a charger may refuse.
const STACK_LEVEL: u16 = 1;
/// Our profiles, one for each connector.
const FIRST_PROFILE: i32 = 1_000;

/// The orders that set a limit on an EVSE, one for each of its connectors. A `TxDefaultProfile`
/// without an end holds for the running transaction and for every later one, and stays where it
/// is when the connection is lost: an offline charger goes on with its last limit.
pub(super) fn limit_orders(charger: &ChargePoint, view: &EvseView, limit: W) -> Vec<CommandKind> {
    let evse = charger.evse(view.setpoint.evse);
    let connectors = evse.map(|evse| evse.connectors.as_slice()).unwrap_or_default();
    let phases = u8::try_from(view.phases.count()).unwrap_or(3);
    let schedule = match view.steering {
        Steering::Power => ProfileSchedule::constant(LimitUnit::Watts, Rate::from_power(limit), None),
        Steering::Current => {
            let share = i64::from(view.voltage.max(1)) * i64::from(phases);
            let current = MilliAmps(limit.get().saturating_mul(1_000).div_euclid(share));
            ProfileSchedule::constant(LimitUnit::Amps, Rate::from_current(current), Some(phases))
        }
    };
    connectors
        .iter()
        .map(|connector| CommandKind::SetChargingProfile {
            connector: connector.flat_number,
            profile: ChargingProfile {
                id: FIRST_PROFILE + i32::from(connector.flat_number),
                stack_level: STACK_LEVEL,
                purpose: ProfilePurpose::TxDefault,
                kind: ProfileKind::Relative,
                transaction: None,
                valid_from: None,
                valid_to: None,
                schedule: schedule.clone(),
            },
        })
        .collect()
}

/// Asks for a reading where a charger has just confirmed less than before, or less than it was last
/// measured to draw: its own next reading may be minutes away, and until then nobody knows that it
/// obeys.
pub(super) fn reading_order(
    charger: &ChargePoint,
    session: &OpenSession,
    setpoint: &Setpoint,
) -> Option<CommandKind> {
    let able = charger.live.online && charger.live.capabilities.remote_trigger != Some(false);
    let (limit, at, latest) = (setpoint.confirmed?, setpoint.confirmed_at?, session.latest?);
    let unknown = setpoint.unseen.is_some() || latest.power? > limit;
    let asks = setpoint.pending.is_empty() && latest.at < at && unknown;
    (able && asks).then_some(CommandKind::TriggerMessage {
        message: TriggeredMessage::MeterValues,
        connector: Some(session.place.connector),
    })
}
