//! What a limited caller sees, in SQL: the one place that says how each kind of thing hangs on what
//! groups hold. Lists add [`within`] to their conditions; single things are asked for by [`Sight`].
//!
//! A kind that is new has to be added to [`place_of`], which does not compile without it.

use async_trait::async_trait;
use kernel::{GroupSet, Kind, OrganisationId, Reach, ResourceGroupId, Sight, StoreError, Thing};
use sea_orm::{
    Condition, ConnectionTrait,
    prelude::Uuid,
    sea_query::{Expr, ExprTrait, Query, SelectStatement, SimpleExpr},
};

use crate::{connect::Sea, error::store_error};

/// How a row comes to be held by groups. Any one of its ties is enough.
enum Tie {
    /// The column names a depot, and groups hold depots.
    Depot(&'static str),
    /// The row is itself what groups hold, by this table and column of theirs.
    Member(&'static str, &'static str),
    /// The column names a thing of another kind: whoever sees that sees this.
    Through(Kind, &'static str),
    /// The column names a part of a thing of another kind, by this table of parts and the column in
    /// which they name what they are part of: whoever sees that sees this.
    Part(Kind, &'static str, &'static str, &'static str),
    /// The row is a group, and lies below groups.
    Group,
    /// The first column says by a word what kind of thing the row is about, and how it hangs on that. Rows
    /// with other words are held by nobody.
    About(&'static str, &'static [(&'static str, Tie)]),
}

/// The table of a kind and what ties its rows to groups.
const fn place_of(kind: Kind) -> (&'static str, &'static [Tie]) {
    use Tie::{About, Depot, Group, Member, Part, Through};
    match kind {
        Kind::ResourceGroup => ("resource_group", &[Group]),
        Kind::Depot => ("depot", &[Depot("id")]),
        Kind::Circuit => ("circuit", &[Depot("depot_id")]),
        Kind::ChargePoint => {
            ("charge_point", &[Depot("depot_id"), Member("resource_group_charge_point", "charge_point_id")])
        }
        Kind::Command => ("command", &[Through(Kind::ChargePoint, "charge_point_id")]),
        Kind::Vehicle => ("vehicle", &[Depot("depot_id"), Member("resource_group_vehicle", "vehicle_id")]),
        Kind::IdTag => ("id_tag", &[Through(Kind::Vehicle, "vehicle_id")]),
        // Where it happened, also should the charger stand elsewhere by now, and whose it was.
        Kind::Transaction => (
            "transaction",
            &[
                Depot("depot_id"),
                Through(Kind::ChargePoint, "charge_point_id"),
                Through(Kind::Vehicle, "vehicle_id"),
            ],
        ),
        Kind::PriorityOverride => (
            "priority_override",
            &[Through(Kind::Vehicle, "vehicle_id"), Through(Kind::ChargePoint, "charge_point_id")],
        ),
        Kind::ChargingOverride => (
            "charging_override",
            &[
                Through(Kind::Vehicle, "vehicle_id"),
                Through(Kind::ChargePoint, "charge_point_id"),
                Part(Kind::ChargePoint, "evse", "charge_point_id", "evse_id"),
            ],
        ),
        // Where it is planned, and whose it is.
        Kind::Run => ("run", &[Depot("depot_id"), Through(Kind::Vehicle, "vehicle_id")]),
        Kind::RunSeries => ("run_series", &[Depot("depot_id"), Through(Kind::Vehicle, "vehicle_id")]),
        // What is wrong, where, and with whose vehicle.
        Kind::Alert => (
            "alert",
            &[
                Depot("depot_id"),
                Through(Kind::ChargePoint, "charge_point_id"),
                Through(Kind::Vehicle, "vehicle_id"),
            ],
        ),
        Kind::MaintenanceWindow => {
            ("maintenance_window", &[Depot("depot_id"), Through(Kind::ChargePoint, "charge_point_id")])
        }
        Kind::DeadLetter => ("dead_letter", &[Through(Kind::ChargePoint, "charge_point_id")]),
        // What was changed, for as long as it is there.
        Kind::AuditEntry => ("audit_entry", &[About("resource", AUDITED)]),
    }
}

/// How entries of the audit trail hang on what was changed, by its name there. What is not named
/// belongs to the organisation as a whole.
const AUDITED: &[(&str, Tie)] = {
    use Tie::{Part, Through};
    const ID: &str = "resource_id";
    &[
        ("alert", Through(Kind::Alert, ID)),
        ("bay", Part(Kind::Depot, "bay", "depot_id", ID)),
        ("charge_point", Through(Kind::ChargePoint, ID)),
        ("charging_override", Through(Kind::ChargingOverride, ID)),
        ("circuit", Through(Kind::Circuit, ID)),
        ("dead_letter", Through(Kind::DeadLetter, ID)),
        ("depot", Through(Kind::Depot, ID)),
        ("electricity_tariff", Through(Kind::Depot, ID)),
        ("external_limits", Through(Kind::Circuit, ID)),
        ("id_tag", Through(Kind::IdTag, ID)),
        ("limit_window", Part(Kind::Circuit, "limit_window", "circuit_id", ID)),
        ("maintenance_window", Through(Kind::MaintenanceWindow, ID)),
        ("priority_override", Through(Kind::PriorityOverride, ID)),
        ("resource_group", Through(Kind::ResourceGroup, ID)),
        ("run", Through(Kind::Run, ID)),
        ("run_series", Through(Kind::RunSeries, ID)),
        ("transaction", Through(Kind::Transaction, ID)),
        ("vehicle", Through(Kind::Vehicle, ID)),
        ("zone", Part(Kind::Depot, "zone", "depot_id", ID)),
    ]
};

/// What a list of things adds to its conditions; nothing where the reach is the whole organisation.
pub(crate) fn within(reach: &Reach, kind: Kind) -> Option<Condition> {
    reach.limited_to().map(|groups| held(groups, kind))
}

/// What the groups and those below them hold of a kind.
pub(crate) fn held(groups: &GroupSet, kind: Kind) -> Condition {
    let (table, ties) = place_of(kind);
    ties.iter().fold(Condition::any(), |any, tie| any.add(tied(groups, table, tie)))
}

/// Whether a tie binds a row of a table to what the groups hold.
fn tied(groups: &GroupSet, table: &'static str, tie: &Tie) -> Condition {
    let column = |column: &'static str| Expr::col((table, column));
    let tied = match tie {
        Tie::Depot(id) => column(id).in_subquery(members(groups, "resource_group_depot", "depot_id")),
        Tie::Member(of, member) => column("id").in_subquery(members(groups, of, member)),
        Tie::Through(other, id) => column(id).in_subquery(seen(groups, *other)),
        Tie::Part(whole, parts, owner, id) => {
            let seen = Query::select()
                .column((*parts, "id"))
                .from(*parts)
                .and_where(Expr::col((*parts, *owner)).in_subquery(seen(groups, *whole)))
                .to_owned();
            column(id).in_subquery(seen)
        }
        Tie::Group => column("id").in_subquery(below(groups)),
        Tie::About(named, ties) => {
            return ties.iter().fold(Condition::any(), |any, (word, tie)| {
                any.add(Condition::all().add(column(named).eq(*word)).add(tied(groups, table, tie)))
            });
        }
    };
    Condition::all().add(tied)
}

/// The ids of what the groups and those below them hold of a kind.
fn seen(groups: &GroupSet, kind: Kind) -> SelectStatement {
    let (table, _) = place_of(kind);
    Query::select().column((table, "id")).from(table).cond_where(held(groups, kind)).to_owned()
}

/// The groups and all below them.
fn below(groups: &GroupSet) -> SelectStatement {
    Query::select().column("descendant_id").from("resource_group_path").and_where(ancestor(groups)).to_owned()
}

fn ancestor(groups: &GroupSet) -> SimpleExpr {
    let ids = groups.iter().map(|group: &ResourceGroupId| Uuid::from(*group));
    Expr::col(("resource_group_path", "ancestor_id")).is_in(ids)
}

/// The ids in a table of members that belong to the groups or those below them.
fn members(groups: &GroupSet, table: &'static str, member: &'static str) -> SelectStatement {
    Query::select()
        .column((table, member))
        .from(table)
        .inner_join(
            "resource_group_path",
            Expr::col(("resource_group_path", "descendant_id")).equals((table, "group_id")),
        )
        .and_where(ancestor(groups))
        .to_owned()
}

#[async_trait]
impl Sight for Sea {
    async fn holds(
        &self,
        organisation: OrganisationId,
        groups: &GroupSet,
        thing: Thing,
    ) -> Result<bool, StoreError> {
        let (table, _) = place_of(thing.kind);
        let query = Query::select()
            .expr(Expr::val(1))
            .from(table)
            .and_where(Expr::col((table, "organisation_id")).eq(Uuid::from(organisation)))
            .and_where(Expr::col((table, "id")).eq(thing.id))
            .cond_where(held(groups, thing.kind))
            .limit(1)
            .to_owned();
        Ok(self.reader().query_one(&query).await.map_err(store_error)?.is_some())
    }
}
