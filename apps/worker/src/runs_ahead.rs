//! Runs of series, made for the days to come.

use std::{sync::Arc, time::Duration};

use dispatch::RunsAhead;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{
    pace::wait,
    turn::{Turn, Turns},
};

/// How often it is looked; shorter than a lease, so that the turn is kept.
const LOOK: Duration = Duration::from_secs(5);
const EVERY: Duration = Duration::from_secs(60);

/// Makes runs until told to stop, in one worker at a time.
pub(crate) async fn make(runs: Arc<RunsAhead>, turns: Turns, stopping: CancellationToken) {
    let (mut turn, mut last) = (Turn::of("runs ahead"), None::<Instant>);
    while wait(None, LOOK, &stopping).await {
        if turn.take(&turns).await.is_none() || last.is_some_and(|last| last.elapsed() < EVERY) {
            continue;
        }
        last = Some(Instant::now());
        match runs.make().await {
            Ok(ahead) => {
                metrics::counter!("runs_made_total").increment(ahead.made.created as u64);
                for (series, error) in &ahead.failed {
                    tracing::warn!(%series, %error, "the runs of a series cannot be made for now");
                }
                if ahead.series > 0 {
                    let (created, unassigned) = (ahead.made.created, ahead.made.unassigned.len());
                    let blocked = ahead.made.blocked.len();
                    tracing::info!(
                        series = ahead.series,
                        created,
                        unassigned,
                        blocked,
                        "runs were made ahead"
                    );
                }
            }
            Err(error) => tracing::warn!(%error, "runs cannot be made ahead for now"),
        }
    }
    turn.give_back(&turns).await;
}
