//! The audit trail: nobody rewrites it, and a page of it is found by an index however long it is.

use access::{AuditFilter, AuditReader};
use kernel::{
    AuditEntry, AuditVerb, Begin, Clock, IdSource, Limit, OrganisationId, PageRequest, Scope,
    testing::CountingIds,
};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};

use crate::{Fixture, on_both_engines};

on_both_engines!(nobody_rewrites_the_trail, a_page_of_a_hundred_thousand_is_found_by_an_index);

async fn record(fixture: &Fixture, organisation: OrganisationId, ids: &CountingIds) {
    let (scope, clock) = (Scope::system(organisation), &*fixture.clock);
    let entry = AuditEntry::new(&scope, clock, ids, AuditVerb::Create, "depot", ids.uuid());
    let mut tx = Begin::<dyn access::AccessTx>::begin(&*fixture.sea).await.unwrap();
    tx.audit().record(entry.after(&"new")).await.unwrap();
    tx.commit().await.unwrap();
}

async fn raw(fixture: &Fixture) -> DatabaseConnection {
    Database::connect(fixture._database.url()).await.unwrap()
}

async fn nobody_rewrites_the_trail(fixture: &Fixture) {
    let (ids, database) = (CountingIds::default(), raw(fixture).await);
    let organisation = ids.uuid().into();
    record(fixture, organisation, &ids).await;
    let mut ways = vec!["UPDATE audit_entry SET verb = 'delete'", "DELETE FROM audit_entry"];
    if database.get_database_backend() == DbBackend::Postgres {
        ways.push("TRUNCATE audit_entry");
    }
    for way in ways {
        let refused = database.execute_unprepared(way).await.unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{way}: {refused}");
    }
    let page = fixture.sea.audit_list(organisation, &AuditFilter::default(), PageRequest::default()).await;
    assert_eq!(page.unwrap().items[0].verb, AuditVerb::Create);
}

async fn a_page_of_a_hundred_thousand_is_found_by_an_index(fixture: &Fixture) {
    let (ids, database) = (CountingIds::default(), raw(fixture).await);
    let organisation: OrganisationId = ids.uuid().into();
    let backend = database.get_database_backend();
    let (id, number) = match backend {
        DbBackend::Postgres => ("gen_random_uuid()", "$1"),
        _ => ("randomblob(16)", "?"),
    };
    let fill = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
         INSERT INTO audit_entry (id, organisation_id, at, actor_kind, verb, resource, resource_id)
         SELECT {id}, {number}, '2026-01-01T00:00:00+00:00', 'system', 'update',
                CASE WHEN i % 5000 = 0 THEN 'depot' ELSE 'vehicle' END, {id} FROM n"
    );
    let values = [uuid::Uuid::from(organisation).into()];
    database.execute_raw(Statement::from_sql_and_values(backend, &fill, values)).await.unwrap();
    database.execute_unprepared("ANALYZE audit_entry").await.unwrap();

    let page = PageRequest { limit: Limit::new(500).unwrap(), after: None };
    let all = fixture.sea.audit_list(organisation, &AuditFilter::default(), page).await.unwrap();
    assert!(all.items.len() == 500 && all.next.is_some());
    let depots = AuditFilter { resource: Some("depot".into()), ..AuditFilter::default() };
    let depots = fixture.sea.audit_list(organisation, &depots, page).await.unwrap();
    assert_eq!((depots.items.len(), depots.next), (20, None));
    assert!(depots.items[0].at < fixture.clock.now());

    let explain = if backend == DbBackend::Postgres { "EXPLAIN" } else { "EXPLAIN QUERY PLAN" };
    let literal = match backend {
        DbBackend::Postgres => format!("'{}'", uuid::Uuid::from(organisation)),
        _ => format!("x'{}'", uuid::Uuid::from(organisation).simple()),
    };
    for (and, index) in [
        ("", "ix_audit_entry__organisation_id__id"),
        ("AND resource = 'depot'", "ix_audit_entry__organisation_id__resource__id"),
        ("AND request_id = 'r'", "ix_audit_entry__organisation_id__request_id__id"),
    ] {
        let sql = format!(
            "{explain} SELECT * FROM audit_entry WHERE organisation_id = {literal} {and}
             ORDER BY id DESC LIMIT 51"
        );
        let rows = database.query_all_raw(Statement::from_string(backend, sql)).await.unwrap();
        let column = if backend == DbBackend::Postgres { "QUERY PLAN" } else { "detail" };
        let lines: Vec<String> = rows.iter().map(|row| row.try_get("", column).unwrap()).collect();
        let plan = lines.join("\n");
        assert!(plan.contains(index), "{and}: {plan}");
        assert!(!plan.contains("Sort") && !plan.contains("TEMP B-TREE"), "{and}: {plan}");
    }
}
