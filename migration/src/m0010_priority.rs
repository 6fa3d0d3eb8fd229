//! Who comes first: levels, ordered rules, overrides. What a rule or an override names may be gone:
//! then it concerns nobody.

use sea_orm_migration::prelude::*;

use crate::column::{Optional, boolean, index, instant, json, number, text, unique, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("priority_level")
                    .col(uuid("id").primary_key())
                    .col(uuid("organisation_id"))
                    .col(number("version"))
                    .col(number("level"))
                    .col(text("name"))
                    .col(text("description").optional())
                    .col(instant("created_at"))
                    .col(instant("updated_at"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(unique("priority_level", &["organisation_id", "level"])).await?;

        manager
            .create_table(
                Table::create()
                    .table("priority_rule")
                    .col(uuid("id").primary_key())
                    .col(uuid("organisation_id"))
                    .col(number("version"))
                    .col(number("position"))
                    .col(text("name"))
                    .col(boolean("enabled"))
                    .col(json("target"))
                    .col(json("conditions"))
                    .col(number("level"))
                    .col(instant("created_at"))
                    .col(instant("updated_at"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(unique("priority_rule", &["organisation_id", "position"])).await?;

        manager
            .create_table(
                Table::create()
                    .table("priority_override")
                    .col(uuid("id").primary_key())
                    .col(uuid("organisation_id"))
                    .col(number("version"))
                    .col(uuid("vehicle_id").optional())
                    .col(uuid("charge_point_id").optional())
                    .col(number("level"))
                    .col(text("reason"))
                    .col(instant("expires_at"))
                    .col(json("created_by"))
                    .col(instant("created_at"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(index("priority_override", &["organisation_id", "expires_at"])).await?;
        manager.create_index(index("priority_override", &["organisation_id", "id"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["priority_override", "priority_rule", "priority_level"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
