//! Every test, with real services beside them.

use std::path::PathBuf;

use test_services::shell::{cargo, command, install, run, succeeds, target};

use crate::services;

/// The independent charger that end-to-end tests use.
const PYTHON_PACKAGES: &[&str] = &["ocpp==2.1.0", "websockets==15.0.1"];

pub(crate) fn everything(arguments: &[String]) -> anyhow::Result<()> {
    let python = python()?;
    let running = services::up()?;
    let mut test = cargo();
    test.args(["test", "--locked"]);
    if arguments.is_empty() {
        test.args(["--workspace"]);
    }
    let outcome = run(test
        .args(arguments)
        .envs(running.variables())
        .env("MANAGE_TEST_PYTHON", python)
        .env("MANAGE_TEST_REQUIRE_SERVICES", "1"));
    if running.started_here {
        services::down()?;
    }
    outcome
}

/// A virtual environment with the packages, made once.
fn python() -> anyhow::Result<PathBuf> {
    let folder = target().join("python");
    let python = folder.join("bin/python");
    if succeeds(command(&python).args(["-c", "import ocpp, websockets"])) {
        return Ok(python);
    }
    let make = || run(command("python3").args(["-m", "venv"]).arg(&folder));
    if make().is_err() {
        install(&["python3", "python3-venv"])?;
        make()?;
    }
    run(command(&python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
        .args(PYTHON_PACKAGES))?;
    Ok(python)
}
