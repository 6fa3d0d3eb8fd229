//! Sessions that say on which device, keys that say when they were last used, and a trail that is searched
//! by time: each of its filters has an index in the order in which it is read.

use sea_orm_migration::prelude::*;

use crate::column::{Optional, index, instant, text};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// What the trail is searched by, beside the time.
const FILTERS: [&str; 5] = ["resource", "resource_id", "actor_id", "verb", "request_id"];

/// Those that were searched in the order of ids.
const BY_ID: [&str; 4] = ["resource", "resource_id", "actor_id", "request_id"];

const DEVICE: [&str; 2] = ["user_agent", "address"];

/// A session of an earlier version began with its first token that is known.
const BEGUN: &str =
    "UPDATE refresh_token SET begun_at = (SELECT MIN(first.issued_at) FROM refresh_token first
    WHERE first.session_id = refresh_token.session_id)";

async fn add(manager: &SchemaManager<'_>, table: &'static str, column: ColumnDef) -> Result<(), DbErr> {
    manager.alter_table(Table::alter().table(table).add_column(column).to_owned()).await
}

async fn drop_column(
    manager: &SchemaManager<'_>,
    table: &'static str,
    column: &'static str,
) -> Result<(), DbErr> {
    manager.alter_table(Table::alter().table(table).drop_column(column).to_owned()).await
}

async fn drop_index(manager: &SchemaManager<'_>, columns: &[&'static str]) -> Result<(), DbErr> {
    let name = format!("ix_audit_entry__{}", columns.join("__"));
    manager.drop_index(Index::drop().name(name).table("audit_entry").to_owned()).await
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add(manager, "api_key", instant("last_used_at").optional()).await?;
        add(manager, "refresh_token", instant("begun_at").optional()).await?;
        for column in DEVICE {
            add(manager, "refresh_token", text(column).optional()).await?;
        }
        manager.get_connection().execute_unprepared(BEGUN).await?;

        manager.create_index(index("audit_entry", &["organisation_id", "at", "id"])).await?;
        for filter in FILTERS {
            manager.create_index(index("audit_entry", &["organisation_id", filter, "at", "id"])).await?;
        }
        drop_index(manager, &["organisation_id", "id"]).await?;
        for filter in BY_ID {
            drop_index(manager, &["organisation_id", filter, "id"]).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_index(index("audit_entry", &["organisation_id", "id"])).await?;
        for filter in BY_ID {
            manager.create_index(index("audit_entry", &["organisation_id", filter, "id"])).await?;
        }
        drop_index(manager, &["organisation_id", "at", "id"]).await?;
        for filter in FILTERS {
            drop_index(manager, &["organisation_id", filter, "at", "id"]).await?;
        }
        for column in DEVICE {
            drop_column(manager, "refresh_token", column).await?;
        }
        drop_column(manager, "refresh_token", "begun_at").await?;
        drop_column(manager, "api_key", "last_used_at").await
    }
}
