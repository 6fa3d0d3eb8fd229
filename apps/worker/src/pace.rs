//! How loops wait: for a bell or for time to pass, and longer after failures.

use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

const SHORTEST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(10);

/// The wait after a failure: doubles up to ten seconds, and starts anew after a success.
#[derive(Default)]
pub(crate) struct Backoff(Option<Duration>);

impl Backoff {
    pub(crate) fn succeeded(&mut self) {
        self.0 = None;
    }

    /// The wait that is due now.
    pub(crate) fn failed(&mut self) -> Duration {
        let wait = self.0.map_or(SHORTEST, |last| (last * 2).min(LONGEST));
        self.0 = Some(wait);
        wait
    }
}

/// Waits for the bell, at most for `patience`. False when it is time to stop.
pub(crate) async fn wait(bell: Option<&Notify>, patience: Duration, stopping: &CancellationToken) -> bool {
    let rung = async {
        match bell {
            Some(bell) => bell.notified().await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = stopping.cancelled() => false,
        () = rung => true,
        () = tokio::time::sleep(patience) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_limit_and_start_anew() {
        let mut backoff = Backoff::default();
        let waits: Vec<u128> = (0..9).map(|_| backoff.failed().as_millis()).collect();
        assert_eq!(waits, [100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000]);
        backoff.succeeded();
        assert_eq!(backoff.failed(), SHORTEST);
    }
}
