//! Measurements of hot paths, in release mode, printed as tables. Never a test: machines are noisy.

use clap::Subcommand;
use test_services::shell::{cargo, command, run, target};

#[derive(Subcommand)]
pub(crate) enum Bench {
    /// Setpoints for depots of growing size: wall and processor time, and how they grow.
    Allocate,
    /// Plans for depots of growing size, with room to spare and without: feasibility, optimum, repair.
    Plan,
    /// A year of a depot by quarters of an hour, from the store to the drawing.
    Charts {
        /// Chargers, 20 unless told.
        chargers: Option<usize>,
    },
    /// Nights of both clock changes at a simulated depot, beside what hindsight would have paid.
    Night {
        /// Vehicles, 40 unless told.
        vehicles: Option<usize>,
    },
    /// A year of sessions as reports of every format: time, size, peak memory. `--sessions N`.
    Reports {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Meter values of many stations, on every set of stores. `--help` lists what can be set.
    #[command(disable_help_flag = true)]
    Ingest {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Pages of a long audit trail beside pages of vehicles. `--help` lists what can be set.
    #[command(disable_help_flag = true)]
    Audit {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Ten thousand sockets that do nothing. `--help` lists what can be set.
    #[command(disable_help_flag = true)]
    Sockets {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

pub(crate) fn run_bench(what: &Bench) -> anyhow::Result<()> {
    match what {
        Bench::Allocate => example("charging", "bench_allocate", None),
        Bench::Plan => example("charging", "bench_plan", None),
        Bench::Charts { chargers } => example("infra-sea", "bench_charts", *chargers),
        Bench::Night { vehicles } => {
            let vehicles = vehicles.map(|vehicles| vehicles.to_string());
            run(cargo().args(["run", "--release", "-p", "night", "--"]).args(vehicles))
        }
        Bench::Reports { arguments } => run(cargo()
            .args([
                "run",
                "--release",
                "-p",
                "runtime",
                "--no-default-features",
                "--example",
                "bench_reports",
                "--",
            ])
            .args(arguments)),
        Bench::Ingest { arguments } => product("ingest", arguments),
        Bench::Audit { arguments } => product("audit", arguments),
        Bench::Sockets { arguments } => product("sockets", arguments),
    }
}

fn example(package: &str, name: &str, number: Option<usize>) -> anyhow::Result<()> {
    let number = number.map(|number| number.to_string());
    run(cargo().args(["run", "--release", "-p", package, "--example", name, "--"]).args(number))
}

/// Measures the product's own programs from outside.
fn product(what: &str, arguments: &[String]) -> anyhow::Result<()> {
    run(cargo().args(["build", "--release", "--workspace", "--bins"]))?;
    run(command(target().join("release/bench")).arg(what).args(arguments))
}
