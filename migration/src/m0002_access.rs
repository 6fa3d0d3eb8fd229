//! Who may do what: organisations, users and their roles, API keys, sessions.

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
                    .table("organisation")
                    .col(uuid("id").primary_key())
                    .col(number("version"))
                    .col(text("name"))
                    .col(text("handle").optional())
                    .col(instant("created_at"))
                    .col(instant("updated_at"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(unique("organisation", &["handle"])).await?;

        manager
            .create_table(
                Table::create()
                    .table("user_account")
                    .col(uuid("id").primary_key())
                    .col(uuid("organisation_id"))
                    .col(number("version"))
                    .col(text("email"))
                    .col(text("display_name"))
                    .col(text("password_hash"))
                    .col(boolean("active"))
                    .col(instant("created_at"))
                    .col(instant("updated_at"))
                    .foreign_key(&mut reference("user_account", "organisation_id", "organisation"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(unique("user_account", &["email"])).await?;
        manager.create_index(index("user_account", &["organisation_id", "id"])).await?;

        manager
            .create_table(
                Table::create()
                    .table("role")
                    .col(uuid("id").primary_key())
                    .col(uuid("organisation_id"))
                    .col(number("version"))
                    .col(text("name"))
                    .col(text("built_in").optional())
                    .col(json("permissions"))
                    .col(instant("created_at"))
                    .col(instant("updated_at"))
                    .foreign_key(&mut reference("role", "organisation_id", "organisation"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(unique("role", &["organisation_id", "name"])).await?;
        manager.create_index(unique("role", &["organisation_id", "built_in"])).await?;
        manager.create_index(index("role", &["organisation_id", "id"])).await?;

        manager
            .create_table(
                Table::create()
                    .table("user_role")
                    .col(uuid("user_id"))
                    .col(uuid("role_id"))
                    .primary_key(Index::create().col("user_id").col("role_id"))
                    .foreign_key(
                        reference("user_role", "user_id", "user_account")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .foreign_key(&mut reference("user_role", "role_id", "role"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(index("user_role", &["role_id"])).await?;

        manager
            .create_table(
                Table::create()
                    .table("api_key")
                    .col(uuid("id").primary_key())
                    .col(uuid("organisation_id"))
                    .col(number("version"))
                    .col(text("name"))
                    .col(text("prefix"))
                    .col(text("digest"))
                    .col(json("permissions"))
                    .col(instant("expires_at").optional())
                    .col(instant("revoked_at").optional())
                    .col(instant("created_at"))
                    .col(instant("updated_at"))
                    .foreign_key(&mut reference("api_key", "organisation_id", "organisation"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(unique("api_key", &["prefix"])).await?;
        manager.create_index(index("api_key", &["organisation_id", "id"])).await?;

        manager
            .create_table(
                Table::create()
                    .table("refresh_token")
                    .col(uuid("id").primary_key())
                    .col(uuid("session_id"))
                    .col(uuid("organisation_id"))
                    .col(uuid("user_id"))
                    .col(text("digest"))
                    .col(instant("issued_at"))
                    .col(instant("expires_at"))
                    .col(instant("used_at").optional())
                    .foreign_key(
                        reference("refresh_token", "user_id", "user_account")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        manager.create_index(unique("refresh_token", &["digest"])).await?;
        manager.create_index(index("refresh_token", &["session_id"])).await?;
        manager.create_index(index("refresh_token", &["user_id"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["refresh_token", "api_key", "user_role", "role", "user_account", "organisation"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

/// A foreign key to another table's id, named by its column.
fn reference(table: &'static str, column: &'static str, to: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().name(format!("fk_{table}__{column}")).from(table, column).to(to, "id").to_owned()
}
