//! Every test, with real services beside them.

use test_services::{
    python,
    shell::{cargo, run, target},
};

use crate::services;

/// The independent charger, the independent issuer, and what reads reports back in tests.
const PYTHON_PACKAGES: &[&str] = &[
    "ocpp==2.1.0",
    "oidc-provider-mock==0.3.4",
    "openpyxl==3.1.5",
    "pillow",
    "pypdfium2>=5,<6",
    "websockets==15.0.1",
];

pub(crate) fn everything(arguments: &[String]) -> anyhow::Result<()> {
    let python = python(
        &target().join("python"),
        PYTHON_PACKAGES,
        "import ocpp, oidc_provider_mock, openpyxl, PIL, pypdfium2, websockets",
    )?;
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
