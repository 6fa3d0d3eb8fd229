//! Tables `setpoint` and `allocation`: states that are read and written whole.

pub(super) mod setpoint {
    //! Table `setpoint`.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "setpoint")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub evse_id: Uuid,
        pub organisation_id: Uuid,
        pub depot_id: Uuid,
        pub state: Json,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod allocation {
    //! Table `allocation`.

    use kernel::Timestamp;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "allocation")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub depot_id: Uuid,
        pub organisation_id: Uuid,
        pub computed_at: Timestamp,
        pub state: Json,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
