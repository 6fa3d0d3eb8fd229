//! Tokens of which only the latest passes.

use ::kernel::{Fence, FenceSource, Fences, HasFences, StoreError};
use async_trait::async_trait;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, OnConflict},
};

use crate::{connect::Sea, error::store_error, unit::SeaTx};

mod entity {
    //! Table `fence`.

    use kernel::Timestamp;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "fence")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub name: String,
        pub token: i64,
        pub drawn_at: Timestamp,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity};

#[async_trait]
impl FenceSource for Sea {
    async fn fence_next(&self, name: &str) -> Result<Fence, StoreError> {
        let tx = self.begin_tx().await?;
        let first =
            ActiveModel { name: Set(name.to_owned()), token: Set(1), drawn_at: Set(self.clock.now()) };
        let next = OnConflict::column(Column::Name)
            .value(Column::Token, Expr::col((Entity, Column::Token)).add(1))
            .update_column(Column::DrawnAt)
            .to_owned();
        let drawn = Entity::insert(first).on_conflict(next).exec_with_returning(tx.connection()).await;
        let token = drawn.map_err(store_error)?.token;
        tx.commit_now().await?;
        Ok(Fence { name: name.to_owned(), token })
    }
}

impl HasFences for SeaTx {
    fn fences(&mut self) -> &mut dyn Fences {
        self
    }
}

#[async_trait]
impl Fences for SeaTx {
    async fn fence_passes(&mut self, fence: &Fence) -> Result<bool, StoreError> {
        let latest = Entity::find()
            .filter(Column::Name.eq(fence.name.as_str()))
            .lock_shared()
            .one(self.connection())
            .await
            .map_err(store_error)?;
        Ok(latest.is_some_and(|latest| latest.token == fence.token))
    }
}
