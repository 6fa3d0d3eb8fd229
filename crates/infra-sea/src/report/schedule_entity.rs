//! Table `report_schedule` and how a row becomes a [`Schedule`].

use ::report::Schedule;
use kernel::{StoreError, Timestamp, Version};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

use super::entity::{read, write};
use crate::word;

#[derive(Clone, Debug, DeriveEntityModel)]
#[sea_orm(table_name = "report_schedule")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub organisation_id: Uuid,
    pub version: i64,
    pub name: String,
    pub kind: String,
    pub format: String,
    pub depots: Option<Json>,
    pub cron: String,
    pub timezone: String,
    pub period: String,
    pub catch_up: String,
    pub paused: bool,
    pub next_at: Option<Timestamp>,
    pub created_by: Json,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for Schedule {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.into(),
            organisation: row.organisation_id.into(),
            version: Version(row.version),
            name: row.name,
            kind: word::read(&row.kind)?,
            format: word::read(&row.format)?,
            depots: row.depots.map(|depots| read(depots, "report_schedule.depots")).transpose()?,
            cron: row.cron,
            timezone: row.timezone,
            period: word::read(&row.period)?,
            catch_up: word::read(&row.catch_up)?,
            paused: row.paused,
            next_at: row.next_at,
            created_by: read(row.created_by, "report_schedule.created_by")?,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

pub(super) fn row(schedule: &Schedule) -> Result<ActiveModel, StoreError> {
    Ok(ActiveModel {
        id: Set(schedule.id.into()),
        organisation_id: Set(schedule.organisation.into()),
        version: Set(schedule.version.0),
        name: Set(schedule.name.clone()),
        kind: Set(word::write(&schedule.kind)?),
        format: Set(word::write(&schedule.format)?),
        depots: Set(schedule.depots.as_ref().map(write).transpose()?),
        cron: Set(schedule.cron.clone()),
        timezone: Set(schedule.timezone.clone()),
        period: Set(word::write(&schedule.period)?),
        catch_up: Set(word::write(&schedule.catch_up)?),
        paused: Set(schedule.paused),
        next_at: Set(schedule.next_at),
        created_by: Set(write(&schedule.created_by)?),
        created_at: Set(schedule.created_at),
        updated_at: Set(schedule.updated_at),
    })
}
