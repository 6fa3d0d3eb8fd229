//! The machine's own clock and entropy. Nothing else in the project reads them.

use std::sync::Arc;

use argon2::{
    Argon2, PasswordHash, PasswordHasher, PasswordVerifier,
    password_hash::{Error, SaltString},
};
use async_trait::async_trait;
use chrono::Utc;
use kernel::{Clock, HashError, IdSource, SecretHasher, Timestamp, clock::to_micros};
use tokio::sync::Semaphore;
use uuid::Uuid;

/// The machine's clock, cut to the microseconds that stores keep.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> Timestamp {
        to_micros(Utc::now())
    }
}

/// UUIDv7 and the operating system's entropy.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemIds;

impl IdSource for SystemIds {
    #[expect(clippy::disallowed_methods, reason = "the one place that makes ids")]
    fn uuid(&self) -> Uuid {
        Uuid::now_v7()
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that draws entropy")]
    fn secret(&self, buffer: &mut [u8]) {
        getrandom::fill(buffer).expect("the operating system gives entropy");
    }
}

/// Argon2id with the library's parameters, off the async threads, two at a time: a flood of
/// sign-ins waits instead of taking all memory.
#[derive(Clone)]
pub struct Argon2Hasher {
    turns: Arc<Semaphore>,
    ids: SystemIds,
}

impl Default for Argon2Hasher {
    fn default() -> Self {
        Self { turns: Arc::new(Semaphore::new(2)), ids: SystemIds }
    }
}

impl Argon2Hasher {
    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, HashError> {
        let _turn = self.turns.acquire().await.map_err(|closed| HashError(Box::new(closed)))?;
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|join| HashError(Box::new(join)))?
            .map_err(|error| HashError(error.to_string().into()))
    }
}

#[async_trait]
impl SecretHasher for Argon2Hasher {
    async fn hash(&self, secret: &str) -> Result<String, HashError> {
        let mut salt = [0_u8; 16];
        self.ids.secret(&mut salt);
        let secret = secret.to_owned();
        self.in_turn(move || {
            let salt = SaltString::encode_b64(&salt)?;
            Ok(Argon2::default().hash_password(secret.as_bytes(), &salt)?.to_string())
        })
        .await
    }

    async fn verify(&self, secret: &str, hash: &str) -> Result<bool, HashError> {
        let (secret, hash) = (secret.to_owned(), hash.to_owned());
        self.in_turn(move || {
            let Ok(parsed) = PasswordHash::new(&hash) else { return Ok(false) };
            match Argon2::default().verify_password(secret.as_bytes(), &parsed) {
                Ok(()) => Ok(true),
                Err(Error::Password) => Ok(false),
                Err(error) => Err(error),
            }
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_hash_matches_its_secret_only_and_never_twice_the_same() {
        let hasher = Argon2Hasher::default();
        let hash = hasher.hash("correct horse").await.unwrap();
        assert!(hasher.verify("correct horse", &hash).await.unwrap());
        assert!(!hasher.verify("wrong horse", &hash).await.unwrap());
        assert!(!hasher.verify("correct horse", "no hash").await.unwrap());
        assert_ne!(hash, hasher.hash("correct horse").await.unwrap());
    }

    #[test]
    fn the_clock_is_cut_to_microseconds_and_ids_sort_by_time() {
        assert_eq!(SystemClock.now().timestamp_subsec_nanos() % 1_000, 0);
        let (first, second) = (SystemIds.uuid(), SystemIds.uuid());
        assert!(first < second);
    }
}
