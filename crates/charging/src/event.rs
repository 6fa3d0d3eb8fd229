//! The facts that the control publishes.

use kernel::{Clock, Event, IdSource, W};
use serde_json::json;

use crate::control::{EvseView, FollowingChange};

pub const NOT_FOLLOWING: &str = "manage.evse.not_following.v1";
pub const FOLLOWING_AGAIN: &str = "manage.evse.following_again.v1";

pub(crate) fn following(
    clock: &dyn Clock,
    ids: &dyn IdSource,
    change: FollowingChange,
    evse: &EvseView,
) -> Event {
    let name = match change {
        FollowingChange::Lost => NOT_FOLLOWING,
        FollowingChange::Regained => FOLLOWING_AGAIN,
    };
    let setpoint = &evse.setpoint;
    let data = json!({
        "depot_id": setpoint.depot,
        "charge_point_id": setpoint.charge_point,
        "evse_id": setpoint.evse,
        "setpoint_kw": setpoint.told().map(W::to_kilo),
        "measured_kw": evse.measured.map(W::to_kilo),
    });
    Event::new(clock, ids, setpoint.organisation, name, &setpoint.charge_point, data)
}
