//! Runs within a unit of work, for whoever foretells what becomes of them.

use ::dispatch::{HasRuns, Readiness, Run, RunRepository, RunState};
use async_trait::async_trait;
use kernel::{OrganisationId, RunId, Soc, StoreError, Timestamp, VehicleId, Wh};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect, prelude::Uuid,
};
use serde::Serialize;

use super::run_entity::{ActiveModel, Column, Entity};
use crate::{error::store_error, rows, unit::SeaTx, word};

/// Ids in one statement.
const AT_ONCE: usize = 1_000;

/// What is written of a run's readiness on PostgreSQL.
#[derive(Serialize)]
struct Found {
    id: Uuid,
    organisation_id: Uuid,
    readiness: String,
    predicted_soc: Option<u16>,
    predicted_ready_at: Option<Timestamp>,
    shortfall_wh: i64,
    cause: Option<String>,
    assessed_at: Option<Timestamp>,
}

const SAVE: &str = "UPDATE run SET readiness = new.readiness, predicted_soc = new.predicted_soc, \
     predicted_ready_at = new.predicted_ready_at, shortfall_wh = new.shortfall_wh, cause = new.cause, \
     assessed_at = new.assessed_at FROM json_to_recordset($1::json) AS new (id uuid, organisation_id uuid, \
     readiness text, predicted_soc bigint, predicted_ready_at timestamptz, shortfall_wh bigint, cause text, \
     assessed_at timestamptz) WHERE run.id = new.id AND run.organisation_id = new.organisation_id";

pub(super) fn of(organisation: OrganisationId) -> Condition {
    Condition::all().add(Column::OrganisationId.eq(Uuid::from(organisation)))
}

impl SeaTx {
    /// Takes a vehicle that leaves the fleet off the runs it has not begun.
    pub(crate) async fn runs_lose_vehicle(&self, vehicle: VehicleId) -> Result<(), StoreError> {
        let nobody = Readiness::unjudged(false);
        let changed = ActiveModel {
            vehicle_id: Set(None),
            readiness: Set(word::write(&nobody.state)?),
            predicted_soc: Set(None),
            predicted_ready_at: Set(None),
            shortfall_wh: Set(0),
            cause: Set(None),
            assessed_at: Set(None),
            ..Default::default()
        };
        let planned = Condition::all()
            .add(Column::VehicleId.eq(Uuid::from(vehicle)))
            .add(Column::State.eq(word::write(&RunState::Planned)?));
        let update = Entity::update_many().set(changed).filter(planned);
        update.exec(self.connection()).await.map_err(store_error)?;
        Ok(())
    }
}

impl HasRuns for SeaTx {
    fn runs(&mut self) -> &mut dyn RunRepository {
        self
    }
}

#[async_trait]
impl RunRepository for SeaTx {
    async fn run_find(&mut self, organisation: OrganisationId, id: RunId) -> Result<Option<Run>, StoreError> {
        Ok(self.runs_find(organisation, &[id]).await?.into_iter().next())
    }

    async fn runs_find(
        &mut self,
        organisation: OrganisationId,
        ids: &[RunId],
    ) -> Result<Vec<Run>, StoreError> {
        let mut ids: Vec<Uuid> = ids.iter().copied().map(Uuid::from).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut found = Vec::with_capacity(ids.len());
        for some in ids.chunks(AT_ONCE) {
            let rows = Entity::find()
                .filter(of(organisation).add(Column::Id.is_in(some.iter().copied())))
                .order_by_asc(Column::Id)
                .lock_exclusive()
                .all(self.connection())
                .await;
            for row in rows.map_err(store_error)? {
                found.push(Run::try_from(row)?);
            }
        }
        Ok(found)
    }

    async fn readiness_save(
        &mut self,
        organisation: OrganisationId,
        found: &[(RunId, Readiness)],
    ) -> Result<(), StoreError> {
        if found.is_empty() {
            return Ok(());
        }
        let organisation_id = Uuid::from(organisation);
        if self.connection().get_database_backend() == DbBackend::Postgres {
            let row = |(id, readiness): &(RunId, Readiness)| {
                Ok::<_, StoreError>(Found {
                    id: (*id).into(),
                    organisation_id,
                    readiness: word::write(&readiness.state)?,
                    predicted_soc: readiness.predicted_soc.map(Soc::hundredths),
                    predicted_ready_at: readiness.predicted_ready_at,
                    shortfall_wh: Wh::get(readiness.shortfall),
                    cause: readiness.cause.as_ref().map(word::write).transpose()?,
                    assessed_at: readiness.assessed_at,
                })
            };
            let rows: Vec<Found> = found.iter().map(row).collect::<Result<_, _>>()?;
            return rows::run(self.connection(), SAVE, &rows).await;
        }
        for (id, readiness) in found {
            let changed = ActiveModel {
                readiness: Set(word::write(&readiness.state)?),
                predicted_soc: Set(readiness.predicted_soc.map(|soc| soc.hundredths().into())),
                predicted_ready_at: Set(readiness.predicted_ready_at),
                shortfall_wh: Set(readiness.shortfall.get()),
                cause: Set(readiness.cause.as_ref().map(word::write).transpose()?),
                assessed_at: Set(readiness.assessed_at),
                ..Default::default()
            };
            Entity::update_many()
                .set(changed)
                .filter(of(organisation).add(Column::Id.eq(Uuid::from(*id))))
                .exec(self.connection())
                .await
                .map_err(store_error)?;
        }
        Ok(())
    }
}
