//! What changed at charge points, for how long they were up; times of planned work.
//!
//! History begins with what is known of chargers that are there already: their connection since it
//! last changed, their connectors from then on.

use sea_orm_migration::prelude::*;

use crate::column::{Optional, boolean, index, instant, json, number, text, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const BEGIN: [&str; 2] = [
    "INSERT INTO charger_history (charge_point_id, id, connector_number, at, online)
     SELECT id, id, -1, COALESCE(connection_changed_at, created_at), online FROM charge_point",
    "INSERT INTO charger_history (charge_point_id, id, connector_number, at, status)
     SELECT p.id, c.evse_id, c.flat_number, COALESCE(p.connection_changed_at, p.created_at), c.status
     FROM connector c JOIN charge_point p ON p.id = c.charge_point_id",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("charger_history")
                    .col(uuid("charge_point_id"))
                    .col(uuid("id"))
                    // -1 for the connection, 0 for the whole charge point.
                    .col(number("connector_number"))
                    .col(instant("at"))
                    .col(text("status").optional())
                    .col(boolean("online").optional())
                    .primary_key(Index::create().col("charge_point_id").col("id").col("connector_number"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_charger_history__charge_point_id")
                            .from("charger_history", "charge_point_id")
                            .to("charge_point", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        manager.create_index(index("charger_history", &["charge_point_id", "at", "id"])).await?;
        for statement in BEGIN {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        manager
            .create_table(
                Table::create()
                    .table("maintenance_window")
                    .col(uuid("id").primary_key())
                    .col(uuid("organisation_id"))
                    .col(number("version"))
                    .col(uuid("charge_point_id").optional())
                    .col(uuid("depot_id").optional())
                    .col(instant("begins_at"))
                    .col(instant("ends_at"))
                    .col(text("reason"))
                    .col(json("created_by"))
                    .col(instant("created_at"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(index("maintenance_window", &["organisation_id", "id"])).await?;
        manager.create_index(index("maintenance_window", &["charge_point_id"])).await?;
        manager.create_index(index("maintenance_window", &["depot_id"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["maintenance_window", "charger_history"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
