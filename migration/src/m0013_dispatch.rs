//! What is to be driven: runs, series of them, and the classes of vehicles that may run them.

use sea_orm_migration::prelude::*;

use crate::column::{Optional, boolean, index, instant, json, number, text, unique, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// A day of the calendar.
fn day(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).date().not_null().take()
}

fn goes_with_depot(table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from(table, "depot_id")
        .to("depot", "id")
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}

fn may_lose(table: &'static str, column: &'static str, other: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().from(table, column).to(other, "id").on_delete(ForeignKeyAction::SetNull).to_owned()
}

fn run_series() -> TableCreateStatement {
    Table::create()
        .table("run_series")
        .col(uuid("id").primary_key())
        .col(uuid("organisation_id"))
        .col(number("version"))
        .col(uuid("depot_id"))
        .col(text("block"))
        // By the depot's clock and calendar: days, times, dates.
        .col(json("recurrence"))
        .col(day("ends_on").optional())
        .col(number("distance_m").optional())
        .col(number("energy_required_wh").optional())
        .col(number("required_soc").optional())
        .col(number("minimum_soc"))
        .col(uuid("vehicle_id").optional())
        .col(text("vehicle_class").optional())
        .col(number("priority_level").optional())
        // Up to this day its runs have been made; kept beside the version.
        .col(day("made_until").optional())
        .col(instant("created_at"))
        .col(instant("updated_at"))
        .foreign_key(&mut goes_with_depot("run_series"))
        .foreign_key(&mut may_lose("run_series", "vehicle_id", "vehicle"))
        .to_owned()
}

fn run() -> TableCreateStatement {
    Table::create()
        .table("run")
        .col(uuid("id").primary_key())
        .col(uuid("organisation_id"))
        .col(number("version"))
        .col(uuid("depot_id"))
        .col(day("service_date"))
        .col(text("block"))
        .col(instant("departure_at"))
        .col(instant("arrival_at"))
        .col(number("distance_m").optional())
        .col(number("energy_required_wh").optional())
        .col(number("required_soc").optional())
        .col(number("minimum_soc"))
        .col(uuid("vehicle_id").optional())
        .col(text("vehicle_class").optional())
        .col(number("priority_level").optional())
        .col(uuid("series_id").optional())
        // The day for which the series made it.
        .col(day("series_date").optional())
        .col(boolean("by_hand"))
        .col(text("state"))
        .col(instant("departed_at").optional())
        // What is foretold; kept beside the version.
        .col(text("readiness"))
        .col(number("predicted_soc").optional())
        .col(instant("predicted_ready_at").optional())
        .col(number("shortfall_wh"))
        .col(text("cause").optional())
        .col(instant("assessed_at").optional())
        .col(instant("created_at"))
        .col(instant("updated_at"))
        .foreign_key(&mut goes_with_depot("run"))
        .foreign_key(&mut may_lose("run", "vehicle_id", "vehicle"))
        .foreign_key(&mut may_lose("run", "series_id", "run_series"))
        .to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let class = Table::alter().table("vehicle").add_column(text("class").optional()).to_owned();
        manager.alter_table(class).await?;

        manager.create_table(run_series()).await?;
        manager.create_index(index("run_series", &["organisation_id", "id"])).await?;
        manager.create_index(index("run_series", &["made_until"])).await?;

        manager.create_table(run()).await?;
        let block = ["organisation_id", "depot_id", "service_date", "block"];
        manager.create_index(unique("run", &block)).await?;
        manager.create_index(unique("run", &["series_id", "series_date"])).await?;
        manager.create_index(index("run", &["organisation_id", "departure_at", "id"])).await?;
        manager.create_index(index("run", &["depot_id", "departure_at", "id"])).await?;
        manager.create_index(index("run", &["vehicle_id", "departure_at", "id"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["run", "run_series"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        manager.alter_table(Table::alter().table("vehicle").drop_column("class").to_owned()).await
    }
}
