//! Password hashes: Argon2id with the parameters OWASP recommends (19 MiB, 2 passes, 1 lane).

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher as _, PasswordVerifier as _},
};
use tokio::sync::Semaphore;

use crate::{
    ports::{Random, StoreError, error::StoreErrorKind},
    services::blocking,
};

/// How many hashes are computed at once: each takes 19 MiB and a core.
const AT_ONCE: usize = 2;

/// Hashes and verifies passwords off the asynchronous threads.
#[derive(Clone)]
pub struct PasswordHasher {
    random: Arc<dyn Random>,
    slots: Arc<Semaphore>,
    /// A hash of nothing anybody knows, for accounts that are not there.
    decoy: Arc<std::sync::OnceLock<String>>,
}

impl PasswordHasher {
    /// A hasher whose salts come from `random`.
    #[must_use]
    pub fn new(random: Arc<dyn Random>) -> Self {
        Self { random, slots: Arc::new(Semaphore::new(AT_ONCE)), decoy: Arc::default() }
    }

    /// The PHC string of a password under a new salt.
    pub async fn hash(&self, password: &str) -> Result<String, StoreError> {
        let (hasher, password) = (self.clone(), password.to_owned());
        let _slot = self.slot().await?;
        blocking("hash password", move || hasher.hash_now(password.as_bytes())).await?
    }

    /// Whether a password is the hash's. Without a hash (no such account) it takes the same time and is `false`.
    pub async fn verify(&self, password: &str, hash: Option<String>) -> Result<bool, StoreError> {
        let (hasher, password) = (self.clone(), password.to_owned());
        let _slot = self.slot().await?;
        blocking("verify password", move || {
            let known = hash.is_some();
            let hash = match hash {
                Some(hash) => hash,
                None => hasher.decoy()?,
            };
            let matches = argon2()?.verify_password(password.as_bytes(), hash.as_str()).is_ok();
            Ok(matches && known)
        })
        .await?
    }

    async fn slot(&self) -> Result<tokio::sync::SemaphorePermit<'_>, StoreError> {
        self.slots.acquire().await.map_err(|error| failed("wait for a hashing slot")(error.into()))
    }

    fn hash_now(&self, password: &[u8]) -> Result<String, StoreError> {
        let mut salt = [0; 16];
        self.random.fill(&mut salt);
        let hash = argon2()?
            .hash_password_with_salt(password, &salt)
            .map_err(|error| failed("hash password")(error.to_string().into()))?;
        Ok(hash.to_string())
    }

    fn decoy(&self) -> Result<String, StoreError> {
        if let Some(decoy) = self.decoy.get() {
            return Ok(decoy.clone());
        }
        let mut secret = [0; 32];
        self.random.fill(&mut secret);
        let decoy = self.hash_now(&secret)?;
        Ok(self.decoy.get_or_init(|| decoy).clone())
    }

    /// Makes the decoy now, so that the first unknown user is not told apart by the time it takes.
    pub async fn warm_up(&self) -> Result<(), StoreError> {
        self.verify("", None).await.map(|_| ())
    }
}

fn argon2() -> Result<Argon2<'static>, StoreError> {
    let params =
        Params::new(19 * 1024, 2, 1, None).map_err(|error| failed("set up argon2")(error.to_string().into()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn failed(operation: &'static str) -> impl Fn(Box<dyn std::error::Error + Send + Sync>) -> StoreError {
    move |error| StoreError::new(StoreErrorKind::Internal, "passwords", operation, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting(std::sync::atomic::AtomicU8);

    impl Random for Counting {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        }
    }

    #[tokio::test]
    async fn a_hash_holds_for_its_password_alone_and_says_its_parameters() {
        let hasher = PasswordHasher::new(Arc::new(Counting(0.into())));
        let hash = hasher.hash("correct horse").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(hasher.verify("correct horse", Some(hash.clone())).await.unwrap());
        assert!(!hasher.verify("correct horsf", Some(hash.clone())).await.unwrap());
        assert_ne!(hash, hasher.hash("correct horse").await.unwrap(), "salts differ");
    }

    #[tokio::test]
    async fn without_an_account_nothing_verifies() {
        let hasher = PasswordHasher::new(Arc::new(Counting(0.into())));
        hasher.warm_up().await.unwrap();
        assert!(!hasher.verify("", None).await.unwrap());
    }
}
