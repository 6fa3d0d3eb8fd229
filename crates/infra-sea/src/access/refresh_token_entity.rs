//! Table `refresh_token` and how a row becomes a [`RefreshToken`].

use ::access::{Digest, RefreshToken, SessionId};
use kernel::{StoreError, Timestamp};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

#[derive(Clone, Debug, DeriveEntityModel)]
#[sea_orm(table_name = "refresh_token")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub session_id: Uuid,
    pub organisation_id: Uuid,
    pub user_id: Uuid,
    pub digest: String,
    pub issued_at: Timestamp,
    pub expires_at: Timestamp,
    pub used_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for RefreshToken {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            session: SessionId(row.session_id),
            organisation: row.organisation_id.into(),
            user: row.user_id.into(),
            digest: Digest::from_hex(&row.digest)
                .ok_or_else(|| StoreError::corrupt("a refresh token's digest"))?,
            issued_at: row.issued_at,
            expires_at: row.expires_at,
            used_at: row.used_at,
        })
    }
}

/// The whole row.
pub(super) fn row(token: &RefreshToken) -> ActiveModel {
    ActiveModel {
        id: Set(token.id),
        session_id: Set(token.session.0),
        organisation_id: Set(token.organisation.into()),
        user_id: Set(token.user.into()),
        digest: Set(token.digest.to_hex()),
        issued_at: Set(token.issued_at),
        expires_at: Set(token.expires_at),
        used_at: Set(token.used_at),
    }
}
