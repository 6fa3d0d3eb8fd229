//! `GET /depots/{id}/allocation`

use axum::{Json, extract::State};
use charging::{DepotAllocation, EvseShare, NodeUse, PlanUse, SetpointReason, TierSource};
use chrono::{DateTime, Utc};
use http_kit::{Answer, Caller, PathId};
use kernel::{DepotId, W};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    App,
    priority::{GivenBy, PriorityReason, given_by},
};

#[derive(Serialize, ToSchema)]
#[schema(as = Allocation)]
pub(crate) struct AllocationBody {
    /// Null before the control's first step.
    #[schema(required)]
    computed_at: Option<DateTime<Utc>>,
    plan_state: PlanWord,
    /// Of the newest plan, where one is wanted.
    #[schema(required)]
    plan_computed_at: Option<DateTime<Utc>>,
    evses: Vec<ShareBody>,
    /// Parents before their children.
    circuits: Vec<NodeBody>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = AllocationEvse)]
pub(crate) struct ShareBody {
    evse_id: Uuid,
    charge_point_id: Uuid,
    /// The limit that the charger was last told.
    setpoint_kw: f64,
    /// Whether the charger has confirmed it.
    confirmed: bool,
    /// What it will have once there is room.
    target_kw: f64,
    /// Null where nobody charges, or nothing recent is known.
    #[schema(required)]
    measured_kw: Option<f64>,
    demand_kw: f64,
    /// The circuit that keeps it down, where one does.
    #[schema(required)]
    binding_circuit_id: Option<Uuid>,
    /// 1 is the most important, 9 the least.
    priority_level: u8,
    /// What gave it that level.
    priority_reason: PriorityReason,
    /// The rule, where one gave the level.
    #[schema(required)]
    priority_rule_id: Option<Uuid>,
    /// The override, where one gave the level.
    #[schema(required)]
    priority_override_id: Option<Uuid>,
    /// The run, where the vehicle's next one gave the level.
    #[schema(required)]
    priority_run_id: Option<Uuid>,
    reason: ReasonWord,
    /// What the plan says for this moment. Null where no plan is followed, or none knows the vehicle.
    #[schema(required)]
    plan_kw: Option<f64>,
    /// The override of charging that decides about it, where one does.
    #[schema(required)]
    override_id: Option<Uuid>,
    /// It draws more than it was told, and telling it again did not help.
    not_following: bool,
    online: bool,
}

#[derive(Serialize, ToSchema)]
#[schema(as = AllocationCircuit)]
pub(crate) struct NodeBody {
    id: Uuid,
    /// The limit that holds now, as power.
    #[schema(required)]
    limit_kw: Option<f64>,
    /// The limit less the safety margin.
    #[schema(required)]
    usable_kw: Option<f64>,
    /// The most that the chargers below may draw by everything they were told.
    used_kw: f64,
    /// What they are measured to draw.
    measured_kw: f64,
    /// What others draw, here and below.
    unmanaged_kw: f64,
}

/// Whether the plan is followed.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[schema(as = PlanState)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PlanWord {
    /// The strategy asks for none.
    NotWanted,
    Followed,
    /// There is none: power is shared by priority until there is.
    Missing,
    /// It is too old: power is shared by priority until there is another.
    Outdated,
}

/// Why an EVSE has the setpoint it has.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[schema(as = SetpointReason)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReasonWord {
    BindingCircuit,
    /// It has what its plan says, or waits for what its plan says.
    Plan,
    VehicleLimit,
    ChargerLimit,
    /// It was limited or paused by hand.
    Override,
    /// Not all of its priority level can charge at once: others have their turn.
    Rotation,
    /// Not even the least it can charge with fits.
    MinimumNotAvailable,
    /// It cannot be reached; what it may draw is kept free.
    OfflineFallback,
    /// It is on its way up: room is about to become free.
    Ramping,
    NotCharging,
    /// It draws more than it was told; its draw is what counts.
    NotFollowing,
    /// The depot sends no setpoints.
    Uncontrolled,
}

