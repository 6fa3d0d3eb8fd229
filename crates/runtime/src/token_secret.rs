//! The secret that signs access tokens: configured, or made once and kept beside the data.

use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Write as _},
    path::Path,
};

use anyhow::Context;
use kernel::IdSource;

use crate::config::Config;

const FILE: &str = "token-secret";
const BYTES: usize = 48;

/// # Errors
/// Where the file can neither be read nor made.
pub(crate) fn token_secret(config: &Config, ids: &dyn IdSource) -> anyhow::Result<Vec<u8>> {
    if !config.auth.token_secret.is_empty() {
        return Ok(config.auth.token_secret.expose().as_bytes().to_vec());
    }
    let path = config.data_dir.join(FILE);
    match fs::read(&path) {
        Ok(secret) => Ok(secret),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            make(&config.data_dir, &path, ids).with_context(|| format!("{} cannot be made", path.display()))
        }
        Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
    }
}

/// Writes the file aside and links it into place: of several processes that start at once, all use
/// the secret of the first, and none sees half of it.
fn make(folder: &Path, path: &Path, ids: &dyn IdSource) -> anyhow::Result<Vec<u8>> {
    fs::create_dir_all(folder)?;
    let mut secret = vec![0; BYTES];
    ids.secret(&mut secret);
    let aside = folder.join(format!("{FILE}-{}", ids.uuid()));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&aside)?;
    file.write_all(&secret)?;
    file.sync_all()?;
    let linked = fs::hard_link(&aside, path);
    fs::remove_file(&aside)?;
    match linked {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(fs::read(path)?),
        outcome => Ok(outcome.map(|()| secret)?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ambient::SystemIds, config::Secret};

    #[test]
    fn a_secret_is_made_once_and_a_configured_one_counts() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config { data_dir: folder.path().join("var"), ..Config::default() };
        let first = token_secret(&config, &SystemIds).unwrap();
        assert_eq!((first.len(), token_secret(&config, &SystemIds).unwrap()), (BYTES, first.clone()));
        let late = make(&config.data_dir, &config.data_dir.join(FILE), &SystemIds).unwrap();
        assert_eq!(late, first);
        assert_eq!(fs::read_dir(&config.data_dir).unwrap().count(), 1);

        config.auth.token_secret = Secret::new("x".repeat(32));
        assert_eq!(token_secret(&config, &SystemIds).unwrap(), "x".repeat(32).as_bytes());
    }
}
