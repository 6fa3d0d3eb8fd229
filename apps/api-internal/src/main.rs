//! The operators' API as a process of its own.

use std::process::ExitCode;

fn main() -> ExitCode {
    runtime::process::run("api-internal", "The operators' API", |process| async move {
        process.first_administrator(&process.config.admin.organisation).await?;
        let address = api_internal::start(&process).await?;
        tracing::info!(%address, "operators are welcome");
        Ok(())
    })
}
