//! A long audit trail, written by the database itself: a second apart, of few users, things and requests.

use anyhow::Context;
use kernel::OrganisationId;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};
use uuid::Uuid;

/// Entries that are made: every 5,000th is a sign-in, all others change a vehicle.
pub const ENTRIES: u32 = 100_000;
/// Actors and things that entries are of and about, with the ids 0, 1, 2 …
pub const ACTORS: u32 = 1_000;
pub const THINGS: u32 = 2_000;

/// Writes [`ENTRIES`] entries from the beginning of 2026 on, and lets the database count them.
///
/// # Errors
/// Where the database cannot be reached or refuses.
pub async fn fill(url: &str, organisation: OrganisationId) -> anyhow::Result<DatabaseConnection> {
    let database = Database::connect(url).await.context("the database cannot be opened")?;
    let backend = database.get_database_backend();
    let at = match backend {
        DbBackend::Postgres => "timestamptz '2026-01-01T00:00:00Z' + i * interval '1 second'",
        _ => "strftime('%Y-%m-%dT%H:%M:%S+00:00', '2026-01-01', '+' || i || ' seconds')",
    };
    let snapshot = |kwh: &str| {
        let text = format!(
            r#"'{{"fleet_number": "' || i || '", "battery": {kwh}, "target_soc": 100, "class": "articulated bus",
               "max_ac": 0, "max_dc": 150000, "efficiency_wh_per_km": 1250, "priority_level": 3,
               "registration": "M-VB ' || i || '", "depot": null, "vin": null, "precondition": null}}'"#
        );
        if backend == DbBackend::Postgres { format!("({text})::jsonb") } else { text }
    };
    let fill = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ENTRIES})
         INSERT INTO audit_entry (id, organisation_id, at, actor_kind, actor_id, verb, resource, resource_id,
                                  request_id, before, after)
         SELECT {id}, {organisation}, {at}, 'user', {actor},
                CASE WHEN i % 5000 = 0 THEN 'sign_in' ELSE 'update' END,
                CASE WHEN i % 5000 = 0 THEN 'user' ELSE 'vehicle' END, {thing}, 'r-' || (i / 5),
                {before}, {after}
         FROM n",
        id = numbered(backend, "i + 1000000"),
        organisation = id(backend, organisation.into()),
        actor = numbered(backend, &format!("i % {ACTORS}")),
        thing = numbered(backend, &format!("i % {THINGS}")),
        before = snapshot("250000"),
        after = snapshot("240000"),
    );
    database.execute_raw(Statement::from_string(backend, fill)).await.context("it cannot be filled")?;
    database.execute_unprepared("ANALYZE audit_entry").await.context("it cannot be counted")?;
    Ok(database)
}

/// The id with a number, in the words of the engine.
fn numbered(backend: DbBackend, number: &str) -> String {
    match backend {
        DbBackend::Postgres => format!("lpad(to_hex({number}), 32, '0')::uuid"),
        _ => format!("unhex(printf('%032x', {number}))"),
    }
}

/// An id, in the words of the engine.
pub fn id(backend: DbBackend, id: Uuid) -> String {
    match backend {
        DbBackend::Postgres => format!("uuid '{id}'"),
        _ => format!("x'{}'", id.simple()),
    }
}
