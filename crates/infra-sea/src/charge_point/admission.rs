//! What a gateway asks before it lets a socket in, and who is thought to have one.

use ::charge_point::{
    Admission, AdmissionReader, ChargerRef, Connection, ConnectionReader, Generation, Identity, PasswordHash,
};
use async_trait::async_trait;
use kernel::StoreError;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, prelude::Uuid};

use super::charge_point_entity::{Column, Entity};
use crate::{connect::Sea, error::store_error, word};

#[async_trait]
impl AdmissionReader for Sea {
    async fn admission_find(&self, identity: &str) -> Result<Option<Admission>, StoreError> {
        // What cannot be an identity is not asked for: a database may even refuse the question.
        if Identity::parse("", identity).ok().is_none_or(|parsed| parsed.as_str() != identity) {
            return Ok(None);
        }
        let found = Entity::find().filter(Column::Identity.eq(identity)).one(self.reader()).await;
        let Some(row) = found.map_err(store_error)? else { return Ok(None) };
        let security_profile = u8::try_from(row.security_profile);
        Ok(Some(Admission {
            organisation: row.organisation_id.into(),
            charge_point: row.id.into(),
            password_hash: row.password_hash.map(PasswordHash::new),
            security_profile: security_profile
                .map_err(|_| StoreError::corrupt("charge_point.security_profile"))?,
            registration: word::read(&row.registration)?,
            generation: Generation(row.generation),
        }))
    }
}

#[async_trait]
impl ConnectionReader for Sea {
    async fn connections(&self) -> Result<Vec<Connection>, StoreError> {
        let rows: Vec<(Uuid, Uuid, String, i64)> = Entity::find()
            .select_only()
            .columns([Column::OrganisationId, Column::Id, Column::Identity, Column::Generation])
            .filter(Column::Online.eq(true))
            .into_tuple()
            .all(self.reader())
            .await
            .map_err(store_error)?;
        let connection = |(organisation, charge_point, identity, generation): (Uuid, Uuid, String, i64)| {
            let charger = ChargerRef { organisation: organisation.into(), charge_point: charge_point.into() };
            Connection { charger, identity, generation: Generation(generation) }
        };
        Ok(rows.into_iter().map(connection).collect())
    }
}
