//! Measurements of hot paths, in release mode, printed as tables. Never a test: machines are noisy.

use clap::Subcommand;

use test_services::shell::cargo;

#[derive(Subcommand)]
pub(crate) enum Bench {
    /// Setpoints for depots of growing size: wall and processor time, and how they grow.
    Allocate,
    /// Plans for depots of growing size, with room to spare and without: feasibility, optimum, repair.
    Plan,
}

pub(crate) fn run(what: &Bench) -> anyhow::Result<()> {
    match what {
        Bench::Allocate => example("charging", "bench_allocate"),
        Bench::Plan => example("charging", "bench_plan"),
    }
}

fn example(package: &str, name: &str) -> anyhow::Result<()> {
    test_services::shell::run(cargo().args(["run", "--release", "-p", package, "--example", name]))
}
