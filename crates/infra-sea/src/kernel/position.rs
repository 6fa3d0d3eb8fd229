//! How far logs were read.

use ::kernel::{Advance, HasPositions, PositionReader, Positions, StoreError, Track};
use async_trait::async_trait;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};

use crate::{connect::Sea, error::store_error, unit::SeaTx};

mod entity {
    //! Table `position`.

    use kernel::Timestamp;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "position")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub consumer: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub topic: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub partition: i64,
        pub next: i64,
        pub moved_at: Timestamp,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity};

fn of(track: &Track) -> Condition {
    Condition::all()
        .add(Column::Consumer.eq(track.consumer))
        .add(Column::Topic.eq(track.topic.as_str()))
        .add(Column::Partition.eq(i64::from(track.partition)))
}

impl SeaTx {
    /// Moves to wherever it is told.
    pub(crate) async fn position_set(&self, track: &Track, next: i64) -> Result<(), StoreError> {
        let row = ActiveModel {
            consumer: Set(track.consumer.to_owned()),
            topic: Set(track.topic.clone()),
            partition: Set(track.partition.into()),
            next: Set(next),
            moved_at: Set(self.now()),
        };
        let key = OnConflict::columns([Column::Consumer, Column::Topic, Column::Partition])
            .update_columns([Column::Next, Column::MovedAt])
            .to_owned();
        Entity::insert(row)
            .on_conflict(key)
            .exec_without_returning(self.connection())
            .await
            .map_err(store_error)?;
        Ok(())
    }
}

impl SeaTx {
    /// Moves on by so many, from 0 where the track is new, and returns where it is then. Until the
    /// unit of work ends nobody else moves it.
    pub(crate) async fn position_add(&self, track: &Track, steps: i64) -> Result<i64, StoreError> {
        let row = ActiveModel {
            consumer: Set(track.consumer.to_owned()),
            topic: Set(track.topic.clone()),
            partition: Set(track.partition.into()),
            next: Set(steps),
            moved_at: Set(self.now()),
        };
        let key = OnConflict::columns([Column::Consumer, Column::Topic, Column::Partition])
            .value(Column::Next, Expr::col((Entity, Column::Next)).add(steps))
            .update_column(Column::MovedAt)
            .to_owned();
        let moved = Entity::insert(row).on_conflict(key).exec_with_returning(self.connection()).await;
        Ok(moved.map_err(store_error)?.next)
    }
}

impl HasPositions for SeaTx {
    fn positions(&mut self) -> &mut dyn Positions {
        self
    }
}

#[async_trait]
impl Positions for SeaTx {
    async fn position_advance(&mut self, advance: &Advance) -> Result<bool, StoreError> {
        let (track, now) = (&advance.track, self.now());
        let moved = ActiveModel { next: Set(advance.to), moved_at: Set(now), ..Default::default() };
        let here = of(track).add(Column::Next.eq(advance.from));
        let updated = Entity::update_many().set(moved).filter(here).exec(self.connection()).await;
        if updated.map_err(store_error)?.rows_affected > 0 {
            return Ok(true);
        }
        let new = ActiveModel {
            consumer: Set(track.consumer.to_owned()),
            topic: Set(track.topic.clone()),
            partition: Set(track.partition.into()),
            next: Set(advance.to),
            moved_at: Set(now),
        };
        let key =
            OnConflict::columns([Column::Consumer, Column::Topic, Column::Partition]).do_nothing().to_owned();
        let insert = Entity::insert(new).on_conflict(key).exec_without_returning(self.connection()).await;
        match insert {
            Ok(rows) => Ok(rows > 0),
            Err(sea_orm::DbErr::RecordNotInserted) => Ok(false),
            Err(error) => Err(store_error(error)),
        }
    }
}

#[async_trait]
impl PositionReader for Sea {
    async fn position_get(&self, track: &Track) -> Result<Option<i64>, StoreError> {
        let found = Entity::find().filter(of(track)).one(self.reader()).await.map_err(store_error)?;
        Ok(found.map(|row| row.next))
    }
}
