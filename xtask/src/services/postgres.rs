//! A disposable PostgreSQL: trusted on loopback, without fsync, its data thrown away at each start.
//!
//! PostgreSQL refuses to run as root, so root hands it to the user that its package made.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::shell::{command, install, is_root, output, run, succeeds, target};

#[derive(Serialize, Deserialize)]
pub(crate) struct Postgres {
    pub(crate) url: String,
    programs: PathBuf,
    data: PathBuf,
}

impl Postgres {
    pub(crate) fn start() -> anyhow::Result<Self> {
        let programs = match programs() {
            Some(programs) => programs,
            None => {
                install(&["postgresql"])?;
                programs().context("initdb is not where PostgreSQL's packages put it")?
            }
        };
        let data = fresh_folder()?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let server = Self {
            url: format!("postgres://postgres@127.0.0.1:{port}/postgres"),
            programs,
            data: data.clone(),
        };
        output(
            server
                .program("initdb")
                .args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-sync"])
                .arg(&data),
        )?;
        let options =
            format!("-p {port} -h 127.0.0.1 -k {} -c fsync=off -c max_connections=400", data.display());
        run(server
            .program("pg_ctl")
            .args(["start", "--wait", "--silent", "--options", &options, "--log"])
            .arg(data.join("server.log"))
            .arg("--pgdata")
            .arg(&data))?;
        Ok(server)
    }

    pub(crate) fn answers(&self) -> bool {
        succeeds(self.program("pg_ctl").arg("status").arg("--pgdata").arg(&self.data))
    }

    pub(crate) fn stop(&self) -> anyhow::Result<()> {
        if self.answers() {
            run(self
                .program("pg_ctl")
                .args(["stop", "--mode=immediate", "--silent", "--pgdata"])
                .arg(&self.data))?;
        }
        fs::remove_dir_all(&self.data).with_context(|| self.data.display().to_string())
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

/// An empty folder that the server's user may enter: beside the build, or where root's own folders
/// are closed to others, among temporary files.
fn fresh_folder() -> anyhow::Result<PathBuf> {
    let beside = target().join("services/postgres");
    let folder = if is_root() && !enterable(&target()) {
        std::env::temp_dir().join(format!("manage-core-postgres-{}", std::process::id()))
    } else {
        beside
    };
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| folder.display().to_string())?;
    }
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    if is_root() {
        run(command("chown").arg("postgres").arg(&folder))?;
    }
    Ok(folder)
}

fn enterable(folder: &Path) -> bool {
    fs::create_dir_all(folder).is_ok()
        && succeeds(
            command("runuser").current_dir("/").args(["-u", "postgres", "--", "test", "-x"]).arg(folder),
        )
}
