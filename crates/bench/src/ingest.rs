//! Meter values of many stations.

use std::time::Duration;

use anyhow::bail;
use clap::Args;
use depot_sim::load::{LoadReport, LoadSpec, load};

use crate::{
    processes::{Cost, cost},
    product::{Mode, Operator, PREFIX, Product, TAG},
};

#[derive(Args)]
pub(crate) struct Arguments {
    /// Which processes and stores; all of them, one after the other, where none is named.
    #[arg(long)]
    mode: Option<Mode>,
    #[arg(long, default_value_t = 100)]
    stations: usize,
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// Calls a second of all stations together, due whether or not the last was answered; without
    /// it each station calls again as soon as it is answered.
    #[arg(long)]
    rate: Option<f64>,
}

pub(crate) async fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let all = [Mode::Sqlite, Mode::Postgres, Mode::Cluster];
    println!(
        "{} stations, {} s, {}",
        arguments.stations,
        arguments.seconds,
        arguments.rate.map_or("one call in flight each".to_owned(), |rate| format!("{rate} calls/s due")),
    );
    for mode in all.into_iter().filter(|mode| arguments.mode.is_none_or(|wanted| wanted == *mode)) {
        measure(mode, arguments).await?;
    }
    Ok(())
}

async fn measure(mode: Mode, arguments: &Arguments) -> anyhow::Result<()> {
    let product = Product::start(mode).await?;
    let operator = product.operator().await?;
    operator.furnish(arguments.stations).await?;
    let spec = LoadSpec {
        endpoint: product.endpoint()?,
        prefix: PREFIX.to_owned(),
        stations: arguments.stations,
        time: Duration::from_secs(arguments.seconds),
        rate: arguments.rate,
        id_tag: TAG.to_owned(),
        password: None,
    };
    let (before, own) = (product.costs(), cost(std::process::id()));
    let report = load(&spec).await?;
    // Every station's stop was answered, so all it said before is recorded: the cost is complete.
    let (after, own) = (product.costs(), cost(std::process::id()).since(&own));
    let (finished, readings) = settled(&operator, arguments.stations, usize::try_from(report.calls)?).await?;

    println!("\n{mode:?}");
    println!(
        "  {:.0} calls/s   p50 {:.1} ms   p99 {:.1} ms   longest {:.1} ms   errors {}   missed {}",
        report.per_second(),
        report.milliseconds(0.5),
        report.milliseconds(0.99),
        report.milliseconds(1.0),
        report.errors,
        report.missed
    );
    println!("  {} calls answered, {readings} readings and {finished} transactions stored", report.calls);
    let mut total = Cost::default();
    for (kind, before, after) in
        [("ours", &before.ours, &after.ours), ("service", &before.services, &after.services)]
    {
        for ((name, before), (_, after)) in before.iter().zip(after) {
            let spent = after.since(before);
            if kind == "ours" {
                total.user_seconds += spent.user_seconds;
                total.system_seconds += spent.system_seconds;
            }
            line(name, kind, &spent, &report);
        }
    }
    line("all of ours", "", &total, &report);
    line("the stations", "load", &own, &report);
    Ok(())
}

/// Waits until everything that was acknowledged is recorded.
async fn settled(operator: &Operator, stations: usize, calls: usize) -> anyhow::Result<(usize, usize)> {
    for _ in 0..60 {
        let (finished, readings) = operator.stored().await?;
        if finished == stations && readings >= calls {
            return Ok((finished, readings));
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let (finished, readings) = operator.stored().await?;
    bail!("{calls} calls were acknowledged; {readings} readings and {finished} transactions are stored")
}

fn line(name: &str, kind: &str, spent: &Cost, report: &LoadReport) {
    let (seconds, user, system) = (spent.seconds(), spent.user_seconds, spent.system_seconds);
    let each = seconds * 1_000.0 / report.calls.max(1) as f64;
    let memory = if spent.resident_bytes > 0 {
        format!("{} MiB", spent.resident_bytes / 1_048_576)
    } else {
        String::new()
    };
    println!(
        "  {name:<14}{kind:<9}{seconds:>7.2} s CPU ({user:.2} user, {system:.2} system) {each:>8.4} ms/call  {memory}"
    );
}
