//! Runs, with what their vehicles needed and what they left with.

use std::collections::HashMap;

use ::dispatch::{ReadinessState, Run, RunState};
use ::report::{DutyFacts, DutyPlace, Wanted};
use ::vehicle::Vehicle;
use kernel::StoreError;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, prelude::Uuid,
};

use super::source::ids;
use crate::{connect::Sea, dispatch::run_entity, error::store_error, vehicle::vehicle_entity, word};

impl Sea {
    pub(super) async fn duty_facts(
        &self,
        wanted: &Wanted,
        after: Option<DutyPlace>,
        limit: u32,
    ) -> Result<Vec<DutyFacts>, StoreError> {
        use run_entity::{Column, Entity};
        let beyond = after.map(|place| {
            let same = Condition::all()
                .add(Column::DepartureAt.eq(place.departure_at))
                .add(Column::Id.gt(Uuid::from(place.id)));
            Condition::any().add(Column::DepartureAt.gt(place.departure_at)).add(same)
        });
        // Tells the engine where to begin; what lies before is not even looked at.
        let from = after.map_or(wanted.from, |place| Ord::max(place.departure_at, wanted.from));
        let rows = Entity::find()
            .filter(Column::OrganisationId.eq(Uuid::from(wanted.organisation)))
            .filter(Column::DepartureAt.gte(from).and(Column::DepartureAt.lt(wanted.to)))
            .filter(Column::State.ne(word::write(&RunState::Cancelled)?))
            .filter(
                Condition::all()
                    .add_option(wanted.depots.as_ref().map(|depots| Column::DepotId.is_in(ids(depots))))
                    .add_option(beyond),
            )
            .order_by_asc(Column::DepartureAt)
            .order_by_asc(Column::Id)
            .limit(u64::from(limit))
            .all(self.reader())
            .await;
        let runs: Result<Vec<Run>, _> = rows.map_err(store_error)?.into_iter().map(Run::try_from).collect();
        let runs = runs?;
        let vehicles = self.vehicles_of(&runs).await?;
        Ok(runs.into_iter().map(|run| facts(run, &vehicles)).collect())
    }

    async fn vehicles_of(&self, runs: &[Run]) -> Result<HashMap<Uuid, Vehicle>, StoreError> {
        let mut of: Vec<Uuid> = runs.iter().filter_map(|run| run.vehicle.map(Into::into)).collect();
        of.sort_unstable();
        of.dedup();
        let rows = vehicle_entity::Entity::find()
            .filter(vehicle_entity::Column::Id.is_in(of))
            .all(self.reader())
            .await
            .map_err(store_error)?;
        rows.into_iter().map(|row| Ok((row.id, Vehicle::try_from(row)?))).collect()
    }
}

fn facts(run: Run, vehicles: &HashMap<Uuid, Vehicle>) -> DutyFacts {
    let vehicle = run.vehicle.and_then(|id| vehicles.get(&id.into()));
    let reached = run.readiness.predicted_soc;
    DutyFacts {
        place: DutyPlace { departure_at: run.departure_at, id: run.id },
        depot: run.depot,
        service_date: run.service_date,
        vehicle: vehicle.map(|vehicle| (vehicle.id, vehicle.fleet_number.clone())),
        departed_at: run.departed_at,
        required: vehicle.map(|vehicle| run.soc_needed(vehicle)).or(run.required_soc),
        reached,
        shortfall: reached.map(|_| run.readiness.shortfall),
        judged_missed: run.readiness.state == ReadinessState::Missed,
        block: run.block,
    }
}
