//! The gateway as a process of its own.

use std::process::ExitCode;

fn main() -> ExitCode {
    runtime::process::run("connect", "The gateway that chargers connect to", |process| async move {
        let started = connect::start(&process, std::sync::Arc::default()).await?;
        tracing::info!(address = %started.address, "chargers are welcome");
        Ok(())
    })
}
