//! The checks that come before the tests, in the order in which they fail fastest.

use test_services::shell::{cargo, command, output, run, succeeds, target};

use crate::{test, tidy};

/// The version that `deny.toml` is written for.
const CARGO_DENY: &str = "0.20.2";

pub(crate) fn ci() -> anyhow::Result<()> {
    run(cargo().args(["fmt", "--all", "--check"]))?;
    tidy::run()?;
    run(cargo().args(["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]))?;
    deny()?;
    test::everything(&[])
}

/// Licences, sources and bans need no network; advisories do and are left to a scheduled check.
pub(crate) fn deny() -> anyhow::Result<()> {
    let mut tool = command("cargo-deny");
    if !succeeds(command("cargo-deny").arg("--version")) {
        let own = target().join("tools");
        if !own.join("bin/cargo-deny").exists() {
            let mut install = cargo();
            install.args(["install", "cargo-deny", "--locked", "--debug", "--version", CARGO_DENY, "--root"]);
            run(install.arg(&own))?;
        }
        tool = command(own.join("bin/cargo-deny"));
    }
    output(cargo().args(["fetch", "--locked"]))?;
    run(tool.args(["--offline", "check", "bans", "licenses", "sources"]))
}
