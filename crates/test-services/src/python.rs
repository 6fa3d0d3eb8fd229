//! Python packages in an environment of their own, made once.

use std::path::{Path, PathBuf};

use crate::shell::{command, install, run_quietly, succeeds};

/// The interpreter of an environment with these packages; `probe` imports what they give.
///
/// # Errors
/// Where Python is missing and cannot be installed, or a package cannot be had.
pub fn python(folder: &Path, packages: &[&str], probe: &str) -> anyhow::Result<PathBuf> {
    let python = folder.join("bin/python");
    if succeeds(command(&python).args(["-c", probe])) {
        return Ok(python);
    }
    let make = || run_quietly(command("python3").args(["-m", "venv"]).arg(folder));
    if make().is_err() {
        install(&["python3", "python3-venv"])?;
        make()?;
    }
    let mut pip = command(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(packages);
    run_quietly(&mut pip)?;
    Ok(python)
}
