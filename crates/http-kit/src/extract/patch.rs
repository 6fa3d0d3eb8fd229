//! Fields of merge patches (RFC 7396).

use kernel::Change;
use serde::{Deserialize, Deserializer};

/// A field that can be cleared: absent keeps, `null` clears, a value sets. Use it with
/// `#[serde(default)]` and `#[schema(value_type = Option<T>)]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patch<T>(pub Change<T>);

impl<T> Default for Patch<T> {
    fn default() -> Self {
        Self(Change::Keep)
    }
}

impl<T> From<Patch<T>> for Change<T> {
    fn from(patch: Patch<T>) -> Self {
        patch.0
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(match Option::deserialize(deserializer)? {
            Some(value) => Change::Set(value),
            None => Change::Clear,
        }))
    }
}

/// For fields that can be changed but not cleared: absent keeps, `null` is refused. Use it as
/// `#[serde(default, deserialize_with = "http_kit::not_null")]` on an `Option<T>`.
///
/// # Errors
/// For `null` and whatever `T` refuses.
pub fn not_null<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}
