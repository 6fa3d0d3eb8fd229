//! Table `refresh_token` and how a row becomes a [`RefreshToken`].

use ::access::{Device, Digest, RefreshToken, SessionId};
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
    /// When the user signed in; absent in rows of earlier versions of the program.
    pub begun_at: Option<Timestamp>,
    pub user_agent: Option<String>,
    pub address: Option<String>,
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
            begun_at: row.begun_at.unwrap_or(row.issued_at),
            issued_at: row.issued_at,
            expires_at: row.expires_at,
            used_at: row.used_at,
            device: Device {
                user_agent: row.user_agent,
                address: row.address.and_then(|address| address.parse().ok()),
            },
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
        begun_at: Set(Some(token.begun_at)),
        user_agent: Set(token.device.user_agent.clone()),
        address: Set(token.device.address.map(|address| address.to_string())),
    }
}
