//! The partners' API as a process of its own.

use std::process::ExitCode;

fn main() -> ExitCode {
    runtime::process::run("api-public", "The partners' API", |process| async move {
        let address = api_public::start(&process).await?;
        tracing::info!(%address, "partners are welcome");
        Ok(())
    })
}
