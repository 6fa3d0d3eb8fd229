//! `manage demo`: a depot that runs.

mod day;
mod seed;

use std::time::Duration;

use chrono::Timelike;
use depot_sim::{Fleet, FleetSpec, Uri};
use kernel::Scope;
use runtime::{Config, Process, config::Secret, process::observe};

use crate::product::{self, Product};

/// The organisation that the demo belongs to.
pub const ORGANISATION: &str = "demo";
/// Days pass as they do: runs, prices and plans are those of the coming hours.
const TIME_FACTOR: f64 = 1.0;
/// The charger that stalls, by its place in the list, and after how long. Its vehicle stays for hours.
const STALLS_AFTER: Duration = Duration::from_secs(120);
/// What is called stalled here, in minutes: nobody watches a demo for long.
const STALLED_AFTER_MINUTES: u32 = 4;
const PASSWORD: &str = "demo-password";
/// The same demo every time.
const SEED: u64 = 7;

/// Runs the demo until told to stop. A start with existing data continues.
///
/// # Errors
/// Where an address cannot be taken or a store does not answer.
pub async fn run(mut config: Config) -> anyhow::Result<bool> {
    let metrics = observe(&config)?;
    if config.admin.password.is_empty() {
        config.admin.password = Secret::new(PASSWORD);
    }
    config.charging.stalled_after_minutes = STALLED_AFTER_MINUTES;
    let process = Process::open(config, Some(metrics)).await?;
    let (product, depot) = start(&process).await?;
    announce(&process, &product, &depot);
    Ok(process.run_to_end().await)
}

/// Starts the product, the depot's data and its simulated chargers; returns the depot's id.
///
/// # Errors
/// As [`run`].
pub async fn start(process: &Process) -> anyhow::Result<(Product, String)> {
    let product = product::start(process, ORGANISATION).await?;
    let scope = Scope::system(product.organisation);
    let now = process.backends.clock.now();
    let mut fleet = FleetSpec::depot("DEMO", 40, 30, TIME_FACTOR, SEED);
    let local = now.with_timezone(&seed::ZONE);
    fleet.begins_at = local.hour() * 60 + local.minute();
    let staying = day::longest_stay(&fleet);
    fleet.chargers[staying].habits.stalls_after = Some(STALLS_AFTER);
    let depot = seed::plant(&process.services, &scope, &fleet).await?;
    day::plant(&process.services, &scope, depot, &fleet, now).await?;
    let endpoint: Uri = format!("ws://{}/ocpp", product.connect).parse()?;
    let stopping = process.lifecycle.stopping();
    process.lifecycle.spawn("simulated depot", async move {
        Fleet::run(fleet, endpoint, stopping).await;
        Ok(())
    });
    Ok((product, depot.to_string()))
}

fn announce(process: &Process, product: &Product, depot: &str) {
    let (email, password) = (&process.config.admin.email, process.config.admin.password.expose());
    let api = format!("http://{}/api/v1", product.internal);
    println!(
        "\n40 simulated chargers are connecting.\n\n\
         operators' API  http://{}/docs\n\
         partners' API   http://{}/docs\n\
         chargers        ws://{}/ocpp/{{identity}}\n\
         sign-in         {email} / {password}\n\n\
         TOKEN=$(curl -s {api}/auth/token -H 'content-type: application/json' \\\n  \
           -d '{{\"email\":\"{email}\",\"password\":\"{password}\"}}' | sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/')\n\
         curl -s {api}/depots/{depot}/overview -H \"authorization: Bearer $TOKEN\"\n\
         curl -s {api}/depots/{depot}/allocation -H \"authorization: Bearer $TOKEN\"\n\
         curl -s {api}/depots/{depot}/plan -H \"authorization: Bearer $TOKEN\"\n\
         curl -s '{api}/dispatch/readiness?depot_id={depot}' -H \"authorization: Bearer $TOKEN\"\n\
         curl -s '{api}/priority/effective?depot_id={depot}' -H \"authorization: Bearer $TOKEN\"\n\
         curl -s '{api}/transactions?state=active&limit=3' -H \"authorization: Bearer $TOKEN\"\n\n\
         Ctrl-C stops it; the data stays in {}.\n",
        product.internal,
        product.public,
        product.connect,
        process.config.data_dir.display(),
    );
}
