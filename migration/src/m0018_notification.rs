//! Alerts, who is told of them, and the messages on their way; the places of published events.
//!
//! `alert.active_subject` repeats the subject while the alert stands and is null once it is cleared:
//! so there is at most one standing alert of a kind and subject.

use sea_orm_migration::prelude::*;

use crate::column::{Optional, boolean, index, instant, json, number, text, unique, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let place = number("place").optional();
        manager.alter_table(Table::alter().table("outbox").add_column(place).to_owned()).await?;
        manager.create_index(index("outbox", &["place"])).await?;
        alert(manager).await?;
        alert_rule(manager).await?;
        delivery(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["notification_item", "notification_delivery", "alert_rule", "alert_watch", "alert"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        manager.drop_index(Index::drop().name("ix_outbox__place").table("outbox").to_owned()).await?;
        manager.alter_table(Table::alter().table("outbox").drop_column("place").to_owned()).await
    }
}

async fn alert(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("alert")
                .col(uuid("id").primary_key())
                .col(uuid("organisation_id"))
                .col(number("version"))
                .col(text("kind"))
                .col(text("subject"))
                .col(text("active_subject").optional())
                .col(text("severity"))
                .col(text("state"))
                .col(text("summary"))
                .col(uuid("depot_id").optional())
                .col(uuid("charge_point_id").optional())
                .col(number("connector_number").optional())
                .col(uuid("evse_id").optional())
                .col(uuid("vehicle_id").optional())
                .col(uuid("run_id").optional())
                .col(uuid("circuit_id").optional())
                .col(uuid("api_key_id").optional())
                .col(json("details"))
                .col(number("count"))
                .col(number("reopened"))
                .col(instant("first_seen_at"))
                .col(instant("last_seen_at"))
                .col(instant("acknowledged_at").optional())
                .col(json("acknowledged_by").optional())
                .col(text("note").optional())
                .col(instant("cleared_at").optional())
                .to_owned(),
        )
        .await?;
    manager.create_index(unique("alert", &["organisation_id", "kind", "active_subject"])).await?;
    manager.create_index(index("alert", &["organisation_id", "id"])).await?;
    manager.create_index(index("alert", &["organisation_id", "kind", "subject", "id"])).await?;
    manager.create_index(index("alert", &["organisation_id", "state", "id"])).await?;
    manager.create_index(index("alert", &["charge_point_id", "id"])).await?;
    manager.create_index(index("alert", &["vehicle_id", "id"])).await?;
    manager.create_index(index("alert", &["run_id", "id"])).await?;
    manager
        .create_table(
            Table::create()
                .table("alert_watch")
                .col(uuid("organisation_id"))
                .col(text("kind"))
                .col(text("subject"))
                .col(instant("seen_at"))
                .col(instant("due_at"))
                .col(json("sighting"))
                .primary_key(Index::create().col("organisation_id").col("kind").col("subject"))
                .to_owned(),
        )
        .await?;
    manager.create_index(index("alert_watch", &["due_at"])).await
}

async fn alert_rule(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("alert_rule")
                .col(uuid("id").primary_key())
                .col(uuid("organisation_id"))
                .col(number("version"))
                .col(text("name"))
                .col(boolean("enabled"))
                // What it concerns, who is told, and when.
                .col(json("matching"))
                .col(json("emails"))
                .col(text("webhook_url").optional())
                .col(text("webhook_secret").optional())
                .col(json("timing"))
                .col(instant("created_at"))
                .col(instant("updated_at"))
                .to_owned(),
        )
        .await?;
    manager.create_index(index("alert_rule", &["organisation_id", "id"])).await
}

async fn delivery(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("notification_delivery")
                .col(uuid("id").primary_key())
                .col(uuid("organisation_id"))
                .col(uuid("rule_id"))
                .col(text("channel"))
                .col(text("recipient"))
                .col(text("state"))
                .col(number("level"))
                .col(instant("created_at"))
                .col(instant("first_due_at"))
                .col(instant("due_at"))
                .col(instant("claimed_until").optional())
                .col(number("attempts"))
                .col(json("message").optional())
                .col(text("last_error").optional())
                .col(instant("finished_at").optional())
                .to_owned(),
        )
        .await?;
    manager.create_index(index("notification_delivery", &["state", "due_at"])).await?;
    manager.create_index(index("notification_delivery", &["rule_id", "channel", "recipient", "id"])).await?;
    manager.create_index(index("notification_delivery", &["finished_at"])).await?;
    manager
        .create_table(
            Table::create()
                .table("notification_item")
                .col(uuid("delivery_id"))
                .col(uuid("alert_id"))
                .col(text("change"))
                .col(instant("ready_at"))
                .primary_key(Index::create().col("delivery_id").col("alert_id"))
                .foreign_key(
                    ForeignKey::create()
                        .name("fk_notification_item__delivery_id")
                        .from("notification_item", "delivery_id")
                        .to("notification_delivery", "id")
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .to_owned(),
        )
        .await?;
    manager.create_index(index("notification_item", &["alert_id", "delivery_id"])).await
}
