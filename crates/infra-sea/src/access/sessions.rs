//! Sessions: the repository of refresh tokens, and finding out who a credential belongs to.

use ::access::{
    ApiKey, AuthReader, Digest, Email, HasRefreshTokens, RefreshToken, RefreshTokenRepository, Role, Session,
    SessionId, User,
};
use async_trait::async_trait;
use kernel::{OrganisationId, Rights, StoreError, Timestamp, UserId};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    prelude::Uuid, sea_query::Expr,
};

use super::{
    api_key_entity as api_key, api_keys,
    refresh_token_entity::{Column, Entity, row},
    role_entity as role, user_entity as user, user_role_entity as user_role, users,
};
use crate::{connect::Sea, error::store_error, unit::SeaTx};

impl HasRefreshTokens for SeaTx {
    fn refresh_tokens(&mut self) -> &mut dyn RefreshTokenRepository {
        self
    }
}

impl SeaTx {
    async fn delete_tokens(&self, which: Condition) -> Result<(), StoreError> {
        Entity::delete_many().filter(which).exec(self.connection()).await.map_err(store_error)?;
        Ok(())
    }
}

#[async_trait]
impl RefreshTokenRepository for SeaTx {
    async fn token_insert(&mut self, token: &RefreshToken) -> Result<(), StoreError> {
        Entity::insert(row(token)).exec_without_returning(self.connection()).await.map_err(store_error)?;
        Ok(())
    }

    async fn token_find(&mut self, digest: Digest) -> Result<Option<RefreshToken>, StoreError> {
        let found = Entity::find().filter(Column::Digest.eq(digest.to_hex())).one(self.connection()).await;
        found.map_err(store_error)?.map(RefreshToken::try_from).transpose()
    }

    async fn token_mark_used(&mut self, id: Uuid, at: Timestamp) -> Result<(), StoreError> {
        Entity::update_many()
            .col_expr(Column::UsedAt, Expr::value(at))
            .filter(Column::Id.eq(id))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn session_delete(&mut self, session: SessionId) -> Result<(), StoreError> {
        self.delete_tokens(Condition::all().add(Column::SessionId.eq(session.0))).await
    }

    async fn sessions_delete(&mut self, user: UserId) -> Result<(), StoreError> {
        self.delete_tokens(Condition::all().add(Column::UserId.eq(Uuid::from(user)))).await
    }

    async fn tokens_forget(&mut self, user: UserId, before: Timestamp) -> Result<(), StoreError> {
        let old = Condition::all().add(Column::UserId.eq(Uuid::from(user))).add(Column::ExpiresAt.lt(before));
        self.delete_tokens(old).await
    }
}

#[async_trait]
impl AuthReader for Sea {
    async fn user_by_email(&self, email: &Email) -> Result<Option<User>, StoreError> {
        let found = user::Entity::find().filter(user::Column::Email.eq(email.as_str())).one(self.reader());
        users::with_roles_one(self.reader(), found.await.map_err(store_error)?).await
    }

    async fn user_by_invitation(&self, digest: Digest) -> Result<Option<User>, StoreError> {
        let invited = user::Column::InvitationDigest.eq(digest.to_hex());
        let found = user::Entity::find().filter(invited).one(self.reader()).await;
        users::with_roles_one(self.reader(), found.map_err(store_error)?).await
    }

    async fn session_rights(
        &self,
        organisation: OrganisationId,
        user: UserId,
        session: SessionId,
        now: Timestamp,
    ) -> Result<Option<Rights>, StoreError> {
        let (organisation, user) = (Uuid::from(organisation), Uuid::from(user));
        let live = Entity::find()
            .select_only()
            .column(Column::UserId)
            .filter(Column::SessionId.eq(session.0))
            .filter(Column::ExpiresAt.gt(now))
            .into_query();
        let signed_in = user::Entity::find()
            .filter(user::Column::Id.eq(user))
            .filter(user::Column::OrganisationId.eq(organisation))
            .filter(user::Column::Active.eq(true))
            .filter(user::Column::Id.in_subquery(live))
            .one(self.reader())
            .await
            .map_err(store_error)?;
        if signed_in.is_none() {
            return Ok(None);
        }
        let grants = users::grants_of(self.reader(), vec![user]).await?.remove(&user).unwrap_or_default();
        let everywhere = user_role::Entity::find()
            .filter(user_role::Column::UserId.eq(user))
            .all(self.reader())
            .await
            .map_err(store_error)?;
        let everywhere: Vec<Uuid> = everywhere.into_iter().map(|row| row.role_id).collect();
        let wanted = everywhere.iter().copied().chain(grants.iter().map(|grant| Uuid::from(grant.role)));
        let rows = role::Entity::find()
            .filter(role::Column::OrganisationId.eq(organisation))
            .filter(role::Column::Id.is_in(wanted))
            .all(self.reader())
            .await
            .map_err(store_error)?;
        let mut rights = Rights::default();
        for row in rows {
            let role = Role::try_from(row)?;
            if everywhere.contains(&Uuid::from(role.id)) {
                rights.add(None, role.permissions.iter().copied());
            }
            for grant in grants.iter().filter(|grant| grant.role == role.id) {
                rights.add(Some(grant.group), role.permissions.iter().copied());
            }
        }
        Ok(Some(rights))
    }

    async fn api_key_by_prefix(&self, prefix: &str) -> Result<Option<ApiKey>, StoreError> {
        let found =
            api_key::Entity::find().filter(api_key::Column::Prefix.eq(prefix)).one(self.reader()).await;
        api_keys::with_groups_one(self.reader(), found.map_err(store_error)?).await
    }
}

/// The sessions of a user that go on, the latest begun first.
pub(super) async fn list(
    connection: &impl ConnectionTrait,
    organisation: OrganisationId,
    user: UserId,
    now: Timestamp,
) -> Result<Vec<Session>, StoreError> {
    // Of the tokens of a session one is not used: the newest.
    let found = Entity::find()
        .filter(Column::OrganisationId.eq(Uuid::from(organisation)))
        .filter(Column::UserId.eq(Uuid::from(user)))
        .filter(Column::UsedAt.is_null())
        .filter(Column::ExpiresAt.gt(now))
        .all(connection)
        .await
        .map_err(store_error)?;
    let newest = found.into_iter().map(RefreshToken::try_from);
    let sessions: Result<Vec<Session>, _> = newest.map(|token| Ok(token?.session())).collect();
    let mut sessions = sessions?;
    sessions.sort_by_key(|session| std::cmp::Reverse((session.begun_at, session.id)));
    Ok(sessions)
}
