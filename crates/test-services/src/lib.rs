//! The real services that tests talk to, started without a container engine: on free loopback
//! ports, with their data in a folder of their own, installed where they are missing.
//!
//! Each can be stopped, started again where it was, killed, and paused, so that tests can try what
//! happens then.

mod answers;
mod aws;
mod kafka;
mod maven;
mod postgres;
mod process;
mod python;
mod redis;
pub mod shell;

use std::{fs, net::TcpListener, path::Path, path::PathBuf};

use anyhow::Context;
pub use aws::{DynamoDb, S3};
pub use kafka::Kafka;
pub use postgres::{Durability, Postgres};
pub use python::python;
pub use redis::Redis;

/// A port that is free now.
///
/// # Errors
/// Where there is none.
pub fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Where downloads are kept for the next time, on this machine.
fn cache(name: &str) -> anyhow::Result<PathBuf> {
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
    let base = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or_else(home);
    let folder = base.unwrap_or_else(std::env::temp_dir).join("manage-core").join(name);
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    Ok(folder)
}

/// An empty folder in place of whatever was there.
fn fresh(folder: &Path) -> anyhow::Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())
}
