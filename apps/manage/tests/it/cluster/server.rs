//! One process of the installation.

use std::{
    fs::File,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use super::Settings;
use crate::whole::until;

pub struct Server {
    pub address: SocketAddr,
    program: &'static str,
    process: Child,
    log: PathBuf,
}

impl Server {
    /// Starts one and waits until it is ready.
    pub async fn start(program: &'static str, settings: &Settings, folder: &Path) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let log = folder.join(format!("{program}-{}.log", address.port()));
        let output = File::create(&log).unwrap();
        let process = Command::new(executable(program))
            .current_dir(folder)
            .env("MANAGE_DATA_DIR", folder.join("var"))
            .env("MANAGE_LOG", "info")
            .env("MANAGE_DATABASE__URL", &settings.database)
            .env("MANAGE_EVENTS__URL", &settings.events)
            .env("MANAGE_CACHE__URL", &settings.cache)
            .env("MANAGE_DOCUMENTS__URL", &settings.documents)
            .env(bind_key(program), address.to_string())
            .env("MANAGE_ADMIN__PASSWORD", "a test's password")
            .env("MANAGE_CONNECT__CALL_TIMEOUT_SECONDS", "5")
            .env("MANAGE_CHARGING__TICK_SECONDS", "1")
            .stderr(output.try_clone().unwrap())
            .stdout(output)
            .stdin(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{program}: {error}; `cargo build --workspace --bins` makes it"));
        let mut server = Self { address, program, process, log };
        server.ready().await;
        server
    }

    /// Waits until it is ready.
    pub async fn ready(&mut self) {
        let url = format!("http://{}/readyz", self.address);
        let client = reqwest::Client::new();
        until(&format!("{} to be ready ({})", self.program, self.log.display()), || async {
            client.get(&url).send().await.ok().filter(|answer| answer.status().is_success()).map(drop)
        })
        .await;
    }

    /// SIGKILL: nothing is flushed, nobody says goodbye. Killing twice is no harm.
    pub fn kill(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// `STOP` or `CONT`: it sleeps without knowing, and goes on.
    pub fn signal(&self, signal: &str) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args([&format!("-{signal}"), &id]).status().unwrap().success());
    }

    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// What it has logged.
    pub fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }
}

fn bind_key(program: &str) -> &'static str {
    match program {
        "api-internal" => "MANAGE_INTERNAL__BIND",
        "connect" => "MANAGE_CONNECT__BIND",
        "worker" => "MANAGE_WORKER__BIND",
        _ => panic!("no such server: {program}"),
    }
}

/// Beside the program of this crate.
fn executable(program: &str) -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_manage")).with_file_name(program)
}
