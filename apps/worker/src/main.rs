//! The loops as a process of their own.

use std::process::ExitCode;

fn main() -> ExitCode {
    runtime::process::run(
        "worker",
        "Records what chargers say, publishes events and controls depots",
        |process| async move {
            worker::start(&process).await?;
            let address = worker::serve_operation(&process).await?;
            tracing::info!(%address, "at work");
            Ok(())
        },
    )
}
