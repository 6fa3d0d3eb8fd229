//! Attempts to sign in, counted where all processes see them.

use ::access::{AttemptRepository, Attempts, HasAttempts};
use async_trait::async_trait;
use kernel::{StoreError, Timestamp};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};

use crate::{error::store_error, unit::SeaTx};

mod entity {
    //! Table `sign_in_attempt`.

    use kernel::Timestamp;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "sign_in_attempt")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub key: String,
        pub count: i64,
        pub last_at: Timestamp,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity};

impl HasAttempts for SeaTx {
    fn attempts(&mut self) -> &mut dyn AttemptRepository {
        self
    }
}

#[async_trait]
impl AttemptRepository for SeaTx {
    async fn attempts_lock(&mut self, key: &str, now: Timestamp) -> Result<Attempts, StoreError> {
        let none = ActiveModel { key: Set(key.to_owned()), count: Set(0), last_at: Set(now) };
        // Writing what is there holds the row, also where it is new.
        let same = OnConflict::column(Column::Key)
            .value(Column::Count, Expr::col((Entity, Column::Count)))
            .to_owned();
        let row = Entity::insert(none).on_conflict(same).exec_with_returning(self.connection()).await;
        let row = row.map_err(store_error)?;
        Ok(Attempts { count: u32::try_from(row.count).unwrap_or(u32::MAX), last: row.last_at })
    }

    async fn attempts_put(&mut self, key: &str, attempts: Attempts) -> Result<(), StoreError> {
        let row = ActiveModel {
            count: Set(attempts.count.into()),
            last_at: Set(attempts.last),
            ..Default::default()
        };
        let own = Entity::update_many().set(row).filter(Column::Key.eq(key));
        own.exec(self.connection()).await.map_err(store_error)?;
        Ok(())
    }

    async fn attempts_forget(&mut self, key: &str) -> Result<(), StoreError> {
        let own = Entity::delete_many().filter(Column::Key.eq(key));
        own.exec(self.connection()).await.map_err(store_error)?;
        Ok(())
    }

    async fn attempts_forget_before(&mut self, before: Timestamp) -> Result<(), StoreError> {
        let old = Entity::delete_many().filter(Column::LastAt.lt(before));
        old.exec(self.connection()).await.map_err(store_error)?;
        Ok(())
    }
}
