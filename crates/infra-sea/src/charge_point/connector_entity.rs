//! Table `connector`: what a plug is, and what it last said.

use ::charge_point::{Connector, ConnectorLive, ConnectorStandard, Evse};
use kernel::{ChargePointId, StoreError, W};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

use super::json;
use crate::word;

#[derive(Clone, Debug, DeriveEntityModel)]
#[sea_orm(table_name = "connector")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub evse_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i64,
    pub charge_point_id: Uuid,
    pub flat_number: i64,
    pub standard: String,
    pub max_power_w: i64,
    pub phases: i64,
    /// Repeats what the report says, to be searched for.
    pub status: String,
    pub report: Option<Json>,
    pub wanted: String,
    pub reported: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for Connector {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let number = |value, what| u16::try_from(value).map_err(|_| StoreError::corrupt(what));
        let standard = ConnectorStandard::parse("/standard", &row.standard);
        Ok(Self {
            number: number(row.number, "connector.number")?,
            flat_number: number(row.flat_number, "connector.flat_number")?,
            standard: standard.map_err(|_| StoreError::corrupt("connector.standard"))?,
            max_power: W(row.max_power_w),
            phases: u8::try_from(row.phases).map_err(|_| StoreError::corrupt("connector.phases"))?,
            live: ConnectorLive {
                report: row.report.map(json::read).transpose()?,
                wanted: word::read(&row.wanted)?,
                reported: row.reported.as_deref().map(word::read).transpose()?,
            },
        })
    }
}

/// The whole row, with the live facts of `live`.
pub(super) fn row(
    charge_point: ChargePointId,
    evse: &Evse,
    connector: &Connector,
    live: &ConnectorLive,
) -> Result<ActiveModel, StoreError> {
    Ok(ActiveModel {
        evse_id: Set(evse.id.into()),
        number: Set(connector.number.into()),
        charge_point_id: Set(charge_point.into()),
        flat_number: Set(connector.flat_number.into()),
        standard: Set(connector.standard.as_str().to_owned()),
        max_power_w: Set(connector.max_power.get()),
        phases: Set(connector.phases.into()),
        ..live_row(live)?
    })
}

pub(super) fn live_row(live: &ConnectorLive) -> Result<ActiveModel, StoreError> {
    Ok(ActiveModel {
        status: Set(word::write(&live.status())?),
        report: Set(live.report.as_ref().map(json::write).transpose()?),
        wanted: Set(word::write(&live.wanted)?),
        reported: Set(live.reported.as_ref().map(word::write).transpose()?),
        ..Default::default()
    })
}
