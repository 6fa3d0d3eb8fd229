//! `manage allocate`: the allocation by itself.

use std::path::Path;

use anyhow::Context;

use crate::input::text_of;

/// Reads a snapshot (`-` for standard input) and returns its allocation.
///
/// # Errors
/// Where it cannot be read or is no snapshot.
pub fn allocate(snapshot: &Path) -> anyhow::Result<String> {
    charging::allocation::allocate_json(&text_of(snapshot)?).context("the snapshot cannot be used")
}
