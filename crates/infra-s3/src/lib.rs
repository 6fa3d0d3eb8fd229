//! Files in S3, or in what speaks its language.
//!
//! A blob is uploaded in parts, and its object appears when the last of them is confirmed: all of it
//! at once, or nothing. Each part carries its checksum, which the store compares with what arrived.
//! Links are signed for a while and need no credentials of ours.

mod error;
mod settings;
mod upload;

use std::time::Duration;

use async_trait::async_trait;
use aws_config::{AppName, BehaviorVersion, Region, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_s3::{
    Client,
    config::{Credentials, RequestChecksumCalculation, ResponseChecksumValidation},
    operation::get_object::GetObjectError,
    presigning::PresigningConfig,
};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};
use bytes::Bytes;
use chrono::TimeDelta;
use futures::{StreamExt, TryStreamExt, stream, stream::BoxStream};
use kernel::{StoreError, Timestamp};
use report::{BlobKey, BlobStore, BlobWriting, Redeemed};

pub use settings::{S3Settings, SettingsError};

use self::{error::store_error, upload::Upload};

/// How long a connection may take, an answer, and a call with all its tries.
const CONNECT: Duration = Duration::from_secs(2);
const ANSWER: Duration = Duration::from_secs(30);
const CALL: Duration = Duration::from_secs(75);

/// A bucket, or a part of one. Cheap to clone.
#[derive(Clone)]
pub struct S3 {
    client: Client,
    settings: S3Settings,
}

impl S3 {
    /// Sets the client up; it connects when it is needed. Without credentials in the settings they
    /// are looked for where AWS's own tools do: the environment, a profile, the machine's role.
    pub async fn new(settings: &S3Settings) -> Self {
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
            loader = loader.credentials_provider(Credentials::new(id, secret, None, None, "blobs.url"));
        }
        if let Some(endpoint) = &settings.endpoint {
            loader = loader.endpoint_url(endpoint);
        }
        let config = aws_sdk_s3::config::Builder::from(&loader.load().await)
            // Names of buckets are no names of hosts at other endpoints.
            .force_path_style(settings.endpoint.is_some())
            // Parts carry SHA-256 sums of their own; nothing else needs one.
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            .build();
        Self { client: Client::from_conf(config), settings: settings.clone() }
    }

    /// Whether the bucket answers and is ours.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where it does not answer.
    pub async fn check(&self) -> Result<(), StoreError> {
        self.client.head_bucket().bucket(&self.settings.bucket).send().await.map_err(store_error)?;
        Ok(())
    }

    /// Makes the bucket, for tests.
    ///
    /// # Errors
    /// Where it is there already, or may not be made.
    pub async fn make_bucket(&self) -> Result<(), StoreError> {
        self.client.create_bucket().bucket(&self.settings.bucket).send().await.map_err(store_error)?;
        Ok(())
    }

    fn place(&self, key: &BlobKey) -> String {
        format!("{}{key}", self.settings.prefix)
    }

    /// Gives up uploads that were begun under a key and will never end.
    async fn give_up_uploads(&self, place: &str) -> Result<(), StoreError> {
        let begun = self
            .client
            .list_multipart_uploads()
            .bucket(&self.settings.bucket)
            .prefix(place)
            .send()
            .await
            .map_err(store_error)?;
        for upload in begun.uploads() {
            let (Some(key), Some(id)) = (upload.key(), upload.upload_id()) else { continue };
            if key != place {
                continue;
            }
            upload::abort(self, key, id).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl BlobStore for S3 {
    async fn blob_begin(
        &self,
        key: &BlobKey,
        content_type: &'static str,
    ) -> Result<Box<dyn BlobWriting>, StoreError> {
        Ok(Box::new(Upload::begin(self, self.place(key), content_type).await?))
    }

    async fn blob_open(
        &self,
        key: &BlobKey,
    ) -> Result<Option<BoxStream<'static, Result<Bytes, StoreError>>>, StoreError> {
        let asked = self.client.get_object().bucket(&self.settings.bucket).key(self.place(key)).send().await;
        let found = match asked {
            Ok(found) => found,
            Err(error) if error.as_service_error().is_some_and(GetObjectError::is_no_such_key) => {
                return Ok(None);
            }
            Err(error) => return Err(store_error(error)),
        };
        let content = stream::try_unfold(found.body, |mut body| async move {
            let read = body.try_next().await.map_err(|error| StoreError::Unavailable(Box::new(error)))?;
            Ok(read.map(|bytes| (bytes, body)))
        });
        Ok(Some(content.into_stream().boxed()))
    }

    async fn blob_discard(&self, key: &BlobKey) -> Result<(), StoreError> {
        let place = self.place(key);
        self.client
            .delete_object()
            .bucket(&self.settings.bucket)
            .key(&place)
            .send()
            .await
            .map_err(store_error)?;
        self.give_up_uploads(&place).await
    }

    async fn blob_link(
        &self,
        key: &BlobKey,
        file_name: &str,
        now: Timestamp,
        lifetime: TimeDelta,
    ) -> Result<String, StoreError> {
        let presigning = PresigningConfig::builder()
            .start_time(now.into())
            .expires_in(lifetime.to_std().unwrap_or(Duration::ZERO))
            .build()
            .map_err(|error| StoreError::Failed(Box::new(error)))?;
        let name: String =
            file_name.chars().filter(|c| !matches!(c, '"' | '\\') && !c.is_control()).collect();
        let signed = self
            .client
            .get_object()
            .bucket(&self.settings.bucket)
            .key(self.place(key))
            .response_content_disposition(format!("attachment; filename=\"{name}\""))
            .presigned(presigning)
            .await
            .map_err(store_error)?;
        Ok(signed.uri().to_owned())
    }

    /// Links lead to the store itself.
    async fn blob_redeem(&self, _: &str, _: Timestamp) -> Result<Option<Redeemed>, StoreError> {
        Ok(None)
    }
}
