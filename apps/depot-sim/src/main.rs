//! A depot of simulated chargers and vehicles, or nothing but load, against any OCPP 1.6J server.

use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use depot_sim::{
    Fleet, FleetSpec, Uri,
    load::{LoadSpec, load},
};
use tokio::runtime::Builder;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

#[derive(Parser)]
#[command(about, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    what: Option<What>,
    #[command(flatten)]
    depot: Depot,
}

#[derive(Subcommand)]
enum What {
    /// Stations that send meter values as fast as they are answered, or at a rate.
    Load(Load),
}

#[derive(Args)]
struct Load {
    /// What comes before an identity.
    #[arg(long, default_value = "ws://127.0.0.1:8082/ocpp")]
    url: String,
    #[arg(long, default_value_t = 100)]
    stations: usize,
    /// For how long meter values are sent.
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// Calls a second of all stations together, due whether or not the last was answered.
    #[arg(long, value_parser = rate)]
    rate: Option<f64>,
    /// Identities are {prefix}-0 and so on; the server has to know them.
    #[arg(long, default_value = "LOAD")]
    identity_prefix: String,
    /// The tag of every station; the server has to know it.
    #[arg(long, default_value = "LOAD")]
    id_tag: String,
    /// The password of every station, where the server asks for one.
    #[arg(long, env = "DEPOT_SIM_PASSWORD", hide_env_values = true)]
    password: Option<String>,
    /// Prints one object of JSON instead of a line.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
struct Depot {
    /// What comes before an identity.
    #[arg(long, default_value = "ws://127.0.0.1:8082/ocpp")]
    endpoint: Uri,
    #[arg(long, default_value_t = 10)]
    chargers: usize,
    #[arg(long, default_value_t = 10)]
    vehicles: usize,
    /// How many times faster than real ones the days pass, and batteries fill.
    #[arg(long, default_value_t = 60.0)]
    time_factor: f64,
    /// Identities are {prefix}-001 and so on, tags {prefix}-TAG-001 and so on.
    #[arg(long, default_value = "SIM")]
    prefix: String,
    /// The password of every charger, where the server asks for one.
    #[arg(long, env = "DEPOT_SIM_PASSWORD", hide_env_values = true)]
    password: Option<String>,
    /// The same seed makes the same depot.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info")))
        .init();
    let arguments = Arguments::parse();
    match arguments.what {
        // One thread: load is to take little of the machine that it measures.
        Some(What::Load(load)) => {
            Builder::new_current_thread().enable_all().build()?.block_on(put_load(load))
        }
        None => {
            Builder::new_multi_thread().enable_all().build()?.block_on(open_depot(&arguments.depot));
            Ok(())
        }
    }
}

async fn open_depot(arguments: &Depot) {
    let mut spec = FleetSpec::depot(
        &arguments.prefix,
        arguments.chargers,
        arguments.vehicles,
        arguments.time_factor,
        arguments.seed,
    );
    for charger in &mut spec.chargers {
        charger.password.clone_from(&arguments.password);
    }
    let stopping = CancellationToken::new();
    let signal = stopping.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            signal.cancel();
        }
    });
    tracing::info!(endpoint = %arguments.endpoint, chargers = spec.chargers.len(), "the depot opens");
    Fleet::run(spec, arguments.endpoint.clone(), stopping).await;
}

async fn put_load(arguments: Load) -> anyhow::Result<()> {
    let report = load(&LoadSpec {
        endpoint: arguments.url,
        prefix: arguments.identity_prefix,
        stations: arguments.stations,
        time: Duration::from_secs(arguments.seconds),
        rate: arguments.rate,
        id_tag: arguments.id_tag,
        password: arguments.password,
    })
    .await?;
    let [p50, p90, p99, longest] = [0.5, 0.9, 0.99, 1.0].map(|share| report.milliseconds(share));
    if arguments.json {
        let report = serde_json::json!({
            "calls": report.calls,
            "calls_per_second": report.per_second(),
            "errors": report.errors,
            "missed": report.missed,
            "p50_ms": p50,
            "p90_ms": p90,
            "p99_ms": p99,
            "max_ms": longest,
        });
        println!("{report}");
        return Ok(());
    }
    println!(
        "{} calls   {:.0} calls/s   errors {}   missed {}",
        report.calls,
        report.per_second(),
        report.errors,
        report.missed
    );
    println!("p50 {p50:.1} ms   p90 {p90:.1} ms   p99 {p99:.1} ms   longest {longest:.1} ms");
    Ok(())
}

/// A rate of calls: above none, and a number.
fn rate(text: &str) -> Result<f64, String> {
    let rate: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if rate.is_finite() && rate > 0.0 { Ok(rate) } else { Err("has to be above 0".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_depot_is_what_runs_where_nothing_else_is_named() {
        assert!(Arguments::try_parse_from(["depot-sim", "--chargers", "3"]).is_ok_and(|a| a.what.is_none()));
        let load = Arguments::try_parse_from(["depot-sim", "load", "--rate", "50", "--json"]);
        assert!(
            matches!(load, Ok(Arguments { what: Some(What::Load(load)), .. }) if load.rate == Some(50.0))
        );
        for rate in ["0", "-1", "nan", "inf"] {
            assert!(Arguments::try_parse_from(["depot-sim", "load", &format!("--rate={rate}")]).is_err());
        }
    }
}
