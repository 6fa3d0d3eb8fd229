//! Charge points with their EVSEs, connectors and reported settings, and the orders they are given.
//!
//! The live facts of a charge point and of its connectors are columns of their own rows, written
//! without a new version. An identity is unique over all organisations: a charger's URL carries no
//! organisation.

use sea_orm_migration::prelude::*;

use crate::column::{Optional, boolean, index, instant, json, number, text, unique, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        charge_point(manager).await?;
        evse(manager).await?;
        connector(manager).await?;
        configuration_key(manager).await?;
        command(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["command", "configuration_key", "connector", "evse", "charge_point"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

async fn charge_point(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("charge_point")
                .col(uuid("id").primary_key())
                .col(uuid("organisation_id"))
                .col(number("version"))
                .col(text("identity"))
                .col(uuid("depot_id"))
                .col(uuid("circuit_id").optional())
                .col(uuid("zone_id").optional())
                .col(number("max_power_w"))
                .col(text("current_type"))
                .col(number("voltage"))
                .col(number("min_current_ma"))
                .col(number("min_power_w"))
                .col(text("rate_units").optional())
                .col(number("offline_limit_w").optional())
                .col(number("security_profile"))
                .col(text("password_hash").optional())
                .col(text("registration"))
                .col(instant("created_at"))
                .col(instant("updated_at"))
                .col(text("vendor").optional())
                .col(text("model").optional())
                .col(text("serial").optional())
                .col(text("firmware").optional())
                .col(instant("booted_at").optional())
                .col(text("protocol").optional())
                .col(boolean("online"))
                .col(number("generation"))
                .col(instant("connection_changed_at").optional())
                .col(instant("last_seen_at").optional())
                .col(json("whole"))
                .col(json("firmware_status").optional())
                .col(json("diagnostics_status").optional())
                .col(json("capabilities"))
                .to_owned(),
        )
        .await?;
    manager.create_index(unique("charge_point", &["identity"])).await?;
    manager.create_index(index("charge_point", &["organisation_id", "id"])).await?;
    manager.create_index(index("charge_point", &["depot_id", "id"])).await?;
    manager.create_index(index("charge_point", &["circuit_id"])).await?;
    manager.create_index(index("charge_point", &["zone_id"])).await
}

async fn evse(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("evse")
                .col(uuid("id").primary_key())
                .col(uuid("charge_point_id"))
                .col(number("number"))
                .col(text("rotation"))
                .foreign_key(&mut belongs_to("evse", "charge_point"))
                .to_owned(),
        )
        .await?;
    manager.create_index(unique("evse", &["charge_point_id", "number"])).await
}

async fn connector(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("connector")
                .col(uuid("evse_id"))
                .col(number("number"))
                .col(uuid("charge_point_id"))
                .col(number("flat_number"))
                .col(text("standard"))
                .col(number("max_power_w"))
                .col(number("phases"))
                .col(text("status"))
                .col(json("report").optional())
                .col(text("wanted"))
                .col(text("reported").optional())
                .primary_key(Index::create().col("evse_id").col("number"))
                .foreign_key(&mut belongs_to("connector", "evse"))
                .foreign_key(&mut belongs_to("connector", "charge_point"))
                .to_owned(),
        )
        .await?;
    manager.create_index(unique("connector", &["charge_point_id", "flat_number"])).await?;
    manager.create_index(index("connector", &["status", "charge_point_id"])).await
}

async fn configuration_key(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("configuration_key")
                .col(uuid("charge_point_id"))
                .col(text("key"))
                .col(text("value").optional())
                .col(boolean("readonly"))
                .col(instant("reported_at"))
                .primary_key(Index::create().col("charge_point_id").col("key"))
                .foreign_key(&mut belongs_to("configuration_key", "charge_point"))
                .to_owned(),
        )
        .await
}

async fn command(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("command")
                .col(uuid("id").primary_key())
                .col(uuid("organisation_id"))
                .col(uuid("charge_point_id"))
                .col(number("version"))
                .col(json("kind"))
                .col(text("state"))
                .col(json("result").optional())
                .col(text("replaces").optional())
                .col(text("actor_kind"))
                .col(uuid("actor_id").optional())
                .col(instant("requested_at"))
                .col(instant("sent_at").optional())
                .col(instant("finished_at").optional())
                .foreign_key(&mut belongs_to("command", "charge_point"))
                .to_owned(),
        )
        .await?;
    manager.create_index(index("command", &["charge_point_id", "id"])).await?;
    manager.create_index(index("command", &["state", "charge_point_id"])).await?;
    manager.create_index(index("command", &["finished_at"])).await
}

/// A row that goes with its parent.
fn belongs_to(table: &'static str, parent: &'static str) -> ForeignKeyCreateStatement {
    let column = format!("{parent}_id");
    ForeignKey::create()
        .name(format!("fk_{table}__{column}"))
        .from(table, Alias::new(column))
        .to(parent, "id")
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}
