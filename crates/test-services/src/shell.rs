//! Running other programs: said aloud, from the workspace's root, failing with their status.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, bail};

/// The folder of the workspace.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap_or_else(|| Path::new("."))
}

/// Where builds go, and what these tasks keep beside them.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// A command in the workspace's root.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root()).stdin(Stdio::null());
    command
}

pub fn cargo() -> Command {
    command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Says the command and runs it.
///
/// # Errors
/// Where it cannot be started or does not end with success.
pub fn run(command: &mut Command) -> anyhow::Result<()> {
    eprintln!("$ {}", text(command));
    let status = command.status().with_context(|| format!("`{}` could not be started", text(command)))?;
    if !status.success() {
        bail!("`{}` ended with {status}", text(command));
    }
    Ok(())
}

/// Runs the command quietly.
///
/// # Errors
/// As [`run`], with what it printed to standard error.
pub fn run_quietly(command: &mut Command) -> anyhow::Result<()> {
    output(command).map(|_| ())
}

/// Runs the command quietly and returns what it printed.
///
/// # Errors
/// As [`run`], with what it printed to standard error.
pub fn output(command: &mut Command) -> anyhow::Result<String> {
    let output = command.output().with_context(|| format!("`{}` could not be started", text(command)))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("`{}` ended with {}: {}", text(command), output.status, said.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether the command can be run and succeeds.
pub fn succeeds(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Installs packages of the system where that is allowed.
///
/// # Errors
/// With the packages to install by hand, where it is not.
pub fn install(packages: &[&str]) -> anyhow::Result<()> {
    let list = packages.join(" ");
    if !succeeds(command("apt-get").arg("--version")) || !is_root() {
        bail!("please install with your system's package manager: {list}");
    }
    run(command("apt-get").args(["update", "-q"]))?;
    let mut install = command("apt-get");
    install.env("DEBIAN_FRONTEND", "noninteractive").args(["install", "-q", "-y", "--no-install-recommends"]);
    run(install.args(packages))
}

pub fn is_root() -> bool {
    output(command("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

fn text(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
