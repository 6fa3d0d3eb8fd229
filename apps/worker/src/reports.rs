//! Making reports, one at a time in each worker.

use std::{sync::Arc, time::Duration};

use report::ReportRunner;
use tokio_util::sync::CancellationToken;

use crate::pace::{Backoff, wait};

/// How often it is looked whether a report waits.
const LOOK: Duration = Duration::from_secs(2);

/// Makes reports until told to stop. One that is in hand then is made anew by another worker.
pub(crate) async fn make(runner: Arc<ReportRunner>, stopping: CancellationToken) {
    let mut backoff = Backoff::default();
    let mut patience = Duration::ZERO;
    while wait(None, patience, &stopping).await {
        if let Err(error) = runner.request_due().await {
            tracing::warn!(%error, "reports that are due cannot be requested for now");
        }
        let Some(made) = stopping.run_until_cancelled(runner.run_next()).await else { return };
        patience = match made {
            Ok(made) => {
                backoff.succeeded();
                if let Err(error) = runner.index_finished().await {
                    tracing::warn!(%error, "the index of reports cannot be told of new ones for now");
                }
                if made { Duration::ZERO } else { LOOK }
            }
            Err(error) => {
                tracing::warn!(%error, "reports cannot be made for now");
                backoff.failed()
            }
        };
    }
}
