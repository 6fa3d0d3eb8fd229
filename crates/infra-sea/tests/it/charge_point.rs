//! The contract of charge points and orders.

use async_trait::async_trait;
use charge_point::testing::contract::{self, Ground};
use kernel::{CircuitId, DepotId, OrganisationId, ZoneId};
use sea_orm::{
    ConnectionTrait, Database, DatabaseConnection,
    prelude::Uuid,
    sea_query::{Alias, ColumnDef, Query, Table},
};

use crate::{Fixture, on_both_engines};

on_both_engines!(keeps_the_contract);

async fn keeps_the_contract(fixture: &Fixture) {
    let ground = Rows(Database::connect(fixture.database.url()).await.unwrap());
    ground.make_tables().await;
    contract::holds(&*fixture.sea, &ground).await;
}

/// Depots, circuits and zones as bare rows.
struct Rows(DatabaseConnection);

impl Rows {
    async fn make_tables(&self) {
        let id = |name| ColumnDef::new(Alias::new(name)).uuid().not_null().take();
        for table in ["depot", "circuit", "zone"] {
            let mut create = Table::create();
            create.table(table).if_not_exists().col(id("id")).col(id("organisation_id"));
            if table != "depot" {
                create.col(id("depot_id"));
            }
            self.0.execute(&create).await.unwrap();
        }
    }

    async fn insert(
        &self,
        table: &'static str,
        organisation: OrganisationId,
        id: Uuid,
        depot: Option<DepotId>,
    ) {
        let mut columns = vec!["id", "organisation_id"];
        let mut values = vec![id.into(), Uuid::from(organisation).into()];
        if let Some(depot) = depot {
            columns.push("depot_id");
            values.push(Uuid::from(depot).into());
        }
        let insert = Query::insert().into_table(table).columns(columns).values_panic(values).to_owned();
        self.0.execute(&insert).await.unwrap();
    }
}

#[async_trait]
impl Ground for Rows {
    async fn lay(&self, organisation: OrganisationId, depot: DepotId, circuit: CircuitId, zone: ZoneId) {
        self.insert("depot", organisation, depot.into(), None).await;
        self.insert("circuit", organisation, circuit.into(), Some(depot)).await;
        self.insert("zone", organisation, zone.into(), Some(depot)).await;
    }
}
