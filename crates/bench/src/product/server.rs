//! One process of the product.

use std::{
    fs::File,
    net::{SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, bail};

pub(crate) struct Server {
    pub(crate) program: &'static str,
    pub(crate) internal: Option<SocketAddr>,
    pub(crate) connect: Option<SocketAddr>,
    process: Child,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn free() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

impl Server {
    /// Starts a program that lies beside this one, and waits until it is ready.
    pub(crate) async fn start(
        program: &'static str,
        settings: &[(String, String)],
        folder: &Path,
    ) -> anyhow::Result<Self> {
        let (internal, connect, other) = (free()?, free()?, free()?);
        let executable = std::env::current_exe()?.with_file_name(program);
        let log = File::create(folder.join(format!("{program}.log")))?;
        let mut command = Command::new(&executable);
        if program == "manage" {
            command.arg("serve");
        }
        let process = command
            .current_dir(folder)
            .env("MANAGE_DATA_DIR", folder.join("var"))
            .env("MANAGE_INTERNAL__BIND", internal.to_string())
            .env("MANAGE_CONNECT__BIND", connect.to_string())
            .env("MANAGE_PUBLIC__BIND", other.to_string())
            .env("MANAGE_WORKER__BIND", other.to_string())
            .envs(settings.iter().map(|(key, value)| (key, value)))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| executable.display().to_string())?;
        let has_internal = matches!(program, "manage" | "api-internal");
        let has_connect = matches!(program, "manage" | "connect");
        let mut server = Self {
            program,
            internal: has_internal.then_some(internal),
            connect: has_connect.then_some(connect),
            process,
        };
        let ready = server.internal.or(server.connect).unwrap_or(other);
        server.ready(ready, &folder.join(format!("{program}.log"))).await?;
        Ok(server)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    async fn ready(&mut self, address: SocketAddr, log: &Path) -> anyhow::Result<()> {
        for _ in 0..600 {
            let asked = reqwest::get(format!("http://{address}/readyz")).await;
            if asked.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(());
            }
            if let Some(status) = self.process.try_wait()? {
                let said = std::fs::read_to_string(log).unwrap_or_default();
                bail!("{} ended with {status}: {said}", self.program);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("{} does not become ready", self.program)
    }
}
