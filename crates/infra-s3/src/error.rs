//! What S3 reports, in the words of [`StoreError`].

use aws_sdk_s3::{
    config::http::HttpResponse,
    error::{ProvideErrorMetadata, SdkError},
};
use kernel::StoreError;

/// Refusals that pass when there is less to do.
const BUSY: [&str; 4] = ["SlowDown", "RequestTimeout", "OperationAborted", "ThrottlingException"];

pub(crate) fn store_error<E>(error: SdkError<E, HttpResponse>) -> StoreError
where
    E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    match &error {
        SdkError::ServiceError(refused) => {
            let status = refused.raw().status().as_u16();
            match refused.err().code() {
                Some(code) if BUSY.contains(&code) => StoreError::Busy(Box::new(error)),
                _ if status >= 500 || status == 429 => StoreError::Unavailable(Box::new(error)),
                _ => StoreError::Failed(chain(&error)),
            }
        }
        SdkError::ConstructionFailure(_) => StoreError::Failed(Box::new(error)),
        _ => StoreError::Unavailable(Box::new(error)),
    }
}

/// The client's errors say "service error" and nothing else; what it was is in their sources.
fn chain(error: &(dyn std::error::Error + 'static)) -> Box<dyn std::error::Error + Send + Sync> {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text.into()
}
