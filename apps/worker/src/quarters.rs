//! Readings summed up by quarter of an hour, half a minute behind.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use transaction::Quarters;

use crate::{
    pace::wait,
    turn::{Turn, Turns},
};

/// How often it is looked; shorter than a lease, so that the turn is kept.
const LOOK: Duration = Duration::from_secs(5);
const EVERY: Duration = Duration::from_secs(30);

/// Sums up until told to stop, in one worker at a time.
pub(crate) async fn sum_up(quarters: Arc<Quarters>, turns: Turns, stopping: CancellationToken) {
    let (mut turn, mut last) = (Turn::of("quarters"), None::<Instant>);
    while wait(None, LOOK, &stopping).await {
        if turn.take(&turns).await.is_none() || last.is_some_and(|last| last.elapsed() < EVERY) {
            continue;
        }
        let begun = Instant::now();
        last = Some(begun);
        match quarters.sum_up().await {
            Ok(touched) => {
                metrics::counter!("quarters_summed_total").increment(touched as u64);
                metrics::histogram!("quarters_duration_seconds").record(begun.elapsed().as_secs_f64());
            }
            Err(error) => tracing::warn!(%error, "readings cannot be summed up for now"),
        }
    }
    turn.give_back(&turns).await;
}
