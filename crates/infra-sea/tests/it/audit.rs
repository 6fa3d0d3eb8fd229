//! The audit trail: nobody rewrites it, and a page of it is found by an index however long it is.

use access::{AuditFilter, AuditReader, AuditRecord};
use kernel::{
    Actor, AuditEntry, AuditVerb, Begin, IdSource, Limit, OrganisationId, Page, PageRequest, Scope,
    testing::CountingIds,
};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};
use testkit::trail;

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
    let page = page_of(fixture, organisation, &AuditFilter::default(), PageRequest::default()).await;
    assert_eq!(page.items[0].verb, AuditVerb::Create);
}

async fn page_of(
    fixture: &Fixture,
    organisation: OrganisationId,
    filter: &AuditFilter,
    page: PageRequest,
) -> Page<AuditRecord> {
    fixture.sea.audit_list(&organisation.into(), Actor::System, filter, page).await.unwrap()
}

async fn a_page_of_a_hundred_thousand_is_found_by_an_index(fixture: &Fixture) {
    let organisation: OrganisationId = CountingIds::default().uuid().into();
    let database = trail::fill(fixture._database.url(), organisation).await.unwrap();
    let backend = database.get_database_backend();

    let page = PageRequest { limit: Limit::new(500).unwrap(), after: None };
    let all = page_of(fixture, organisation, &AuditFilter::default(), page).await;
    assert!(all.items.len() == 500 && all.next.is_some());
    assert!(all.items.windows(2).all(|pair| pair[0].at > pair[1].at));
    let next = PageRequest { after: all.next, ..page };
    let next = page_of(fixture, organisation, &AuditFilter::default(), next).await;
    assert_eq!(all.items[499].at - next.items[0].at, chrono::TimeDelta::seconds(1));
    let users = AuditFilter { resource: Some("user".into()), ..AuditFilter::default() };
    let users = page_of(fixture, organisation, &users, page).await;
    assert_eq!((users.items.len(), users.next), (20, None));
    let seventh = uuid::Uuid::from_u128(7);
    for (filter, found) in [
        (AuditFilter { resource_id: Some(seventh), ..AuditFilter::default() }, 50),
        (AuditFilter { actor_id: Some(seventh), ..AuditFilter::default() }, 100),
        (AuditFilter { verb: Some(AuditVerb::SignIn), ..AuditFilter::default() }, 20),
        (AuditFilter { request_id: Some("r-7".into()), ..AuditFilter::default() }, 5),
        (AuditFilter { text: Some("m-vb 77777".into()), ..AuditFilter::default() }, 1),
        (
            AuditFilter {
                from: Some("2026-01-01T01:00:00Z".parse().unwrap()),
                to: Some("2026-01-01T01:01:00Z".parse().unwrap()),
                ..AuditFilter::default()
            },
            60,
        ),
    ] {
        assert_eq!(page_of(fixture, organisation, &filter, page).await.items.len(), found, "{filter:?}");
    }

    // Every filter, as the adapter writes it.
    let explain = if backend == DbBackend::Postgres { "EXPLAIN" } else { "EXPLAIN QUERY PLAN" };
    let (ours, thing) = (trail::id(backend, organisation.into()), trail::id(backend, seventh));
    let deep = "at <= '2026-01-01T20:00:00+00:00' AND (at < '2026-01-01T20:00:00+00:00' OR id < ";
    for (and, index) in [
        (String::new(), "at__id"),
        ("AND resource = 'user'".into(), "resource__at__id"),
        (format!("AND resource_id = {thing}"), "resource_id__at__id"),
        (format!("AND actor_id = {thing}"), "actor_id__at__id"),
        ("AND verb = 'sign_in'".into(), "verb__at__id"),
        ("AND request_id = 'r-7'".into(), "request_id__at__id"),
        ("AND at >= '2026-01-01T01:00:00+00:00' AND at < '2026-01-01T01:01:00+00:00'".into(), "at__id"),
        // A text has to be looked for, from the newest on, in as much time as is asked for.
        (r"AND (LOWER(CAST(after AS text)) LIKE '%x%' ESCAPE '\')".into(), "at__id"),
        (format!("AND {deep}{thing})"), "at__id"),
        (format!("AND resource = 'user' AND {deep}{thing})"), "resource__at__id"),
    ] {
        let sql = format!(
            "{explain} SELECT * FROM audit_entry WHERE organisation_id = {ours} {and}
             ORDER BY at DESC, id DESC LIMIT 51"
        );
        let rows = database.query_all_raw(Statement::from_string(backend, sql)).await.unwrap();
        let column = if backend == DbBackend::Postgres { "QUERY PLAN" } else { "detail" };
        let lines: Vec<String> = rows.iter().map(|row| row.try_get("", column).unwrap()).collect();
        let plan = lines.join("\n");
        let index = format!("ix_audit_entry__organisation_id__{index}");
        assert!(plan.contains(&format!("{index} ")), "{and}: {plan}");
        assert!(!plan.contains("Sort") && !plan.contains("TEMP B-TREE"), "{and}: {plan}");
    }
}
