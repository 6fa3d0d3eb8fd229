//! The schema, one migration per slice, for PostgreSQL and SQLite alike.
//!
//! Migrations expand, then contract; each runs on both engines. Unique indexes are named
//! `uq_<table>__<rule>`, where the rule is also the name of the index's last column: the stores
//! report a violation by that word on either engine.

pub use sea_orm_migration::prelude::*;

mod column;
mod d0001_frame;
mod d0002_report_entry;
mod m0001_kernel;
mod m0002_access;
mod m0003_depot;
mod m0004_vehicle;
mod m0005_charge_point;
mod m0006_transaction;
mod m0007_charging;
mod m0008_connect;
mod m0009_processes;
mod m0010_priority;
mod m0012_reading_store;
mod m0013_dispatch;
mod m0014_outlook;
mod m0015_charging_overrides;
mod m0016_resource_group;
mod m0017_access2;
mod m0018_notification;
mod m0019_uptime;
mod m0020_oidc;
mod m0021_report;
mod m0022_depot_quarter;
mod m0023_access3;
mod m0024_retention;
mod m0025_webhook;

pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_kernel::Migration),
            Box::new(m0002_access::Migration),
            Box::new(m0003_depot::Migration),
            Box::new(m0004_vehicle::Migration),
            Box::new(m0005_charge_point::Migration),
            Box::new(m0006_transaction::Migration),
            Box::new(m0007_charging::Migration),
            Box::new(m0008_connect::Migration),
            Box::new(m0009_processes::Migration),
            Box::new(m0010_priority::Migration),
            Box::new(m0012_reading_store::Migration),
            Box::new(m0013_dispatch::Migration),
            Box::new(m0014_outlook::Migration),
            Box::new(m0015_charging_overrides::Migration),
            Box::new(m0016_resource_group::Migration),
            Box::new(m0017_access2::Migration),
            Box::new(m0018_notification::Migration),
            Box::new(m0019_uptime::Migration),
            Box::new(m0020_oidc::Migration),
            Box::new(m0021_report::Migration),
            Box::new(m0022_depot_quarter::Migration),
            Box::new(m0023_access3::Migration),
            Box::new(m0024_retention::Migration),
            Box::new(m0025_webhook::Migration),
        ]
    }
}

/// The schema of the embedded store of documents, a database of its own (`d0001`, …): it grows by
/// itself, is read by nothing else, and may be thrown away.
pub struct DocumentMigrator;

#[async_trait::async_trait]
impl MigratorTrait for DocumentMigrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(d0001_frame::Migration), Box::new(d0002_report_entry::Migration)]
    }
}
