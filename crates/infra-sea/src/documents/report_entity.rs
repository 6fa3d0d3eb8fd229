//! Table `report_entry` and how a row becomes a [`ReportEntry`].

use kernel::{StoreError, Timestamp};
use report::ReportEntry;
use sea_orm::{ActiveValue::Set, entity::prelude::*};

#[derive(Clone, Debug, DeriveEntityModel)]
#[sea_orm(table_name = "report_entry")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub run_id: Uuid,
    pub organisation_id: Uuid,
    pub at: Timestamp,
    pub kind: String,
    pub schedule_id: Option<Uuid>,
    pub expires_at: Option<Timestamp>,
    /// All of it.
    pub entry: Json,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for ReportEntry {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        serde_json::from_value(row.entry).map_err(|_| StoreError::corrupt("report_entry.entry"))
    }
}

pub(super) fn row(entry: &ReportEntry) -> Result<ActiveModel, StoreError> {
    let whole = serde_json::to_value(entry);
    Ok(ActiveModel {
        run_id: Set(entry.place.run.into()),
        organisation_id: Set(entry.place.organisation.into()),
        at: Set(entry.place.at),
        kind: Set(entry.place.kind.word().to_owned()),
        schedule_id: Set(entry.place.schedule.map(Into::into)),
        expires_at: Set(entry.file.expires_at),
        entry: Set(whole.map_err(|_| StoreError::corrupt("an entry that cannot be written"))?),
    })
}
