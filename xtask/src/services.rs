//! The services that tests talk to, with their data beside the build.

use std::{fs, path::PathBuf};

use anyhow::Context;
use clap::Subcommand;
use serde::{Deserialize, Serialize};
use test_services::{Durability, DynamoDb, Kafka, Postgres, Redis, S3, shell::target};

#[derive(Subcommand)]
pub(crate) enum Action {
    /// Start what is not running and print the addresses.
    Up,
    /// Stop what was started.
    Down,
    /// Say what is running.
    Status,
}

/// What is running, and where.
#[derive(Serialize, Deserialize)]
pub(crate) struct Running {
    postgres: Postgres,
    redis: Redis,
    kafka: Kafka,
    dynamodb: DynamoDb,
    s3: S3,
    /// Whether this call started it, so that this call should stop it.
    #[serde(skip)]
    pub(crate) started_here: bool,
}

impl Running {
    /// The variables that tests look for.
    pub(crate) fn variables(&self) -> [(&'static str, &str); 5] {
        [
            ("MANAGE_TEST_POSTGRES_URL", &self.postgres.url),
            ("MANAGE_TEST_REDIS_URL", &self.redis.url),
            ("MANAGE_TEST_KAFKA_URL", &self.kafka.url),
            ("MANAGE_TEST_DYNAMODB_URL", &self.dynamodb.url),
            ("MANAGE_TEST_S3_URL", &self.s3.url),
        ]
    }

    fn answer(&self) -> [(&'static str, &str, bool); 5] {
        [
            ("PostgreSQL", &self.postgres.url, self.postgres.answers()),
            ("Redis", &self.redis.url, self.redis.answers()),
            ("Kafka", &self.kafka.url, self.kafka.answers()),
            ("DynamoDB", &self.dynamodb.url, self.dynamodb.answers()),
            ("S3", &self.s3.url, self.s3.answers()),
        ]
    }

    fn stop(&self) -> anyhow::Result<()> {
        self.postgres.stop()?;
        self.redis.stop()?;
        self.kafka.stop()?;
        self.dynamodb.stop()?;
        self.s3.stop()
    }
}

pub(crate) fn run(action: &Action) -> anyhow::Result<()> {
    match action {
        Action::Up => {
            for (variable, url) in up()?.variables() {
                println!("export {variable}={url}");
            }
        }
        Action::Down => down()?,
        Action::Status => match known() {
            Some(running) => {
                for (name, url, answers) in running.answer() {
                    println!("{name:<12}{}", if answers { url } else { "does not answer" });
                }
            }
            None => println!("nothing is running"),
        },
    }
    Ok(())
}

/// Starts what is not running.
///
/// # Errors
/// Where a service is missing and cannot be installed, or does not start.
pub(crate) fn up() -> anyhow::Result<Running> {
    if let Some(running) = known() {
        if running.answer().iter().all(|(.., answers)| *answers) {
            return Ok(running);
        }
        running.stop()?;
    }
    let folder = target().join("services");
    let (postgres, redis) = (folder.join("postgres"), folder.join("redis"));
    let postgres = Postgres::start(&postgres, Durability::None).context("PostgreSQL")?;
    let redis = Redis::start(&redis).context("Redis")?;
    let kafka = Kafka::start(&folder.join("kafka")).context("Kafka")?;
    let dynamodb = DynamoDb::start(&folder.join("dynamodb")).context("DynamoDB")?;
    let s3 = S3::start(&folder.join("s3")).context("S3")?;
    let running = Running { postgres, redis, kafka, dynamodb, s3, started_here: true };
    let path = state_file();
    fs::create_dir_all(path.with_file_name("")).context("the folder of services")?;
    fs::write(&path, serde_json::to_string_pretty(&running)?).with_context(|| path.display().to_string())?;
    Ok(running)
}

/// Stops what was started; nothing running is no error.
///
/// # Errors
/// Where a service does not stop.
pub(crate) fn down() -> anyhow::Result<()> {
    if let Some(running) = known() {
        running.stop()?;
        fs::remove_file(state_file()).context("the list of running services")?;
    }
    Ok(())
}

fn known() -> Option<Running> {
    serde_json::from_str(&fs::read_to_string(state_file()).ok()?).ok()
}

fn state_file() -> PathBuf {
    target().join("services/running.json")
}
