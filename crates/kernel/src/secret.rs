//! Slow hashing of secrets that people choose. Random machine tokens use a plain digest instead.

use async_trait::async_trait;

#[derive(Debug, thiserror::Error)]
#[error("the secret could not be hashed")]
pub struct HashError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Implementations do the work off the async threads and bound how much runs at once.
#[async_trait]
pub trait SecretHasher: Send + Sync {
    /// A salted hash in PHC format.
    async fn hash(&self, secret: &str) -> Result<String, HashError>;

    /// Whether the secret is the one that was hashed. An unreadable hash matches nothing.
    async fn verify(&self, secret: &str, hash: &str) -> Result<bool, HashError>;
}
