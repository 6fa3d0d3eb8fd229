//! A depot of simulated chargers and vehicles against any OCPP 1.6J server.

use clap::Parser;
use depot_sim::{Fleet, FleetSpec, Uri};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

#[derive(Parser)]
#[command(about)]
struct Arguments {
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

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info")))
        .init();
    let arguments = Arguments::parse();
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
    Fleet::run(spec, arguments.endpoint, stopping).await;
    Ok(())
}
