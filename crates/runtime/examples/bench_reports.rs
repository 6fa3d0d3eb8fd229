//! A year of sessions as a report of every format: time, size, and the most memory it took.
//!
//! Sessions go into an embedded database first; each report is then made by a process of its own,
//! whose peak is what the kernel says of it (Linux). `--sessions N` changes how many there are.

#![expect(clippy::print_stdout, reason = "a measurement is printed")]

use std::{path::Path, process::Command};

use anyhow::{Context, ensure};
use chrono::TimeDelta;
use kernel::{Begin, OrganisationId, Scope, Wh};
use report::{CreateRun, Format, Kind, RunState};
use runtime::{Backends, Config, Services, config::Secret, services::report_runner};
use transaction::{Recorder, StartReport, StopReport, TransactionPlace, TransactionTx};
use uuid::Uuid;

const ORGANISATION: OrganisationId = OrganisationId::from_uuid(Uuid::from_u128(1));
/// Chargers of the depot, and sessions written in one transaction.
const CHARGERS: u128 = 500;
const TOGETHER: i64 = 2_000;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    match words.as_slice() {
        ["--make", kind, format, folder] => runtime.block_on(make(kind, format, Path::new(folder))),
        [] => measure(&runtime, 1_000_000),
        ["--sessions", count] => measure(&runtime, count.parse()?),
        _ => anyhow::bail!("usage: bench_reports [--sessions N]"),
    }
}

fn measure(runtime: &tokio::runtime::Runtime, count: i64) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    println!("writing {count} sessions of {CHARGERS} chargers");
    runtime.block_on(seed(folder.path(), count))?;
    println!("{:<22} {:<5} {:>9} {:>9} {:>8} {:>8}", "kind", "as", "rows", "MB", "seconds", "peak MB");
    for kind in [Kind::ChargingSessions, Kind::EnergyAndCost] {
        for format in Format::ALL {
            let status = Command::new(std::env::current_exe()?)
                .args(["--make", kind.word(), format.word()])
                .arg(folder.path())
                .status()?;
            ensure!(status.success(), "{} as {} failed", kind.word(), format.word());
        }
    }
    Ok(())
}

async fn open(folder: &Path) -> anyhow::Result<(Backends, Config, Services)> {
    let mut config = Config { data_dir: folder.into(), ..Config::default() };
    config.database.url = Secret::new(format!("sqlite:{}", folder.join("manage.db").display()));
    config.documents.url = Secret::new(format!("sqlite:{}", folder.join("documents.db").display()));
    let backends = Backends::open(&config).await?;
    backends.sea.migrate().await?;
    backends.documents.set_up().await?;
    let services = Services::new(&backends, &config)?;
    Ok((backends, config, services))
}

async fn seed(folder: &Path, count: i64) -> anyhow::Result<()> {
    let (backends, ..) = open(folder).await?;
    let recorder = Recorder::new(backends.clock.clone(), backends.ids.clone());
    let begin = backends.clock.now() - TimeDelta::days(365);
    let (length, mut done) = (TimeDelta::minutes(40), 0);
    while done < count {
        let mut tx = Begin::<dyn TransactionTx>::begin(&*backends.sea).await?;
        for number in done..(done + TOGETHER).min(count) {
            let at = begin + TimeDelta::seconds(number * 364 * 86_400 / count);
            let place = TransactionPlace {
                charge_point: Uuid::from_u128(1_000 + u128::from(number.unsigned_abs()) % CHARGERS).into(),
                depot: Uuid::from_u128(2).into(),
                evse: None,
                evse_number: 1,
                connector: 1,
            };
            let start = StartReport {
                place,
                id_tag: Some(format!("TAG-{}", number % 700)),
                vehicle: Some(Uuid::from_u128(9_000 + u128::from(number.unsigned_abs()) % 700).into()),
                at,
                meter_start: Wh(number),
                refused: false,
                flags: std::collections::BTreeSet::new(),
            };
            let begun = recorder.start(&mut *tx, ORGANISATION, start).await?.transaction;
            let stop = StopReport {
                number: begun.number,
                id_tag: None,
                at: at + length,
                meter_stop: Wh(number + 30_000),
                reason: Some("Local".to_owned()),
                readings: Vec::new(),
            };
            recorder.stop(&mut *tx, ORGANISATION, place, stop).await?;
        }
        tx.commit().await?;
        done += TOGETHER;
    }
    Ok(())
}

async fn make(kind: &str, format: &str, folder: &Path) -> anyhow::Result<()> {
    let (backends, config, services) = open(folder).await?;
    let scope = Scope::system(ORGANISATION);
    let kind = Kind::ALL.into_iter().find(|known| known.word() == kind).context("no such kind")?;
    let format = Format::ALL.into_iter().find(|known| known.word() == format).context("no such format")?;
    let to = backends.clock.now();
    let command = CreateRun { kind, format, depot: None, from: to - TimeDelta::days(366), to };
    let id = services.reports.run_create(&scope, command).await?.id;
    let begun = tokio::time::Instant::now();
    ensure!(report_runner(&backends, &config)?.run_next().await?, "nothing was due");
    let seconds = begun.elapsed().as_secs_f64();
    let run = services.reports.run_get(&scope, id).await?.run;
    ensure!(run.state == RunState::Finished, "it is {:?}", run.state);
    let file = run.file.context("a finished report has a file")?;
    println!(
        "{:<22} {:<5} {:>9} {:>9.1} {seconds:>8.1} {:>8}",
        kind.word(),
        format.word(),
        file.rows,
        f64::from(u32::try_from(file.bytes / 1024)?) / 1024.0,
        peak_mb()?,
    );
    Ok(())
}

/// The most memory that this process has had.
fn peak_mb() -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
    let kib: u64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kib / 1024)
}
