//! Idempotency keys: a claim is visible at once, the answer becomes durable with its effect.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::TimeDelta;
use kernel::{
    Actor, StoreError,
    idempotency::{Claim, Execution, Handler, IdempotencyStore, Recorded},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, TryInsertResult, sea_query::Expr,
};

use crate::{
    connect::Sea,
    error::store_error,
    unit::{PARKING, Parking, SeaTx},
};

/// How long an answer is kept.
const KEPT: TimeDelta = TimeDelta::hours(24);
/// How long a claim without an answer holds, should its process have died.
const LEASE: TimeDelta = TimeDelta::seconds(60);

mod row {
    //! Table `idempotency_key`: `status` is empty while the first request is being worked on.

    use kernel::Timestamp;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "idempotency_key")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub organisation_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub actor: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub key: String,
        pub fingerprint: Vec<u8>,
        pub status: Option<i64>,
        pub headers: Option<Json>,
        pub body: Option<Vec<u8>>,
        pub expires_at: Timestamp,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use row::{ActiveModel, Column, Entity, Model};

#[async_trait]
impl IdempotencyStore for Sea {
    async fn execute<'a>(&'a self, claim: Claim, handler: Handler<'a>) -> Result<Execution, StoreError> {
        if let Some(earlier) = self.claim(&claim).await? {
            return earlier.outcome(&claim);
        }
        let parking = Arc::new(Parking::default());
        let answer = PARKING.scope(parking.clone(), handler).await;
        let open = parking.take();
        if !answer.is_final() {
            drop(open);
            self.release(&claim).await?;
            return Ok(Execution::Fresh(answer));
        }
        let tx = match open {
            Some(tx) => tx,
            None => self.begin_tx().await?,
        };
        self.remember(&tx, &claim, &answer).await?;
        tx.commit_now().await?;
        Ok(Execution::Fresh(answer))
    }
}

impl Sea {
    /// Takes the key, or returns what stands under it.
    async fn claim(&self, claim: &Claim) -> Result<Option<Model>, StoreError> {
        let tx = self.begin_tx().await?;
        let now = self.clock.now();
        Entity::delete_many()
            .filter(same_key(claim).add(Column::ExpiresAt.lte(now)))
            .exec(tx.connection())
            .await
            .map_err(store_error)?;
        let row = ActiveModel {
            organisation_id: Set(claim.organisation.into()),
            actor: Set(actor_text(claim.actor)),
            key: Set(claim.key.clone()),
            fingerprint: Set(claim.fingerprint.to_vec()),
            status: Set(None),
            headers: Set(None),
            body: Set(None),
            expires_at: Set(now + LEASE),
        };
        let inserted = Entity::insert(row)
            .on_conflict_do_nothing_on([Column::OrganisationId, Column::Actor, Column::Key])
            .exec_without_returning(tx.connection())
            .await
            .map_err(store_error)?;
        if matches!(inserted, TryInsertResult::Inserted(rows) if rows > 0) {
            tx.commit_now().await?;
            return Ok(None);
        }
        let earlier =
            Entity::find().filter(same_key(claim)).one(tx.connection()).await.map_err(store_error)?;
        tx.commit_now().await?;
        earlier.map(Some).ok_or(StoreError::Stale)
    }

    async fn remember(&self, tx: &SeaTx, claim: &Claim, answer: &Recorded) -> Result<(), StoreError> {
        let headers =
            serde_json::to_value(&answer.headers).map_err(|error| StoreError::Failed(Box::new(error)))?;
        Entity::update_many()
            .col_expr(Column::Status, Expr::value(i64::from(answer.status)))
            .col_expr(Column::Headers, Expr::value(headers))
            .col_expr(Column::Body, Expr::value(answer.body.clone()))
            .col_expr(Column::ExpiresAt, Expr::value(self.clock.now() + KEPT))
            .filter(same_key(claim))
            .exec(tx.connection())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    /// Gives the key back, so that the caller may try again.
    async fn release(&self, claim: &Claim) -> Result<(), StoreError> {
        let tx = self.begin_tx().await?;
        Entity::delete_many()
            .filter(same_key(claim).add(Column::Status.is_null()))
            .exec(tx.connection())
            .await
            .map_err(store_error)?;
        tx.commit_now().await
    }

    /// Forgets keys whose time is over and returns how many there were.
    ///
    /// # Errors
    /// Whatever the store met.
    pub async fn forget_expired_keys(&self) -> Result<u64, StoreError> {
        let tx = self.begin_tx().await?;
        let deleted = Entity::delete_many()
            .filter(Column::ExpiresAt.lte(self.clock.now()))
            .exec(tx.connection())
            .await
            .map_err(store_error)?;
        tx.commit_now().await?;
        Ok(deleted.rows_affected)
    }
}

impl Model {
    fn outcome(self, claim: &Claim) -> Result<Execution, StoreError> {
        if self.fingerprint != claim.fingerprint {
            return Ok(Execution::Mismatch);
        }
        let Some(status) = self.status else {
            return Ok(Execution::InFlight);
        };
        let status = u16::try_from(status).map_err(|_| StoreError::corrupt("idempotency_key.status"))?;
        let headers = serde_json::from_value(self.headers.unwrap_or_default())
            .map_err(|_| StoreError::corrupt("idempotency_key.headers"))?;
        Ok(Execution::Replayed(Recorded { status, headers, body: self.body.unwrap_or_default() }))
    }
}

fn same_key(claim: &Claim) -> Condition {
    Condition::all()
        .add(Column::OrganisationId.eq(uuid::Uuid::from(claim.organisation)))
        .add(Column::Actor.eq(actor_text(claim.actor)))
        .add(Column::Key.eq(claim.key.as_str()))
}

fn actor_text(actor: Actor) -> String {
    match actor.id() {
        Some(id) => format!("{}:{id}", actor.kind()),
        None => actor.kind().to_owned(),
    }
}
