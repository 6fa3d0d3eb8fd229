//! The plan of each depot and what was planned of past slots; what plans need of tariffs and vehicles.

use sea_orm_migration::prelude::*;

use crate::column::{Optional, boolean, instant, json, number, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Columns that tables of others gain. Each in a statement of its own, as SQLite wants it.
fn gained() -> Vec<(&'static str, &'static str, ColumnDef)> {
    let broken = boolean("may_break_demand_target").default(false).take();
    vec![
        ("electricity_tariff", "demand_target_w", number("demand_target_w").optional()),
        ("electricity_tariff", "may_break_demand_target", broken),
        ("vehicle", "precondition_w", number("precondition_w").optional()),
        ("vehicle", "precondition_minutes", number("precondition_minutes").optional()),
    ]
}

/// Plans go with their depot.
fn of_depot(table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from(table, "depot_id")
        .to("depot", "id")
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, _, mut column) in gained() {
            manager.alter_table(Table::alter().table(table).add_column(&mut column).to_owned()).await?;
        }
        manager
            .create_table(
                Table::create()
                    .table("depot_plan")
                    .col(uuid("depot_id").primary_key())
                    .col(uuid("organisation_id"))
                    .col(instant("computed_at"))
                    .col(json("state"))
                    // By slot and circuit: large, and of no use to the control.
                    .col(json("circuits"))
                    .foreign_key(&mut of_depot("depot_plan"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("depot_plan_slot")
                    .col(uuid("depot_id"))
                    // The beginning of the slot.
                    .col(instant("at"))
                    .col(uuid("organisation_id"))
                    .col(number("planned_w"))
                    .primary_key(Index::create().col("depot_id").col("at"))
                    .foreign_key(&mut of_depot("depot_plan_slot"))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["depot_plan_slot", "depot_plan"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        for (table, column, _) in gained() {
            manager.alter_table(Table::alter().table(table).drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
