//! Documents in DynamoDB: what grows by itself, is written once, and is asked for by owner and time.
//!
//! A family of documents has a folder here with its layout (how keys spread the load and keep
//! together what is read together), its writing and its reading. [`TABLES`] names their tables.
//! Everything is repeatable: an item is written under keys of its own, so that writing it again
//! changes nothing.

mod error;
mod frame;
mod query;
mod report;
mod settings;
mod table;
mod write;

use std::time::Duration;

use aws_config::{AppName, BehaviorVersion, Region, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_dynamodb::{Client, config::Credentials};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};
use kernel::StoreError;

pub use settings::{DynamoSettings, SettingsError};

use self::{error::store_error, table::Table};

/// Every table of ours.
const TABLES: [&Table; 2] = [&frame::TABLE, &report::TABLE];

/// How long a connection may take, and an answer.
const CONNECT: Duration = Duration::from_secs(2);
const ANSWER: Duration = Duration::from_secs(5);
/// How long a call may take with all its tries.
const CALL: Duration = Duration::from_secs(12);

/// A connection to DynamoDB. Cheap to clone.
#[derive(Clone)]
pub struct Dynamo {
    client: Client,
    prefix: String,
}

impl Dynamo {
    /// Sets the client up; it connects when it is needed. Without credentials in the settings they
    /// are looked for where AWS's own tools do: the environment, a profile, the machine's role.
    pub async fn new(settings: &DynamoSettings) -> Self {
        let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
        let tries = RetryConfig::standard()
            .with_max_attempts(3)
            .with_initial_backoff(Duration::from_millis(50))
            .with_max_backoff(Duration::from_secs(1));
        let patience = TimeoutConfig::builder()
            .connect_timeout(CONNECT)
            .operation_attempt_timeout(ANSWER)
            .operation_timeout(CALL)
            .build();
        let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .http_client(http)
            .region(Region::new(settings.region.clone()))
            .retry_config(tries)
            .timeout_config(patience);
        if let Ok(name) = AppName::new("manage-core") {
            loader = loader.app_name(name);
        }
        if let Some((id, secret)) = &settings.credentials {
            loader = loader.credentials_provider(Credentials::new(id, secret, None, None, "documents.url"));
        }
        if let Some(endpoint) = &settings.endpoint {
            loader = loader.endpoint_url(endpoint);
        }
        Self { client: Client::new(&loader.load().await), prefix: settings.prefix.clone() }
    }

    /// Makes the tables that are missing, and checks those that are there. Processes that start
    /// together do not disturb one another.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where DynamoDB does not answer; [`StoreError::Failed`] where a
    /// table is another's, or may not be made.
    pub async fn set_up(&self) -> Result<(), StoreError> {
        for table in TABLES {
            self.ensure(table).await?;
        }
        Ok(())
    }

    /// Whether DynamoDB answers and has our tables.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where it does not answer.
    pub async fn check(&self) -> Result<(), StoreError> {
        for table in TABLES {
            let asked = self.client.describe_table().table_name(self.name_of(table)).send().await;
            asked.map_err(store_error)?;
        }
        Ok(())
    }

    fn name_of(&self, table: &Table) -> String {
        format!("{}{}", self.prefix, table.name)
    }
}
