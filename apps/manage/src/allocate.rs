//! `manage allocate`: the allocation by itself.

use std::{fs, io::Read, path::Path};

use anyhow::Context;

/// Reads a snapshot (`-` for standard input) and returns its allocation.
///
/// # Errors
/// Where it cannot be read or is no snapshot.
pub fn allocate(snapshot: &Path) -> anyhow::Result<String> {
    let text = if snapshot == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).context("standard input cannot be read")?;
        text
    } else {
        fs::read_to_string(snapshot).with_context(|| format!("{} cannot be read", snapshot.display()))?
    };
    charging::allocation::allocate_json(&text).context("the snapshot cannot be used")
}
