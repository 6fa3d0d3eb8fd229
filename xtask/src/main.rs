//! The project's own tasks: `cargo xtask --help`.
//!
//! Everything here calls public tools a developer has or that are installed on the way. Nothing of
//! it is part of a server.

mod bench;
mod check;
mod openapi;
mod services;
mod test;
mod tidy;

use clap::{Parser, Subcommand};

/// Tasks of manage-core.
#[derive(Parser)]
#[command(name = "cargo xtask", max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Run every test, with the services they need (started, and installed where missing).
    Test {
        /// Handed to `cargo test`, e.g. `-p vehicle` or a test's name.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// What CI runs: formatting, clippy, tidy, dependency rules, every test.
    Ci,
    /// Check what the compiler does not: layers of crates, shape of files.
    Tidy,
    /// Check licences, sources and bans of the dependencies, offline.
    Deny,
    /// Write the OpenAPI documents of both servers to docs/openapi.
    Openapi,
    /// Measure the hot paths in release mode.
    Bench {
        #[command(subcommand)]
        what: bench::Bench,
    },
    /// Start, stop or list the services that tests use.
    Services {
        #[command(subcommand)]
        action: services::Action,
    },
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().task {
        Task::Test { arguments } => test::everything(&arguments),
        Task::Ci => check::ci(),
        Task::Tidy => tidy::run(),
        Task::Deny => check::deny(),
        Task::Openapi => openapi::write(),
        Task::Bench { what } => bench::run_bench(&what),
        Task::Services { action } => services::run(&action),
    }
}
