//! Services that tests share, each test with names of its own.

use anyhow::bail;

/// The address of a service, from the variable that `cargo xtask test` sets; `None` where it is
/// not set and not required.
///
/// # Errors
/// Where the service is required but not named.
pub fn service(variable: &str) -> anyhow::Result<Option<String>> {
    if let Ok(url) = std::env::var(variable) {
        return Ok(Some(url));
    }
    if std::env::var_os("MANAGE_TEST_REQUIRE_SERVICES").is_some() {
        bail!("{variable} must be set");
    }
    eprintln!("skipped: {variable} is not set (`cargo xtask test` sets it)");
    Ok(None)
}
