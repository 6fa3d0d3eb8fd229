//! Tables `priority_level`, `priority_rule` and `priority_override`.

use kernel::{PriorityLevel, StoreError};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

fn number(level: i64) -> Result<PriorityLevel, StoreError> {
    let level = u8::try_from(level).ok().and_then(PriorityLevel::new);
    level.ok_or_else(|| StoreError::corrupt("a priority level outside 1 to 9"))
}

fn written(value: &impl Serialize) -> Result<Value, StoreError> {
    serde_json::to_value(value).map_err(|_| StoreError::corrupt("a priority that cannot be written"))
}

fn read<T: DeserializeOwned>(value: Value) -> Result<T, StoreError> {
    serde_json::from_value(value).map_err(|_| StoreError::corrupt("a stored priority"))
}

pub(super) mod level {
    //! Table `priority_level` and how a row becomes a [`Level`].

    use ::priority::Level;
    use kernel::{StoreError, Timestamp, Version};
    use sea_orm::{ActiveValue::Set, entity::prelude::*};

    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "priority_level")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub organisation_id: Uuid,
        pub version: i64,
        pub level: i64,
        pub name: String,
        pub description: Option<String>,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl TryFrom<Model> for Level {
        type Error = StoreError;

        fn try_from(row: Model) -> Result<Self, StoreError> {
            Ok(Self {
                id: row.id.into(),
                organisation: row.organisation_id.into(),
                version: Version(row.version),
                level: super::number(row.level)?,
                name: row.name,
                description: row.description,
                usual: false,
                created_at: row.created_at,
                updated_at: row.updated_at,
            })
        }
    }

    pub(in crate::priority) fn row(level: &Level) -> ActiveModel {
        ActiveModel {
            id: Set(level.id.into()),
            organisation_id: Set(level.organisation.into()),
            version: Set(level.version.0),
            level: Set(level.level.get().into()),
            name: Set(level.name.clone()),
            description: Set(level.description.clone()),
            created_at: Set(level.created_at),
            updated_at: Set(level.updated_at),
        }
    }
}

pub(super) mod rule {
    //! Table `priority_rule` and how a row becomes a [`Rule`].

    use ::priority::Rule;
    use kernel::{StoreError, Timestamp, Version};
    use sea_orm::{ActiveValue::Set, entity::prelude::*};

    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "priority_rule")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub organisation_id: Uuid,
        pub version: i64,
        pub position: i64,
        pub name: String,
        pub enabled: bool,
        pub target: Json,
        pub conditions: Json,
        pub level: i64,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl TryFrom<Model> for Rule {
        type Error = StoreError;

        fn try_from(row: Model) -> Result<Self, StoreError> {
            let position = u32::try_from(row.position);
            Ok(Self {
                id: row.id.into(),
                organisation: row.organisation_id.into(),
                version: Version(row.version),
                position: position.map_err(|_| StoreError::corrupt("priority_rule.position"))?,
                name: row.name,
                enabled: row.enabled,
                target: super::read(row.target)?,
                conditions: super::read(row.conditions)?,
                level: super::number(row.level)?,
                created_at: row.created_at,
                updated_at: row.updated_at,
            })
        }
    }

    pub(in crate::priority) fn row(rule: &Rule) -> Result<ActiveModel, StoreError> {
        Ok(ActiveModel {
            id: Set(rule.id.into()),
            organisation_id: Set(rule.organisation.into()),
            version: Set(rule.version.0),
            position: Set(rule.position.into()),
            name: Set(rule.name.clone()),
            enabled: Set(rule.enabled),
            target: Set(super::written(&rule.target)?),
            conditions: Set(super::written(&rule.conditions)?),
            level: Set(rule.level.get().into()),
            created_at: Set(rule.created_at),
            updated_at: Set(rule.updated_at),
        })
    }
}

pub(super) mod overridden {
    //! Table `priority_override` and how a row becomes an [`Override`].

    use ::priority::{Override, OverrideTarget};
    use kernel::{StoreError, Timestamp, Version};
    use sea_orm::{ActiveValue::Set, entity::prelude::*};

    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "priority_override")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub organisation_id: Uuid,
        pub version: i64,
        /// This or the next.
        pub vehicle_id: Option<Uuid>,
        pub charge_point_id: Option<Uuid>,
        pub level: i64,
        pub reason: String,
        pub expires_at: Timestamp,
        pub created_by: Json,
        pub created_at: Timestamp,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl TryFrom<Model> for Override {
        type Error = StoreError;

        fn try_from(row: Model) -> Result<Self, StoreError> {
            let target = match (row.vehicle_id, row.charge_point_id) {
                (Some(vehicle), None) => OverrideTarget::Vehicle(vehicle.into()),
                (None, Some(charge_point)) => OverrideTarget::ChargePoint(charge_point.into()),
                _ => return Err(StoreError::corrupt("an override of neither one thing nor another")),
            };
            Ok(Self {
                id: row.id.into(),
                organisation: row.organisation_id.into(),
                version: Version(row.version),
                target,
                level: super::number(row.level)?,
                reason: row.reason,
                expires_at: row.expires_at,
                created_by: super::read(row.created_by)?,
                created_at: row.created_at,
            })
        }
    }

    pub(in crate::priority) fn row(over: &Override) -> Result<ActiveModel, StoreError> {
        let (vehicle, charge_point) = match over.target {
            OverrideTarget::Vehicle(vehicle) => (Some(vehicle.into()), None),
            OverrideTarget::ChargePoint(charge_point) => (None, Some(charge_point.into())),
        };
        Ok(ActiveModel {
            id: Set(over.id.into()),
            organisation_id: Set(over.organisation.into()),
            version: Set(over.version.0),
            vehicle_id: Set(vehicle),
            charge_point_id: Set(charge_point),
            level: Set(over.level.get().into()),
            reason: Set(over.reason.clone()),
            expires_at: Set(over.expires_at),
            created_by: Set(super::written(&over.created_by)?),
            created_at: Set(over.created_at),
        })
    }
}
