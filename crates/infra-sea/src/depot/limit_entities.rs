//! Tables `limit_window`, `external_limits` and `load_reading`.

pub(super) mod window {
    //! Table `limit_window` and how a row becomes a [`LimitWindow`].

    use ::depot::{CircuitLimit, LimitWindow, Precedence};
    use kernel::{MilliAmps, StoreError, Timestamp, Version, W};
    use sea_orm::{ActiveValue::Set, entity::prelude::*};

    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "limit_window")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub organisation_id: Uuid,
        pub depot_id: Uuid,
        pub circuit_id: Uuid,
        pub version: i64,
        pub name: Option<String>,
        pub precedence: i64,
        pub schedule: Json,
        pub limit_w: Option<i64>,
        pub limit_ma: Option<i64>,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl TryFrom<Model> for LimitWindow {
        type Error = StoreError;

        fn try_from(row: Model) -> Result<Self, StoreError> {
            let precedence = u8::try_from(row.precedence).ok().and_then(Precedence::new);
            Ok(Self {
                id: row.id.into(),
                organisation: row.organisation_id.into(),
                depot: row.depot_id.into(),
                circuit: row.circuit_id.into(),
                version: Version(row.version),
                name: row.name,
                precedence: precedence.ok_or_else(|| StoreError::corrupt("limit_window.precedence"))?,
                schedule: serde_json::from_value(row.schedule)
                    .map_err(|_| StoreError::corrupt("limit_window.schedule"))?,
                limit: CircuitLimit { power: row.limit_w.map(W), current: row.limit_ma.map(MilliAmps) },
                created_at: row.created_at,
                updated_at: row.updated_at,
            })
        }
    }

    pub(in crate::depot) fn row(window: &LimitWindow) -> Result<ActiveModel, StoreError> {
        let schedule = serde_json::to_value(window.schedule);
        Ok(ActiveModel {
            id: Set(window.id.into()),
            organisation_id: Set(window.organisation.into()),
            depot_id: Set(window.depot.into()),
            circuit_id: Set(window.circuit.into()),
            version: Set(window.version.0),
            name: Set(window.name.clone()),
            precedence: Set(window.precedence.get().into()),
            schedule: Set(schedule.map_err(|_| StoreError::corrupt("a schedule that cannot be written"))?),
            limit_w: Set(window.limit.power.map(W::get)),
            limit_ma: Set(window.limit.current.map(MilliAmps::get)),
            created_at: Set(window.created_at),
            updated_at: Set(window.updated_at),
        })
    }
}

pub(super) mod external {
    //! Table `external_limits` and how a row becomes [`ExternalLimits`].

    use ::depot::ExternalLimits;
    use kernel::{StoreError, Timestamp};
    use sea_orm::{ActiveValue::Set, entity::prelude::*};

    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "external_limits")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub circuit_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub source: String,
        pub organisation_id: Uuid,
        pub depot_id: Uuid,
        pub limits: Json,
        pub expires_at: Timestamp,
        pub received_at: Timestamp,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl TryFrom<Model> for ExternalLimits {
        type Error = StoreError;

        fn try_from(row: Model) -> Result<Self, StoreError> {
            Ok(Self {
                organisation: row.organisation_id.into(),
                depot: row.depot_id.into(),
                circuit: row.circuit_id.into(),
                source: row.source,
                expires_at: row.expires_at,
                limits: serde_json::from_value(row.limits)
                    .map_err(|_| StoreError::corrupt("external_limits.limits"))?,
                received_at: row.received_at,
            })
        }
    }

    pub(in crate::depot) fn row(limits: &ExternalLimits) -> Result<ActiveModel, StoreError> {
        let periods = serde_json::to_value(&limits.limits);
        Ok(ActiveModel {
            circuit_id: Set(limits.circuit.into()),
            source: Set(limits.source.clone()),
            organisation_id: Set(limits.organisation.into()),
            depot_id: Set(limits.depot.into()),
            limits: Set(periods.map_err(|_| StoreError::corrupt("limits that cannot be written"))?),
            expires_at: Set(limits.expires_at),
            received_at: Set(limits.received_at),
        })
    }
}

pub(super) mod load {
    //! Table `load_reading`.

    use kernel::Timestamp;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "load_reading")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub circuit_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub at: Timestamp,
        pub power_w: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
