//! Tables of the control and of planning: states that are read and written whole.

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

pub(super) mod plan {
    //! Table `depot_plan`: the newest plan of each depot, what its circuits carry apart from the rest.

    use kernel::Timestamp;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "depot_plan")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub depot_id: Uuid,
        pub organisation_id: Uuid,
        pub computed_at: Timestamp,
        pub state: Json,
        pub circuits: Json,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod planned_slot {
    //! Table `depot_plan_slot`: what was planned of each slot when it began.

    use kernel::Timestamp;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "depot_plan_slot")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub depot_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub at: Timestamp,
        pub organisation_id: Uuid,
        pub planned_w: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
