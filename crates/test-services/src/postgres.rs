//! A disposable PostgreSQL, trusted on loopback.
//!
//! PostgreSQL refuses to run as root, so root hands it to the user that its package made.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::{
    free_port, fresh,
    shell::{command, install, is_root, output, run_quietly, succeeds},
};

#[derive(Debug, Serialize, Deserialize)]
pub struct Postgres {
    pub url: String,
    programs: PathBuf,
    data: PathBuf,
    options: String,
}

/// Whether what it says it has written survives a crash of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// As in production: for tests of loss and for measurements.
    Full,
    /// Faster, for everything else.
    None,
}

impl Postgres {
    /// # Errors
    /// Where it is missing and cannot be installed, or does not start.
    pub fn start(folder: &Path, durability: Durability) -> anyhow::Result<Self> {
        let programs = match programs() {
            Some(programs) => programs,
            None => {
                install(&["postgresql"])?;
                programs().context("initdb is not where PostgreSQL's packages put it")?
            }
        };
        let data = fresh_folder(folder)?;
        let port = free_port()?;
        let fsync = match durability {
            Durability::Full => "on",
            Durability::None => "off",
        };
        let options = format!(
            "-p {port} -h 127.0.0.1 -k {} -c fsync={fsync} -c max_connections=400 -c shared_buffers=256MB -c max_wal_size=2GB",
            data.display()
        );
        let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
        let server = Self { url, programs, data, options };
        output(
            server
                .program("initdb")
                .args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-sync"])
                .arg(&server.data),
        )?;
        server.start_again()?;
        Ok(server)
    }

    pub fn answers(&self) -> bool {
        succeeds(self.program("pg_ctl").arg("status").arg("--pgdata").arg(&self.data))
    }

    /// The process id of the server, whose children do its work.
    pub fn pid(&self) -> Option<u32> {
        fs::read_to_string(self.data.join("postmaster.pid")).ok()?.lines().next()?.parse().ok()
    }

    /// Starts it where it was, with what it had.
    ///
    /// # Errors
    /// Where it does not start.
    pub fn start_again(&self) -> anyhow::Result<()> {
        run_quietly(
            self.program("pg_ctl")
                .args(["start", "--wait", "--silent", "--options", &self.options, "--log"])
                .arg(self.data.join("server.log"))
                .arg("--pgdata")
                .arg(&self.data),
        )
    }

    /// Ends it as a crash would; its data stays.
    ///
    /// # Errors
    /// Where it does not end.
    pub fn stop(&self) -> anyhow::Result<()> {
        if self.answers() {
            let mut stop = self.program("pg_ctl");
            run_quietly(stop.args(["stop", "--mode=immediate", "--silent", "--pgdata"]).arg(&self.data))?;
        }
        Ok(())
    }

    fn program(&self, name: &str) -> Command {
        let path = self.programs.join(name);
        if !is_root() {
            return command(path);
        }
        let mut command = command("runuser");
        command.current_dir("/").args(["-u", "postgres", "--"]).arg(path);
        command
    }
}

/// Where initdb and pg_ctl are: on the path, or in the newest of the distribution's folders.
fn programs() -> Option<PathBuf> {
    let on_path = std::env::var_os("PATH")
        .into_iter()
        .flat_map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    let packaged = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"));
    let mut packaged: Vec<_> = packaged.collect();
    packaged.sort();
    on_path.chain(packaged.into_iter().rev()).find(|folder| folder.join("initdb").exists())
}

/// An empty folder that the server's user may enter: the one that is wanted, or where root's own
/// folders are closed to others, one among temporary files.
fn fresh_folder(wanted: &Path) -> anyhow::Result<PathBuf> {
    let folder = if is_root() && !enterable(wanted) {
        std::env::temp_dir().join(format!("manage-core-postgres-{}", std::process::id()))
    } else {
        wanted.to_owned()
    };
    fresh(&folder)?;
    if is_root() {
        run_quietly(command("chown").arg("postgres").arg(&folder))?;
    }
    Ok(folder)
}

fn enterable(folder: &Path) -> bool {
    fs::create_dir_all(folder).is_ok()
        && succeeds(
            command("runuser").current_dir("/").args(["-u", "postgres", "--", "test", "-x"]).arg(folder),
        )
}
