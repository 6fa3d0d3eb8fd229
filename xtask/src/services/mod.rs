//! The services that tests talk to, on free loopback ports, with their data beside the build.

mod postgres;

use std::{fs, path::PathBuf};

use anyhow::Context;
use clap::Subcommand;
use serde::{Deserialize, Serialize};

use crate::shell::target;

#[derive(Subcommand)]
pub(crate) enum Action {
    /// Start what is not running and print the addresses.
    Up,
    /// Stop what was started.
    Down,
    /// Say what is running.
    Status,
}

/// What is running, and where.
#[derive(Serialize, Deserialize)]
pub(crate) struct Running {
    pub(crate) postgres: postgres::Postgres,
    /// Whether this call started it, so that this call should stop it.
    #[serde(skip)]
    pub(crate) started_here: bool,
}

pub(crate) fn run(action: &Action) -> anyhow::Result<()> {
    match action {
        Action::Up => println!("PostgreSQL  {}", up()?.postgres.url),
        Action::Down => down()?,
        Action::Status => match known() {
            Some(running) if running.postgres.answers() => println!("PostgreSQL  {}", running.postgres.url),
            _ => println!("PostgreSQL  stopped"),
        },
    }
    Ok(())
}

/// Starts what is not running.
///
/// # Errors
/// Where a service is missing and cannot be installed, or does not start.
pub(crate) fn up() -> anyhow::Result<Running> {
    if let Some(running) = known().filter(|running| running.postgres.answers()) {
        return Ok(running);
    }
    let running = Running { postgres: postgres::Postgres::start()?, started_here: true };
    let path = state_file();
    fs::create_dir_all(path.with_file_name("")).context("the folder of services")?;
    fs::write(&path, serde_json::to_string_pretty(&running)?).with_context(|| path.display().to_string())?;
    Ok(running)
}

/// Stops what was started; nothing running is no error.
///
/// # Errors
/// Where a service does not stop.
pub(crate) fn down() -> anyhow::Result<()> {
    if let Some(running) = known() {
        running.postgres.stop()?;
        fs::remove_file(state_file()).context("the list of running services")?;
    }
    Ok(())
}

fn known() -> Option<Running> {
    serde_json::from_str(&fs::read_to_string(state_file()).ok()?).ok()
}

fn state_file() -> PathBuf {
    target().join("services/running.json")
}
