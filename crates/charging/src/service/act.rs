//! Giving the orders of a step, and keeping what it found.

use std::collections::{BTreeMap, BTreeSet};

use charge_point::{ChargePoint, request_command};
use kernel::{EvseId, Fence, Scope};

use super::{
    controls::{ControlService, Ticked},
    orders::{limit_orders, reading_order},
    report::report,
};
use crate::{
    control::{Decision, Depot, DepotView, Setpoint},
    error::ChargingError,
    event,
};

impl ControlService {
    pub(super) async fn act(
        &self,
        depot: &Depot,
        resolved: &BTreeSet<EvseId>,
        view: DepotView,
        decision: Decision,
        fence: &Fence,
    ) -> Result<Ticked, ChargingError> {
        let organisation = depot.topology.depot.organisation;
        let chargers: BTreeMap<EvseId, &ChargePoint> = depot
            .chargers
            .iter()
            .flat_map(|charger| charger.evses.iter().map(move |evse| (evse.id, charger)))
            .collect();
        let scope = Scope::system(organisation);
        let mut setpoints: Vec<Setpoint> = view.evses.iter().map(|evse| evse.setpoint.clone()).collect();
        let mut tx = self.store.begin().await?;
        if !tx.fences().fence_passes(fence).await? {
            return Err(ChargingError::Fenced);
        }
        for (index, limit) in &decision.orders {
            let (evse, setpoint) = (&view.evses[*index], &mut setpoints[*index]);
            let Some(charger) = chargers.get(&setpoint.evse) else { continue };
            let mut commands = Vec::new();
            for (nth, order) in limit_orders(charger, evse, *limit).into_iter().enumerate() {
                let key = format!("setpoint:{}:{nth}", setpoint.evse);
                let asked =
                    request_command(&mut *tx, &*self.clock, &*self.ids, &scope, charger, order, Some(key));
                commands.push(asked.await.map_err(ChargingError::Order)?.id);
            }
            if !commands.is_empty() {
                setpoint.ordered(*limit, commands, depot.now);
                setpoint.resumes &= !evse.resumed;
            }
        }
        for session in &depot.sessions {
            let Some(evse) = session.place.evse.filter(|evse| resolved.contains(evse)) else { continue };
            let setpoint = setpoints.iter().find(|setpoint| setpoint.evse == evse);
            let (Some(charger), Some(setpoint)) = (chargers.get(&evse), setpoint) else { continue };
            let Some(order) = reading_order(charger, session, setpoint) else { continue };
            let key = Some(format!("reading:{evse}"));
            let asked = request_command(&mut *tx, &*self.clock, &*self.ids, &scope, charger, order, key);
            asked.await.map_err(ChargingError::Order)?;
        }
        for (index, change) in &decision.changes {
            let told = event::following(&*self.clock, &*self.ids, *change, &view.evses[*index]);
            tx.outbox().append(told).await?;
        }
        decision.note(&mut setpoints, &depot.topology.circuits);
        let changed: Vec<Setpoint> = setpoints
            .iter()
            .filter(|setpoint| {
                resolved.contains(&setpoint.evse) || depot.setpoints.get(&setpoint.evse) != Some(*setpoint)
            })
            .cloned()
            .collect();
        tx.setpoints().setpoints_save(&changed).await?;
        let allocation = report(depot, &view, &setpoints, &decision.targets);
        tx.setpoints().allocation_save(organisation, &allocation).await?;
        tx.commit().await?;
        Ok(Ticked {
            evses: setpoints.len(),
            orders: decision.orders.len(),
            pending: setpoints.iter().filter(|setpoint| !setpoint.pending.is_empty()).count(),
            plan_use: view.plan_use,
            not_following: setpoints.iter().filter(|setpoint| setpoint.following.lost_at.is_some()).count(),
        })
    }
}
