//! Small structures that are always read whole are stored as documents.

use kernel::StoreError;
use sea_orm::prelude::Json;
use serde::{Serialize, de::DeserializeOwned};

pub(super) fn write<T: Serialize>(value: &T) -> Result<Json, StoreError> {
    serde_json::to_value(value)
        .map_err(|_| StoreError::corrupt(format!("{} cannot be written", std::any::type_name::<T>())))
}

pub(super) fn read<T: DeserializeOwned>(document: Json) -> Result<T, StoreError> {
    serde_json::from_value(document)
        .map_err(|_| StoreError::corrupt(format!("a document is no {}", std::any::type_name::<T>())))
}
