//! Reading the audit trail.

use ::access::{AuditFilter, AuditReader, AuditRecord};
use async_trait::async_trait;
use kernel::{Actor, AuditId, Cursor, Kind, OrganisationId, Page, PageRequest, Reach, StoreError};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, prelude::Uuid};

use crate::{
    connect::Sea,
    error::store_error,
    kernel::audit_entry::{Column, Entity, Model},
    paging::before,
    reach::within,
    search::contains_in,
    word,
};

#[async_trait]
impl AuditReader for Sea {
    async fn audit_list(
        &self,
        reach: &Reach,
        own: Actor,
        filter: &AuditFilter,
        page: PageRequest,
    ) -> Result<Page<AuditRecord>, StoreError> {
        let rows = Entity::find()
            .filter(wanted(reach, own, filter, page)?)
            .order_by_desc(Column::At)
            .order_by_desc(Column::Id)
            .limit(u64::from(page.limit.get()) + 1)
            .all(self.reader())
            .await
            .map_err(store_error)?;
        let records: Result<Vec<_>, _> = rows.into_iter().map(record).collect();
        Ok(Page::from_surplus(records?, page.limit, |record| Cursor::at(record.at, record.id)))
    }

    async fn audit_get(
        &self,
        organisation: OrganisationId,
        id: AuditId,
    ) -> Result<Option<AuditRecord>, StoreError> {
        let found = Entity::find()
            .filter(Column::OrganisationId.eq(Uuid::from(organisation)))
            .filter(Column::Id.eq(Uuid::from(id)))
            .one(self.reader())
            .await;
        found.map_err(store_error)?.map(record).transpose()
    }
}

fn wanted(
    reach: &Reach,
    own: Actor,
    filter: &AuditFilter,
    page: PageRequest,
) -> Result<Condition, StoreError> {
    let verb = filter.verb.as_ref().map(word::write).transpose()?;
    Ok(Condition::all()
        .add(Column::OrganisationId.eq(Uuid::from(reach.organisation())))
        .add_option(within(reach, Kind::AuditEntry).map(|within| within.add_option(done_by(own))))
        .add_option(filter.resource.as_ref().map(|resource| Column::Resource.eq(resource.as_str())))
        .add_option(filter.resource_id.map(|id| Column::ResourceId.eq(id)))
        .add_option(filter.actor_id.map(|id| Column::ActorId.eq(id)))
        .add_option(filter.request_id.as_ref().map(|id| Column::RequestId.eq(id.as_str())))
        .add_option(filter.text.as_ref().map(|text| mentions(text)))
        .add_option(verb.map(|verb| Column::Verb.eq(verb)))
        .add_option(filter.from.map(|from| Column::At.gte(from)))
        .add_option(filter.to.map(|to| Column::At.lt(to)))
        .add_option(page.after.map(|after| before(Column::At, Column::Id, &after))))
}

/// Whether somebody did it themselves.
fn done_by(actor: Actor) -> Option<Condition> {
    let id = actor.id()?;
    Some(Condition::all().add(Column::ActorId.eq(id)).add(Column::ActorKind.eq(actor.kind())))
}

/// Whether what was changed mentions a text, in any case.
fn mentions(text: &str) -> Condition {
    Condition::any().add(contains_in(Column::Before, text)).add(contains_in(Column::After, text))
}

fn record(row: Model) -> Result<AuditRecord, StoreError> {
    let actor = match (row.actor_kind.as_str(), row.actor_id) {
        ("user", Some(id)) => Actor::User(id.into()),
        ("api_key", Some(id)) => Actor::ApiKey(id.into()),
        ("charge_point", Some(id)) => Actor::ChargePoint(id.into()),
        ("system", None) => Actor::System,
        (kind, _) => return Err(StoreError::corrupt(format!("an actor of kind `{kind}`"))),
    };
    Ok(AuditRecord {
        id: row.id.into(),
        organisation: row.organisation_id.into(),
        at: row.at,
        actor,
        verb: word::read(&row.verb)?,
        resource: row.resource,
        resource_id: row.resource_id,
        before: row.before,
        after: row.after,
        request_id: row.request_id,
        address: row.address.and_then(|address| address.parse().ok()),
    })
}
