//! Tables `zone` and `bay`.

pub(super) mod zone {
    //! Table `zone` and how a row becomes a [`Zone`].

    use ::depot::Zone;
    use kernel::{Timestamp, Version};
    use sea_orm::{ActiveValue::Set, entity::prelude::*};

    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "zone")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub organisation_id: Uuid,
        pub depot_id: Uuid,
        pub version: i64,
        pub code: String,
        pub name: String,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl From<Model> for Zone {
        fn from(row: Model) -> Self {
            Self {
                id: row.id.into(),
                organisation: row.organisation_id.into(),
                depot: row.depot_id.into(),
                version: Version(row.version),
                code: row.code,
                name: row.name,
                created_at: row.created_at,
                updated_at: row.updated_at,
            }
        }
    }

    pub(in crate::depot) fn row(zone: &Zone) -> ActiveModel {
        ActiveModel {
            id: Set(zone.id.into()),
            organisation_id: Set(zone.organisation.into()),
            depot_id: Set(zone.depot.into()),
            version: Set(zone.version.0),
            code: Set(zone.code.clone()),
            name: Set(zone.name.clone()),
            created_at: Set(zone.created_at),
            updated_at: Set(zone.updated_at),
        }
    }
}

pub(super) mod bay {
    //! Table `bay` and how a row becomes a [`Bay`].

    use ::depot::Bay;
    use kernel::{Timestamp, Version};
    use sea_orm::{ActiveValue::Set, entity::prelude::*};

    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "bay")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub organisation_id: Uuid,
        pub depot_id: Uuid,
        pub version: i64,
        pub zone_id: Option<Uuid>,
        pub charge_point_id: Option<Uuid>,
        pub code: String,
        pub name: String,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl From<Model> for Bay {
        fn from(row: Model) -> Self {
            Self {
                id: row.id.into(),
                organisation: row.organisation_id.into(),
                depot: row.depot_id.into(),
                version: Version(row.version),
                zone: row.zone_id.map(Into::into),
                charge_point: row.charge_point_id.map(Into::into),
                code: row.code,
                name: row.name,
                created_at: row.created_at,
                updated_at: row.updated_at,
            }
        }
    }

    pub(in crate::depot) fn row(bay: &Bay) -> ActiveModel {
        ActiveModel {
            id: Set(bay.id.into()),
            organisation_id: Set(bay.organisation.into()),
            depot_id: Set(bay.depot.into()),
            version: Set(bay.version.0),
            zone_id: Set(bay.zone.map(Into::into)),
            charge_point_id: Set(bay.charge_point.map(Into::into)),
            code: Set(bay.code.clone()),
            name: Set(bay.name.clone()),
            created_at: Set(bay.created_at),
            updated_at: Set(bay.updated_at),
        }
    }
}
