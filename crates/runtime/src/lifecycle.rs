//! The life of a process: it becomes ready, is told to stop, drains, and ends.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How long tasks may take to end after they were told to.
const DRAIN: Duration = Duration::from_secs(20);

/// Shared by every part of a process. Cheap to clone.
#[derive(Clone, Default)]
pub struct Lifecycle {
    draining: CancellationToken,
    drained: CancellationToken,
    tasks: TaskTracker,
    failed: Arc<AtomicBool>,
}

impl Lifecycle {
    /// Cancelled when the process was told to stop. Readiness fails from then on.
    pub fn stopping(&self) -> CancellationToken {
        self.draining.clone()
    }

    /// Cancelled when all tasks have ended.
    pub fn drained_token(&self) -> CancellationToken {
        self.drained.clone()
    }

    pub fn is_stopping(&self) -> bool {
        self.draining.is_cancelled()
    }

    /// Runs a task that ends by itself when [`Self::stopping`] is cancelled. A task that fails
    /// stops the whole process: half a server is worse than none.
    pub fn spawn<F>(&self, name: &'static str, task: F)
    where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        let (draining, failed) = (self.draining.clone(), self.failed.clone());
        let run = tokio::spawn(task);
        self.tasks.spawn(async move {
            let failure = match run.await {
                Ok(Ok(())) => return,
                Ok(Err(error)) => format!("{error:#}"),
                Err(join) => join.to_string(),
            };
            tracing::error!(task = name, error = failure, "a task failed; the process stops");
            failed.store(true, Ordering::Relaxed);
            draining.cancel();
        });
    }

    /// Tells every part to stop.
    pub fn stop(&self) {
        self.draining.cancel();
    }

    /// Waits for a signal (interrupt or terminate) or a failed task, then until all tasks ended.
    /// Returns whether everything went well. A second signal ends the wait.
    pub async fn run(self) -> bool {
        tokio::select! {
            () = signalled() => tracing::info!("told to stop"),
            () = self.draining.cancelled() => {}
        }
        self.stop();
        self.drained().await && !self.failed.load(Ordering::Relaxed)
    }

    /// Waits until all tasks ended, at most the time they are given.
    pub async fn drained(&self) -> bool {
        self.tasks.close();
        let in_time = tokio::select! {
            () = self.tasks.wait() => true,
            () = tokio::time::sleep(DRAIN) => {
                tracing::warn!(tasks = self.tasks.len(), "tasks did not end in time");
                false
            }
            () = signalled() => false,
        };
        self.drained.cancel();
        in_time
    }
}

async fn signalled() {
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut terminate) => {
                terminate.recv().await;
            }
            Err(error) => {
                tracing::warn!(%error, "terminate signals cannot be received");
                std::future::pending::<()>().await;
            }
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_failed_task_stops_the_process() {
        let lifecycle = Lifecycle::default();
        let stopping = lifecycle.stopping();
        lifecycle.spawn("bystander", async move {
            stopping.cancelled().await;
            Ok(())
        });
        lifecycle.spawn("failing", async { anyhow::bail!("broken") });
        assert!(!lifecycle.run().await);
    }

    #[tokio::test]
    async fn stopping_drains_every_task() {
        let lifecycle = Lifecycle::default();
        let stopping = lifecycle.stopping();
        lifecycle.spawn("worker", async move {
            stopping.cancelled().await;
            Ok(())
        });
        lifecycle.stop();
        assert!(lifecycle.run().await);
    }
}
