//! The members of groups: a table for each kind, so that a row goes with its thing.

use std::collections::{BTreeMap, BTreeSet};

use ::resource_group::{Member, MemberKind, ResourceGroup};
use kernel::{OrganisationId, StoreError};
use sea_orm::{
    ConnectionTrait,
    prelude::Uuid,
    sea_query::{Expr, ExprTrait, Query},
};

use super::entity::Model;
use crate::error::store_error;

/// The table of members of a kind, its column, and the table of the things themselves.
pub(super) const fn table(kind: MemberKind) -> (&'static str, &'static str, &'static str) {
    match kind {
        MemberKind::Depot => ("resource_group_depot", "depot_id", "depot"),
        MemberKind::ChargePoint => ("resource_group_charge_point", "charge_point_id", "charge_point"),
        MemberKind::Vehicle => ("resource_group_vehicle", "vehicle_id", "vehicle"),
    }
}

/// Puts members to the rows of their groups.
pub(super) async fn assemble(
    connection: &impl ConnectionTrait,
    rows: Vec<Model>,
) -> Result<Vec<ResourceGroup>, StoreError> {
    let mut members: BTreeMap<Uuid, BTreeSet<Member>> = BTreeMap::new();
    if !rows.is_empty() {
        for kind in MemberKind::ALL {
            let (table, column, _) = table(kind);
            let query = Query::select()
                .columns(["group_id", column])
                .from(table)
                .and_where(Expr::col("group_id").is_in(rows.iter().map(|row| row.id)))
                .to_owned();
            for row in connection.query_all(&query).await.map_err(store_error)? {
                let group = row.try_get("", "group_id").map_err(store_error)?;
                let id = row.try_get("", column).map_err(store_error)?;
                members.entry(group).or_default().insert(kind.member(id));
            }
        }
    }
    Ok(rows
        .into_iter()
        .map(|row| {
            let held = members.remove(&row.id).unwrap_or_default();
            row.with(held)
        })
        .collect())
}

/// Brings the members of a group to what it says.
pub(super) async fn replace(
    connection: &impl ConnectionTrait,
    group: &ResourceGroup,
) -> Result<(), StoreError> {
    for kind in MemberKind::ALL {
        let (table, column, _) = table(kind);
        let ids: Vec<_> =
            group.members.iter().filter(|member| member.kind() == kind).map(|member| member.id()).collect();
        let leave = Query::delete()
            .from_table(table)
            .and_where(Expr::col("group_id").eq(Uuid::from(group.id)))
            .and_where(Expr::col(column).is_not_in(ids.iter().copied()))
            .to_owned();
        connection.execute(&leave).await.map_err(store_error)?;
        if ids.is_empty() {
            continue;
        }
        let mut join = Query::insert()
            .into_table(table)
            .columns(["group_id", column])
            .on_conflict(
                sea_orm::sea_query::OnConflict::columns(["group_id", column]).do_nothing().to_owned(),
            )
            .to_owned();
        for id in ids {
            join.values_panic([Uuid::from(group.id).into(), id.into()]);
        }
        connection.execute(&join).await.map_err(store_error)?;
    }
    Ok(())
}

pub(super) async fn known(
    connection: &impl ConnectionTrait,
    organisation: OrganisationId,
    members: &BTreeSet<Member>,
) -> Result<BTreeSet<Member>, StoreError> {
    let mut known = BTreeSet::new();
    for kind in MemberKind::ALL {
        let ids = members.iter().filter(|member| member.kind() == kind).map(|member| member.id());
        let query = Query::select()
            .column("id")
            .from(table(kind).2)
            .and_where(Expr::col("organisation_id").eq(Uuid::from(organisation)))
            .and_where(Expr::col("id").is_in(ids))
            .to_owned();
        for row in connection.query_all(&query).await.map_err(store_error)? {
            known.insert(kind.member(row.try_get("", "id").map_err(store_error)?));
        }
    }
    Ok(known)
}
