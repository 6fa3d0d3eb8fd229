//! Webhooks of partners: written down by one worker at a time, posted by any number.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use futures::{StreamExt, stream};
use kernel::{Clock, StoreError, Timestamp};
use notification::{Fanout, Outcome, WebhookCourier};
use tokio_util::sync::CancellationToken;

use crate::{
    pace::{Backoff, wait},
    turn::{Turn, Turns},
};

/// How long what happened may wait to be written down; shorter than a lease, so that the turn is kept.
const POLL: Duration = Duration::from_millis(250);
/// How often a worker asks for the turn of another.
const ASK: Duration = Duration::from_secs(2);
/// How often it is looked for what is due.
const EVERY: Duration = Duration::from_secs(1);
/// Events posted side by side: one receiver that is slow does not hold up the others.
const AT_ONCE: usize = 8;
/// How often deliveries are forgotten, and how long after their end.
const FORGET: TimeDelta = TimeDelta::hours(1);
const KEPT: TimeDelta = TimeDelta::days(30);

/// Writes down what is to be posted, until told to stop.
pub(crate) async fn fan_out(
    mut fanout: Fanout,
    clock: Arc<dyn Clock>,
    turns: Turns,
    stopping: CancellationToken,
) {
    let (mut backoff, mut turn, mut forgot) = (Backoff::default(), Turn::of("webhooks"), None);
    while !stopping.is_cancelled() {
        let patience = if turn.take(&turns).await.is_none() {
            fanout.begin_anew();
            ASK
        } else {
            match step(&mut fanout, clock.now(), &mut forgot).await {
                Ok(0) => {
                    backoff.succeeded();
                    POLL
                }
                Ok(_) => continue,
                Err(error) => {
                    tracing::warn!(%error, "webhooks are not written down for now");
                    fanout.begin_anew();
                    backoff.failed()
                }
            }
        };
        wait(None, patience, &stopping).await;
    }
    turn.give_back(&turns).await;
}

async fn step(
    fanout: &mut Fanout,
    now: Timestamp,
    forgot: &mut Option<Timestamp>,
) -> Result<usize, StoreError> {
    let events = fanout.step().await?;
    if events == 0 && forgot.is_none_or(|last| now - last >= FORGET) {
        fanout.forget(now - KEPT).await?;
        *forgot = Some(now);
    }
    Ok(events)
}

/// Posts what is due, until told to stop.
pub(crate) async fn post(courier: Arc<WebhookCourier>, stopping: CancellationToken) {
    let mut backoff = Backoff::default();
    while !stopping.is_cancelled() {
        let patience = match courier.claim().await {
            Ok(claimed) if claimed.is_empty() => {
                backoff.succeeded();
                EVERY
            }
            Ok(claimed) => {
                stream::iter(claimed)
                    .for_each_concurrent(AT_ONCE, |delivery| async {
                        let id = delivery.id;
                        match courier.deliver(delivery).await {
                            Ok(outcome) => note(outcome),
                            Err(error) => {
                                tracing::warn!(delivery = %id, %error, "a webhook is tried again later");
                            }
                        }
                    })
                    .await;
                continue;
            }
            Err(error) => {
                tracing::warn!(%error, "webhooks cannot be claimed for now");
                backoff.failed()
            }
        };
        wait(None, patience, &stopping).await;
    }
}

fn note(outcome: Outcome) {
    metrics::counter!("webhook_deliveries_total", "outcome" => outcome.word()).increment(1);
}
