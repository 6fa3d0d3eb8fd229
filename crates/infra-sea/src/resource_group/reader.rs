//! Groups and their contents outside a unit of work.

use ::resource_group::{GroupFilter, GroupReader, Member, MemberKind, ResourceGroup};
use async_trait::async_trait;
use kernel::{Cursor, GroupSet, Kind, OrganisationId, Page, PageRequest, Reach, ResourceGroupId, StoreError};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, Order, QueryFilter,
    prelude::Uuid,
    sea_query::{Expr, ExprTrait, Query, SelectStatement, UnionType},
};

use super::{
    entity::{Column, Entity},
    members::{assemble, table},
};
use crate::{
    connect::Sea,
    error::store_error,
    paging::oldest_first,
    reach::{held, within},
    search::contains,
    word,
};

#[async_trait]
impl GroupReader for Sea {
    async fn group_get(
        &self,
        organisation: OrganisationId,
        id: ResourceGroupId,
    ) -> Result<Option<ResourceGroup>, StoreError> {
        let found = Entity::find()
            .filter(Column::OrganisationId.eq(Uuid::from(organisation)))
            .filter(Column::Id.eq(Uuid::from(id)))
            .one(self.reader())
            .await;
        let rows = found.map_err(store_error)?.into_iter().collect();
        Ok(assemble(self.reader(), rows).await?.pop())
    }

    async fn group_list(
        &self,
        reach: &Reach,
        filter: &GroupFilter,
        page: PageRequest,
    ) -> Result<Page<ResourceGroup>, StoreError> {
        let mut wanted = Condition::all()
            .add(Column::OrganisationId.eq(Uuid::from(reach.organisation())))
            .add_option(within(reach, Kind::ResourceGroup))
            .add_option(filter.parent.map(|parent| Column::ParentId.eq(Uuid::from(parent))))
            .add_option(filter.search.as_ref().map(|search| contains(Column::Name, search)));
        if let Some(member) = filter.holding {
            let (members, column, _) = table(member.kind());
            let holders = Query::select()
                .column("group_id")
                .from(members)
                .and_where(Expr::col(column).eq(member.id()))
                .to_owned();
            wanted = wanted.add(Column::Id.in_subquery(holders));
        }
        let rows = oldest_first(Entity::find().filter(wanted), Column::Id, page).all(self.reader()).await;
        let groups = assemble(self.reader(), rows.map_err(store_error)?).await?;
        Ok(Page::from_surplus(groups, page.limit, |group| Cursor::of(group.id)))
    }

    async fn contents(
        &self,
        organisation: OrganisationId,
        id: ResourceGroupId,
        kind: Option<MemberKind>,
        page: PageRequest,
    ) -> Result<Page<Member>, StoreError> {
        let groups = GroupSet::from([id]);
        let mut parts = MemberKind::ALL
            .into_iter()
            .filter(|candidate| kind.is_none_or(|kind| kind == *candidate))
            .map(|kind| part(organisation, &groups, kind, page));
        let Some(mut query) = parts.next().transpose()? else {
            return Ok(Page { items: Vec::new(), next: None });
        };
        for part in parts {
            query.union(UnionType::All, part?);
        }
        query.order_by("id", Order::Asc).limit(u64::from(page.limit.get()) + 1);
        let rows = self.reader().query_all(&query).await.map_err(store_error)?;
        let mut members = Vec::with_capacity(rows.len());
        for row in rows {
            let kind: String = row.try_get("", "kind").map_err(store_error)?;
            let id: Uuid = row.try_get("", "id").map_err(store_error)?;
            members.push(word::read::<MemberKind>(&kind)?.member(id));
        }
        Ok(Page::from_surplus(members, page.limit, |member| Cursor::of(member.id())))
    }
}

/// What the groups hold of one kind, after the cursor.
fn part(
    organisation: OrganisationId,
    groups: &GroupSet,
    kind: MemberKind,
    page: PageRequest,
) -> Result<SelectStatement, StoreError> {
    let (_, _, things) = table(kind);
    let reached = match kind {
        MemberKind::Depot => Kind::Depot,
        MemberKind::ChargePoint => Kind::ChargePoint,
        MemberKind::Vehicle => Kind::Vehicle,
    };
    let mut select = Query::select()
        .expr_as(Expr::col((things, "id")), "id")
        .expr_as(Expr::val(word::write(&kind)?), "kind")
        .from(things)
        .and_where(Expr::col((things, "organisation_id")).eq(Uuid::from(organisation)))
        .cond_where(held(groups, reached))
        .to_owned();
    if let Some(after) = page.after {
        select.and_where(Expr::col((things, "id")).gt(after.id));
    }
    Ok(select)
}
