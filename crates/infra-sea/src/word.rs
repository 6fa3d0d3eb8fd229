//! Enumerations are stored as the same word that serde gives them.

use kernel::StoreError;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// The word of an enumeration's value.
pub(crate) fn write<T: Serialize>(value: &T) -> Result<String, StoreError> {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => Ok(word),
        _ => Err(StoreError::corrupt(format!("{} is not written as a word", std::any::type_name::<T>()))),
    }
}

/// The value that a stored word stands for.
pub(crate) fn read<T: DeserializeOwned>(word: &str) -> Result<T, StoreError> {
    serde_json::from_value(Value::String(word.to_owned()))
        .map_err(|_| StoreError::corrupt(format!("`{word}` is no {}", std::any::type_name::<T>())))
}
