//! Table `circuit` and how a row becomes a [`Circuit`]; what its meter said rides along.

use ::depot::{Circuit, CircuitLimit, LoadReading, LoadState, Margin, Phases, Volts};
use kernel::{MilliAmps, StoreError, Timestamp, Version, W};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

use crate::word;

#[derive(Clone, Debug, DeriveEntityModel)]
#[sea_orm(table_name = "circuit")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub organisation_id: Uuid,
    pub depot_id: Uuid,
    pub version: i64,
    pub parent_id: Option<Uuid>,
    pub name: String,
    pub kind: String,
    pub limit_w: Option<i64>,
    pub limit_ma: Option<i64>,
    pub phases: i64,
    pub voltage: i64,
    /// Hundredths of a percent.
    pub safety_margin: i64,
    pub fallback_reserve_w: Option<i64>,
    pub unmanaged_load_w: i64,
    pub latest_load_at: Option<Timestamp>,
    pub latest_load_w: Option<i64>,
    pub peak_load_at: Option<Timestamp>,
    pub peak_load_w: Option<i64>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// What its meter said, if one ever did.
    pub(super) fn load(&self) -> Option<LoadState> {
        let reading = |at: Option<Timestamp>, power: Option<i64>| {
            at.zip(power).map(|(at, power)| LoadReading { at, power: W(power) })
        };
        let latest = reading(self.latest_load_at, self.latest_load_w)?;
        Some(LoadState { latest: Some(latest), peak: reading(self.peak_load_at, self.peak_load_w) })
    }
}

impl TryFrom<Model> for Circuit {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let corrupt = |what: &str| StoreError::corrupt(format!("circuit.{what}"));
        let margin = u16::try_from(row.safety_margin).ok().and_then(Margin::from_hundredths);
        Ok(Self {
            id: row.id.into(),
            organisation: row.organisation_id.into(),
            depot: row.depot_id.into(),
            version: Version(row.version),
            parent: row.parent_id.map(Into::into),
            name: row.name,
            kind: word::read(&row.kind)?,
            limit: CircuitLimit { power: row.limit_w.map(W), current: row.limit_ma.map(MilliAmps) },
            phases: Phases::from_count(row.phases).ok_or_else(|| corrupt("phases"))?,
            voltage: Volts::new(row.voltage).ok_or_else(|| corrupt("voltage"))?,
            safety_margin: margin.ok_or_else(|| corrupt("safety_margin"))?,
            fallback_reserve: row.fallback_reserve_w.map(W),
            unmanaged_load: W(row.unmanaged_load_w),
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

/// What operators keep: everything but what its meter said.
pub(super) fn row(circuit: &Circuit) -> Result<ActiveModel, StoreError> {
    Ok(ActiveModel {
        id: Set(circuit.id.into()),
        organisation_id: Set(circuit.organisation.into()),
        depot_id: Set(circuit.depot.into()),
        version: Set(circuit.version.0),
        parent_id: Set(circuit.parent.map(Into::into)),
        name: Set(circuit.name.clone()),
        kind: Set(word::write(&circuit.kind)?),
        limit_w: Set(circuit.limit.power.map(W::get)),
        limit_ma: Set(circuit.limit.current.map(MilliAmps::get)),
        phases: Set(circuit.phases.count()),
        voltage: Set(circuit.voltage.get()),
        safety_margin: Set(circuit.safety_margin.hundredths().into()),
        fallback_reserve_w: Set(circuit.fallback_reserve.map(W::get)),
        unmanaged_load_w: Set(circuit.unmanaged_load.get()),
        created_at: Set(circuit.created_at),
        updated_at: Set(circuit.updated_at),
        ..Default::default()
    })
}
