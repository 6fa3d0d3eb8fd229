//! What can refuse a use case of this domain.

use kernel::{Denied, Fault, FaultClass, StoreError};

#[derive(Debug, thiserror::Error)]
pub enum TransactionError {
    #[error("no such transaction")]
    NoSuchTransaction,
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("the transaction has ended")]
    Ended,
    #[error("the charger never learned the number of this transaction, so it cannot be told to stop it")]
    NotAddressable,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for TransactionError {
    fn class(&self) -> FaultClass<'_> {
        match self {
            Self::NoSuchTransaction => FaultClass::NotFound,
            Self::Denied(denied) => FaultClass::Denied(*denied),
            Self::Ended => FaultClass::Conflict { code: "transaction_ended" },
            Self::NotAddressable => FaultClass::Conflict { code: "transaction_not_addressable" },
            Self::Store(error) => error.class(),
        }
    }
}
