//! Table `report_run` and how a row becomes a [`Run`].

use ::report::{ReportFile, Run};
use kernel::{StoreError, Timestamp, Version};
use sea_orm::{ActiveValue::Set, entity::prelude::*};
use serde::{Serialize, de::DeserializeOwned};

use crate::word;

#[derive(Clone, Debug, DeriveEntityModel)]
#[sea_orm(table_name = "report_run")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub organisation_id: Uuid,
    pub version: i64,
    pub subject: Json,
    pub schedule_id: Option<Uuid>,
    pub slot: Option<Timestamp>,
    pub requested_by: Json,
    pub requested_at: Timestamp,
    pub state: String,
    pub attempt: i64,
    pub due_at: Option<Timestamp>,
    pub progress: i64,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub failure: Option<String>,
    pub file: Option<Json>,
    /// Repeats what the file says, to be searched for.
    pub expires_at: Option<Timestamp>,
    pub indexed: bool,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

pub(super) fn read<T: DeserializeOwned>(json: Json, what: &str) -> Result<T, StoreError> {
    serde_json::from_value(json).map_err(|_| StoreError::corrupt(what))
}

pub(super) fn write<T: Serialize>(value: &T) -> Result<Json, StoreError> {
    serde_json::to_value(value).map_err(|error| StoreError::Failed(Box::new(error)))
}

impl TryFrom<Model> for Run {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let file = row.file.map(|file| read::<ReportFile>(file, "report_run.file"));
        Ok(Self {
            id: row.id.into(),
            organisation: row.organisation_id.into(),
            version: Version(row.version),
            subject: read(row.subject, "report_run.subject")?,
            schedule: row.schedule_id.map(Into::into),
            slot: row.slot,
            requested_by: read(row.requested_by, "report_run.requested_by")?,
            requested_at: row.requested_at,
            state: word::read(&row.state)?,
            attempt: row.attempt.try_into().map_err(|_| StoreError::corrupt("report_run.attempt"))?,
            due_at: row.due_at,
            progress: row.progress.try_into().map_err(|_| StoreError::corrupt("report_run.progress"))?,
            started_at: row.started_at,
            ended_at: row.ended_at,
            failure: row.failure.map(|failure| word::read(&failure)).transpose()?,
            file: file.transpose()?,
            indexed: row.indexed,
        })
    }
}

pub(super) fn row(run: &Run) -> Result<ActiveModel, StoreError> {
    Ok(ActiveModel {
        id: Set(run.id.into()),
        organisation_id: Set(run.organisation.into()),
        version: Set(run.version.0),
        subject: Set(write(&run.subject)?),
        schedule_id: Set(run.schedule.map(Into::into)),
        slot: Set(run.slot),
        requested_by: Set(write(&run.requested_by)?),
        requested_at: Set(run.requested_at),
        state: Set(word::write(&run.state)?),
        attempt: Set(run.attempt.into()),
        due_at: Set(run.due_at),
        progress: Set(run.progress.into()),
        started_at: Set(run.started_at),
        ended_at: Set(run.ended_at),
        failure: Set(run.failure.map(|failure| word::write(&failure)).transpose()?),
        file: Set(run.file.as_ref().map(write).transpose()?),
        expires_at: Set(run.file.as_ref().and_then(|file| file.expires_at)),
        indexed: Set(run.indexed),
    })
}
