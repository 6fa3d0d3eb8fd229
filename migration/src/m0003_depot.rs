//! Depots: yards, the electrical tree and what limits it, tariffs.

use sea_orm_migration::prelude::*;

use crate::column::{Optional, index, instant, json, number, text, unique, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// A table with id, organisation and depot, which goes with its depot.
fn part_of_depot(table: &'static str) -> TableCreateStatement {
    Table::create()
        .table(table)
        .col(uuid("id").primary_key())
        .col(uuid("organisation_id"))
        .col(uuid("depot_id"))
        .col(number("version"))
        .foreign_key(
            ForeignKey::create()
                .from(table, "depot_id")
                .to("depot", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}

fn goes_with(table: &'static str, circuit: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from(table, circuit)
        .to("circuit", "id")
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("depot")
                    .col(uuid("id").primary_key())
                    .col(uuid("organisation_id"))
                    .col(number("version"))
                    .col(text("code"))
                    .col(text("name"))
                    .col(text("time_zone"))
                    .col(text("address").optional())
                    .col(ColumnDef::new("latitude").double().null())
                    .col(ColumnDef::new("longitude").double().null())
                    .col(text("charging_strategy"))
                    .col(instant("created_at"))
                    .col(instant("updated_at"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(unique("depot", &["organisation_id", "code"])).await?;
        manager.create_index(index("depot", &["organisation_id", "id"])).await?;

        let mut zone = part_of_depot("zone");
        zone.col(text("code")).col(text("name")).col(instant("created_at")).col(instant("updated_at"));
        manager.create_table(zone).await?;
        manager.create_index(unique("zone", &["depot_id", "code"])).await?;

        let mut bay = part_of_depot("bay");
        bay.col(uuid("zone_id").optional())
            .col(uuid("charge_point_id").optional())
            .col(text("code"))
            .col(text("name"))
            .col(instant("created_at"))
            .col(instant("updated_at"));
        manager.create_table(bay).await?;
        manager.create_index(unique("bay", &["depot_id", "code"])).await?;
        manager.create_index(index("bay", &["zone_id"])).await?;

        let mut circuit = part_of_depot("circuit");
        circuit
            .col(uuid("parent_id").optional())
            .col(text("name"))
            .col(text("kind"))
            .col(number("limit_w").optional())
            .col(number("limit_ma").optional())
            .col(number("phases"))
            .col(number("voltage"))
            .col(number("safety_margin"))
            .col(number("fallback_reserve_w").optional())
            .col(number("unmanaged_load_w"))
            .col(instant("latest_load_at").optional())
            .col(number("latest_load_w").optional())
            .col(instant("peak_load_at").optional())
            .col(number("peak_load_w").optional())
            .col(instant("created_at"))
            .col(instant("updated_at"));
        manager.create_table(circuit).await?;
        manager.create_index(index("circuit", &["depot_id"])).await?;

        let mut window = part_of_depot("limit_window");
        window
            .col(uuid("circuit_id"))
            .col(text("name").optional())
            .col(number("precedence"))
            .col(json("schedule"))
            .col(number("limit_w").optional())
            .col(number("limit_ma").optional())
            .col(instant("created_at"))
            .col(instant("updated_at"))
            .foreign_key(&mut goes_with("limit_window", "circuit_id"));
        manager.create_table(window).await?;
        manager.create_index(index("limit_window", &["depot_id"])).await?;
        manager.create_index(index("limit_window", &["circuit_id"])).await?;

        manager
            .create_table(
                Table::create()
                    .table("external_limits")
                    .col(uuid("circuit_id"))
                    .col(text("source"))
                    .col(uuid("organisation_id"))
                    .col(uuid("depot_id"))
                    .col(json("limits"))
                    .col(instant("expires_at"))
                    .col(instant("received_at"))
                    .primary_key(Index::create().col("circuit_id").col("source"))
                    .foreign_key(&mut goes_with("external_limits", "circuit_id"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(index("external_limits", &["depot_id"])).await?;

        manager
            .create_table(
                Table::create()
                    .table("load_reading")
                    .col(uuid("circuit_id"))
                    .col(instant("at"))
                    .col(number("power_w"))
                    .primary_key(Index::create().col("circuit_id").col("at"))
                    .foreign_key(&mut goes_with("load_reading", "circuit_id"))
                    .to_owned(),
            )
            .await?;

        manager
            .create_table(
                Table::create()
                    .table("electricity_tariff")
                    .col(uuid("depot_id").primary_key())
                    .col(uuid("organisation_id"))
                    .col(number("version"))
                    .col(text("currency"))
                    .col(text("base_price"))
                    .col(json("bands"))
                    .col(text("demand_charge").optional())
                    .col(instant("created_at"))
                    .col(instant("updated_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("electricity_tariff", "depot_id")
                            .to("depot", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [
            "electricity_tariff",
            "load_reading",
            "external_limits",
            "limit_window",
            "circuit",
            "bay",
            "zone",
            "depot",
        ] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
