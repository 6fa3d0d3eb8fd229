//! Stand-ins for Amazon's services: DynamoDB Local, and moto's S3. Both keep nothing on disk.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::{
    answers, cache, free_port, fresh,
    maven::{jars, java},
    process::Process,
    python::python,
    shell::command,
};

const DYNAMODB: (&str, &str, &str) = ("com.amazonaws", "DynamoDBLocal", "2.6.1");
const MOTO: &str = "moto[server,s3]>=5.1,<6";

/// DynamoDB Local, in memory.
#[derive(Debug, Serialize, Deserialize)]
pub struct DynamoDb {
    pub url: String,
    port: u16,
    process: Process,
}

impl DynamoDb {
    /// # Errors
    /// Where Java, Maven or the jars are missing and cannot be had, or it does not start.
    pub fn start(folder: &Path) -> anyhow::Result<Self> {
        let (group, artifact, version) = DYNAMODB;
        let jars = jars(group, artifact, version)?;
        fresh(folder)?;
        let port = free_port()?;
        let class = "com.amazonaws.services.dynamodbv2.local.main.ServerRunner";
        let mut server = java(&jars, "-Xmx256m", class);
        server.current_dir(folder).args(["-inMemory", "-sharedDb", "-port", &port.to_string()]);
        let process = Process::start(&mut server, &folder.join("server.log"), || answers::http(port))?;
        Ok(Self { url: format!("http://127.0.0.1:{port}"), port, process })
    }

    pub fn answers(&self) -> bool {
        self.process.lives() && answers::http(self.port)
    }

    /// # Errors
    /// Where it does not end.
    pub fn stop(&self) -> anyhow::Result<()> {
        self.process.end("KILL")
    }
}

/// moto's S3, in memory.
#[derive(Debug, Serialize, Deserialize)]
pub struct S3 {
    pub url: String,
    port: u16,
    process: Process,
}

impl S3 {
    /// # Errors
    /// Where Python or its packages are missing and cannot be had, or it does not start.
    pub fn start(folder: &Path) -> anyhow::Result<Self> {
        let python = python(&cache("moto")?.join("python"), &[MOTO], "import moto.server")?;
        fresh(folder)?;
        let port = free_port()?;
        let mut server = command(python.with_file_name("moto_server"));
        server.current_dir(folder).args(["-H", "127.0.0.1", "-p", &port.to_string()]);
        let process = Process::start(&mut server, &folder.join("server.log"), || answers::http(port))?;
        Ok(Self { url: format!("http://127.0.0.1:{port}"), port, process })
    }

    pub fn answers(&self) -> bool {
        self.process.lives() && answers::http(self.port)
    }

    /// # Errors
    /// Where it does not end.
    pub fn stop(&self) -> anyhow::Result<()> {
        self.process.end("KILL")
    }
}
