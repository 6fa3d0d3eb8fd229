//! What can refuse a use case of webhooks.

use kernel::{Fault, FaultClass, Invalid, StoreError};

#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    #[error("no such webhook")]
    NoSuchWebhook,
    #[error("no such delivery")]
    NoSuchDelivery,
    #[error("the key has the most webhooks it may have")]
    TooMany,
    #[error("the webhook is disabled")]
    Disabled,
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for WebhookError {
    fn class(&self) -> FaultClass<'_> {
        match self {
            Self::NoSuchWebhook | Self::NoSuchDelivery => FaultClass::NotFound,
            Self::TooMany => FaultClass::Conflict { code: "too_many_webhooks" },
            Self::Disabled => FaultClass::Conflict { code: "webhook_disabled" },
            Self::Invalid(invalid) => FaultClass::Invalid(invalid),
            Self::Store(error) => error.class(),
        }
    }
}