impl From<DepotAllocation> for AllocationBody {
    fn from(allocation: DepotAllocation) -> Self {
        Self {
            computed_at: Some(allocation.computed_at),
            plan_state: allocation.plan_use.into(),
            plan_computed_at: allocation.plan_computed_at,
            evses: allocation.evses.into_iter().map(ShareBody::from).collect(),
            circuits: allocation.circuits.into_iter().map(NodeBody::from).collect(),
        }
    }
}

impl From<EvseShare> for ShareBody {
    fn from(share: EvseShare) -> Self {
        let given: GivenBy = match share.tier_source {
            TierSource::Priority(source) => given_by(source),
            TierSource::TargetReached => PriorityReason::TargetReached.into(),
            TierSource::Boost => PriorityReason::Boost.into(),
            TierSource::EqualShare => PriorityReason::EqualShare.into(),
            TierSource::NotCharging => PriorityReason::NotCharging.into(),
        };
        Self {
            evse_id: share.evse.into(),
            charge_point_id: share.charge_point.into(),
            setpoint_kw: share.setpoint.to_kilo(),
            confirmed: share.confirmed,
            target_kw: share.target.to_kilo(),
            measured_kw: share.measured.map(W::to_kilo),
            demand_kw: share.demand.to_kilo(),
            binding_circuit_id: share.binding.map(Into::into),
            priority_level: share.priority_level,
            priority_reason: given.reason,
            priority_rule_id: given.rule,
            priority_override_id: given.over,
            priority_run_id: given.run,
            reason: share.reason.into(),
            plan_kw: share.plan.map(W::to_kilo),
            override_id: share.over.map(Into::into),
            not_following: share.not_following,
            online: share.online,
        }
    }
}

impl From<NodeUse> for NodeBody {
    fn from(node: NodeUse) -> Self {
        Self {
            id: node.circuit.into(),
            limit_kw: node.limit.map(W::to_kilo),
            usable_kw: node.usable.map(W::to_kilo),
            used_kw: node.used.to_kilo(),
            measured_kw: node.measured.to_kilo(),
            unmanaged_kw: node.unmanaged.to_kilo(),
        }
    }
}

impl From<PlanUse> for PlanWord {
    fn from(plan: PlanUse) -> Self {
        match plan {
            PlanUse::NotWanted => Self::NotWanted,
            PlanUse::Followed => Self::Followed,
            PlanUse::Missing => Self::Missing,
            PlanUse::Outdated => Self::Outdated,
        }
    }
}

impl From<SetpointReason> for ReasonWord {
    fn from(reason: SetpointReason) -> Self {
        match reason {
            SetpointReason::BindingCircuit => Self::BindingCircuit,
            SetpointReason::Plan => Self::Plan,
            SetpointReason::Override => Self::Override,
            SetpointReason::Rotation => Self::Rotation,
            SetpointReason::VehicleLimit => Self::VehicleLimit,
            SetpointReason::ChargerLimit => Self::ChargerLimit,
            SetpointReason::MinimumNotAvailable => Self::MinimumNotAvailable,
            SetpointReason::OfflineFallback => Self::OfflineFallback,
            SetpointReason::Ramping => Self::Ramping,
            SetpointReason::NotCharging => Self::NotCharging,
            SetpointReason::NotFollowing => Self::NotFollowing,
            SetpointReason::Uncontrolled => Self::Uncontrolled,
        }
    }
}

/// Who may draw how much now, and why.
#[utoipa::path(
    get,
    path = "/depots/{id}/allocation",
    tag = "charging",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "As the control's last step found it.", body = AllocationBody))
)]
pub(crate) async fn allocation_get(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(depot): PathId<DepotId>,
) -> Answer<Json<AllocationBody>> {
    let found = app.allocations.allocation_get(&scope, depot).await?;
    let nothing = AllocationBody {
        computed_at: None,
        plan_state: PlanWord::NotWanted,
        plan_computed_at: None,
        evses: Vec::new(),
        circuits: Vec::new(),
    };
    Ok(Json(found.map_or(nothing, AllocationBody::from)))
}
