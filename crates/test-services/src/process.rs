//! A server that runs beside us, known by its process id.

use std::{
    fs::File,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread::sleep,
    time::Duration,
};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};

use crate::shell::{command, run_quietly, succeeds};

/// How often it is looked whether a server answers or has ended, and the wait in between.
const LOOKS: u32 = 1_800;
const POLL: Duration = Duration::from_millis(50);

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Process {
    pid: u32,
    log: PathBuf,
}

impl Process {
    /// Starts a server that outlives us, and waits until it answers.
    pub(crate) fn start(
        command: &mut Command,
        log: &Path,
        answers: impl Fn() -> bool,
    ) -> anyhow::Result<Self> {
        let output = File::create(log).with_context(|| log.display().to_string())?;
        let errors = output.try_clone()?;
        let child = command.stdin(Stdio::null()).stdout(output).stderr(errors).process_group(0).spawn();
        let name = command.get_program().to_string_lossy().into_owned();
        let mut child = child.with_context(|| format!("`{name}` could not be started"))?;
        let process = Self { pid: child.id(), log: log.to_owned() };
        let mut looks = LOOKS;
        while !answers() {
            if let Some(status) = child.try_wait()? {
                bail!("`{name}` ended with {status}; see {}", log.display());
            }
            looks -= 1;
            if looks == 0 {
                process.signal("KILL")?;
                bail!("`{name}` does not answer; see {}", log.display());
            }
            sleep(POLL);
        }
        // Its end is taken up by nobody else: without this it would stay as a zombie.
        std::thread::spawn(move || child.wait());
        Ok(process)
    }

    pub(crate) fn id(&self) -> u32 {
        self.pid
    }

    pub(crate) fn lives(&self) -> bool {
        let state = std::fs::read_to_string(format!("/proc/{}/stat", self.pid)).unwrap_or_default();
        // The state follows the name, which may hold anything, in brackets.
        state.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
    }

    pub(crate) fn signal(&self, signal: &str) -> anyhow::Result<()> {
        run_quietly(command("kill").arg(format!("-{signal}")).arg(self.pid.to_string()))
    }

    /// Ends it and waits until it has ended.
    pub(crate) fn end(&self, signal: &str) -> anyhow::Result<()> {
        if !self.lives() {
            return Ok(());
        }
        let _ = succeeds(command("kill").arg("-CONT").arg(self.pid.to_string()));
        self.signal(signal)?;
        for _ in 0..LOOKS {
            if !self.lives() {
                return Ok(());
            }
            sleep(POLL);
        }
        bail!("process {} does not end; see {}", self.pid, self.log.display())
    }
}
