//! The loops as a process of their own.

use std::process::ExitCode;

fn main() -> ExitCode {
    runtime::process::run("worker", "Publishes events and controls depots", |process| async move {
        worker::start(&process);
        tracing::info!("at work");
        Ok(())
    })
}
