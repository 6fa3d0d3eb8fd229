//! A disposable Redis that keeps nothing on disk.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::{
    answers, free_port, fresh,
    process::Process,
    shell::{command, install, succeeds},
};

#[derive(Debug, Serialize, Deserialize)]
pub struct Redis {
    pub url: String,
    port: u16,
    folder: PathBuf,
    process: Process,
}

impl Redis {
    /// # Errors
    /// Where it is missing and cannot be installed, or does not start.
    pub fn start(folder: &Path) -> anyhow::Result<Self> {
        if !succeeds(command("redis-server").arg("--version")) {
            install(&["redis-server"])?;
        }
        fresh(folder)?;
        let port = free_port()?;
        let process = run(folder, port)?;
        Ok(Self { url: format!("redis://127.0.0.1:{port}"), port, folder: folder.to_owned(), process })
    }

    /// The process id of the server.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    pub fn answers(&self) -> bool {
        self.process.lives() && answers::redis(self.port)
    }

    /// # Errors
    /// Where it does not end.
    pub fn stop(&self) -> anyhow::Result<()> {
        self.process.end("KILL")
    }

    /// Starts it where it was, with nothing in it.
    ///
    /// # Errors
    /// Where it does not start.
    pub fn start_again(&mut self) -> anyhow::Result<()> {
        self.process = run(&self.folder, self.port)?;
        Ok(())
    }
}

fn run(folder: &Path, port: u16) -> anyhow::Result<Process> {
    let mut server = command("redis-server");
    server.current_dir(folder).args(["--port", &port.to_string(), "--bind", "127.0.0.1"]);
    server.args(["--save", "", "--appendonly", "no"]);
    Process::start(&mut server, &folder.join("server.log"), || answers::redis(port))
}
