//! What runs without being asked: recording what gateways hand in, publishing events, controlling
//! depots, planning them, making runs ahead, raising alerts and telling of them, making reports, ending and
//! forgetting what is no longer needed.
//!
//! Any number of workers may run. What only one should do, one has the turn for, and another takes
//! it over when that one is gone. Every loop survives its failures: a store that goes away for a
//! minute costs that minute. Each is told to stop by the process's lifecycle and finishes the piece
//! of work it has in hand.

mod absent;
mod alerts;
mod controls;
mod doorbell;
mod housekeeping;
mod notifier;
mod pace;
mod past;
mod plan_wakes;
mod plans;
mod quarters;
mod relay;
mod reports;
mod runs_ahead;
mod server;
mod turn;
mod wakes;
mod webhooks;

use std::{future::Future, sync::Arc, time::Duration};

use charge_point::CommandQueue;
use chrono::TimeDelta;
use dispatch::RunsAhead;
use kernel::EventSubscriber;
use report::ReportRunner;
use runtime::{
    Process,
    config::retention,
    services::{recording, report_runner},
};
pub use server::serve_operation;
use transaction::Quarters;
pub use wakes::Wakes;

use crate::{
    absent::Absent, alerts::Alerts, controls::Controls, doorbell::Doorbell, housekeeping::Housekeeping,
    past::Past, plan_wakes::PlanWakes, plans::Plans, relay::Relay, turn::Turns,
};

/// Starts every loop. What is returned rings when orders to chargers were given.
///
/// # Errors
/// Where a backend does not answer.
pub async fn start(process: &Process) -> anyhow::Result<Wakes> {
    let backends = &process.backends;
    let (wakes, stopping) = (Wakes::default(), process.lifecycle.stopping());
    let (sea, clock) = (backends.sea.clone(), backends.clock.clone());
    let turns = Turns { leases: backends.leases.clone(), fences: sea.clone(), worker: backends.ids.uuid() };
    let queue = Arc::new(CommandQueue::new(sea.clone(), clock.clone(), backends.ids.clone()));

    backends.events.subscribe(Arc::new(wakes.clone()));
    let plan_wakes = PlanWakes::default();
    backends.events.subscribe(Arc::new(plan_wakes.clone()));
    process.hear_events().await?;
    process.record_inbound(recording(backends, &process.config))?;
    process.write_message_log()?;

    let mut first: Option<Arc<dyn EventSubscriber>> = None;
    if let (Some(bell), Some(sockets)) = (process.order_bell(), backends.sockets.clone()) {
        let (chargers, queue) = (sea.clone(), queue.clone());
        first = Some(Arc::new(Doorbell { sockets: sockets.clone(), bell, chargers, queue }));
        let recording = recording(backends, &process.config);
        let absent = Absent { believed: sea.clone(), sockets, recording, turns: turns.clone() };
        run(process, "absent chargers", absent.run(stopping.clone()));
    }
    let relay = Relay {
        outbox: sea.clone(),
        publisher: process.publisher(),
        first,
        turns: turns.clone(),
        bell: sea.event_bell(),
    };
    run(process, "event relay", relay.run(stopping.clone()));
    let controls = Controls {
        services: process.services.clone(),
        depots: sea.clone(),
        turns: turns.clone(),
        wakes: wakes.clone(),
        every: Duration::from_secs(process.config.charging.tick_seconds),
    };
    run(process, "control", controls.run(stopping.clone()));
    let plans = Plans {
        services: process.services.clone(),
        depots: sea.clone(),
        turns: turns.clone(),
        wakes: plan_wakes,
    };
    run(process, "plans", plans.run(stopping.clone()));
    let quarters = Arc::new(Quarters::new(sea.clone(), clock.clone()));
    run(process, "quarters", quarters::sum_up(quarters, turns.clone(), stopping.clone()));
    let ahead = Arc::new(RunsAhead::new(sea.clone(), clock.clone(), backends.ids.clone()));
    run(process, "runs ahead", runs_ahead::make(ahead, turns.clone(), stopping.clone()));
    let alerts = Alerts::new(process, turns.clone());
    run(process, "alerts", alerts.run(stopping.clone()));
    let deliveries = Arc::new(runtime::notify::deliveries(backends, &process.config)?);
    run(process, "notifier", notifier::deliver(deliveries, stopping.clone()));
    let fanout = runtime::notify::fanout(backends, process.services.clone());
    run(process, "webhooks", webhooks::fan_out(fanout, clock.clone(), turns.clone(), stopping.clone()));
    let courier = Arc::new(runtime::notify::courier(backends, &process.config)?);
    run(process, "webhook courier", webhooks::post(courier, stopping.clone()));
    let reports: Arc<ReportRunner> = Arc::new(report_runner(backends, &process.config)?);
    run(process, "reports", reports::make(reports.clone(), stopping.clone()));
    let shared = backends.log.is_shared();
    let call_timeout = i64::try_from(process.config.connect.call_timeout_seconds).ok();
    let call_timeout = call_timeout.and_then(TimeDelta::try_seconds).filter(|_| shared);
    let housekeeping = Housekeeping {
        outbox: sea.clone(),
        orders: queue,
        readings: sea.clone(),
        past: Past {
            history: sea.clone(),
            plans: sea,
            history_kept: retention(process.config.uptime.retention_days),
            plans_kept: retention(process.config.plans.retention_days),
        },
        frames: backends.documents.frames(),
        reports,
        clock,
        turns,
        call_timeout,
        retention: retention(process.config.readings.retention_days),
    };
    run(process, "housekeeping", housekeeping.run(stopping));
    Ok(wakes)
}

fn run(process: &Process, name: &'static str, work: impl Future<Output = ()> + Send + 'static) {
    process.lifecycle.spawn(name, async move {
        work.await;
        Ok(())
    });
}
