//! Attempts to sign in, counted for all processes; invitations; and a trail that says from where and
//! that nobody rewrites.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::column::{Optional, index, instant, number, text, unique};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const APPEND_ONLY_POSTGRES: &str = "
CREATE FUNCTION audit_entry_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only';
END $$;
CREATE TRIGGER audit_entry_stays BEFORE UPDATE OR DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION audit_entry_stays();
CREATE TRIGGER audit_entry_stays_whole BEFORE TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_stays()";

const APPEND_ONLY_SQLITE: &str = "
CREATE TRIGGER audit_entry_is_not_changed BEFORE UPDATE ON audit_entry
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER audit_entry_is_not_deleted BEFORE DELETE ON audit_entry
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END";

const REWRITABLE_POSTGRES: &str = "
DROP TRIGGER audit_entry_stays ON audit_entry;
DROP TRIGGER audit_entry_stays_whole ON audit_entry;
DROP FUNCTION audit_entry_stays";

const REWRITABLE_SQLITE: &str = "
DROP TRIGGER audit_entry_is_not_changed;
DROP TRIGGER audit_entry_is_not_deleted";

fn on<'a>(manager: &SchemaManager<'_>, postgres: &'a str, sqlite: &'a str) -> &'a str {
    if manager.get_database_backend() == DbBackend::Postgres { postgres } else { sqlite }
}

async fn add(manager: &SchemaManager<'_>, table: &'static str, column: ColumnDef) -> Result<(), DbErr> {
    manager.alter_table(Table::alter().table(table).add_column(column).to_owned()).await
}

async fn drop(manager: &SchemaManager<'_>, table: &'static str, column: &'static str) -> Result<(), DbErr> {
    manager.alter_table(Table::alter().table(table).drop_column(column).to_owned()).await
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("sign_in_attempt")
                    // The digest of who tries and from where.
                    .col(text("key").primary_key())
                    .col(number("count"))
                    .col(instant("last_at"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(index("sign_in_attempt", &["last_at"])).await?;

        add(manager, "user_account", text("invitation_digest").optional()).await?;
        add(manager, "user_account", instant("invitation_expires_at").optional()).await?;
        manager.create_index(unique("user_account", &["invitation_digest"])).await?;

        add(manager, "audit_entry", text("address").optional()).await?;
        manager.create_index(index("audit_entry", &["organisation_id", "resource", "id"])).await?;
        manager.create_index(index("audit_entry", &["organisation_id", "request_id", "id"])).await?;
        let append_only = on(manager, APPEND_ONLY_POSTGRES, APPEND_ONLY_SQLITE);
        manager.get_connection().execute_unprepared(append_only).await.map(std::mem::drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let rewritable = on(manager, REWRITABLE_POSTGRES, REWRITABLE_SQLITE);
        manager.get_connection().execute_unprepared(rewritable).await?;
        for (table, name) in [
            ("audit_entry", "ix_audit_entry__organisation_id__request_id__id"),
            ("audit_entry", "ix_audit_entry__organisation_id__resource__id"),
            ("user_account", "uq_user_account__invitation_digest"),
        ] {
            manager.drop_index(Index::drop().name(name).table(table).to_owned()).await?;
        }
        drop(manager, "audit_entry", "address").await?;
        drop(manager, "user_account", "invitation_expires_at").await?;
        drop(manager, "user_account", "invitation_digest").await?;
        manager.drop_table(Table::drop().table("sign_in_attempt").to_owned()).await
    }
}
