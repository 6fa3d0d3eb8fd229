//! What the commands without a database read: one file, or standard input.

use std::{fs, io::Read, path::Path};

use anyhow::Context;

/// The text of a file; `-` is standard input.
pub(crate) fn text_of(file: &Path) -> anyhow::Result<String> {
    if file != Path::new("-") {
        return fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()));
    }
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).context("standard input cannot be read")?;
    Ok(text)
}
