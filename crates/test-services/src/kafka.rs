//! Apache Kafka itself: one broker that is its own controller, from its published jars.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::{
    answers, free_port, fresh,
    maven::{jars, java},
    process::Process,
    shell::run_quietly,
};

const VERSION: &str = "3.9.1";
const HEAP: &str = "-Xmx512m";
/// Any id in Kafka's spelling of one.
const CLUSTER: &str = "bWFuYWdlLWNvcmUtdGVzdA";

#[derive(Debug, Serialize, Deserialize)]
pub struct Kafka {
    pub url: String,
    port: u16,
    folder: PathBuf,
    jars: PathBuf,
    process: Process,
}

impl Kafka {
    /// # Errors
    /// Where Java, Maven or the jars are missing and cannot be had, or it does not start.
    pub fn start(folder: &Path) -> anyhow::Result<Self> {
        let jars = jars("org.apache.kafka", "kafka_2.13", VERSION)?;
        fresh(folder)?;
        let (port, controller) = (free_port()?, free_port()?);
        let properties = folder.join("server.properties");
        let text = properties_of(folder, port, controller);
        fs::write(&properties, text).with_context(|| properties.display().to_string())?;
        let mut format = java(&jars, HEAP, "kafka.tools.StorageTool");
        format.current_dir(folder).args(["format", "--cluster-id", CLUSTER, "--config"]).arg(&properties);
        run_quietly(&mut format)?;
        let process = run(&jars, folder, port)?;
        let url = format!("kafka://127.0.0.1:{port}");
        Ok(Self { url, port, folder: folder.to_owned(), jars, process })
    }

    /// The process id of the server.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    pub fn answers(&self) -> bool {
        self.process.lives() && answers::kafka(self.port)
    }

    /// Ends it as a crash would.
    ///
    /// # Errors
    /// Where it does not end.
    pub fn stop(&self) -> anyhow::Result<()> {
        self.process.end("KILL")
    }

    /// Starts it where it was, with what it had.
    ///
    /// # Errors
    /// Where it does not start.
    pub fn start_again(&mut self) -> anyhow::Result<()> {
        self.process = run(&self.jars, &self.folder, self.port)?;
        Ok(())
    }
}

fn run(jars: &Path, folder: &Path, port: u16) -> anyhow::Result<Process> {
    let mut server = java(jars, HEAP, "kafka.Kafka");
    server.current_dir(folder).arg(folder.join("server.properties"));
    Process::start(&mut server, &folder.join("server.log"), || answers::kafka(port))
}

fn properties_of(folder: &Path, port: u16, controller: u16) -> String {
    format!(
        "process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=3
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
log.cleaner.enable=false
",
        folder.join("data").display()
    )
}
