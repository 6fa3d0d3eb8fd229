//! `manage plan`: the plan by itself.

use std::path::Path;

use anyhow::Context;

use crate::input::text_of;

/// Reads a planning problem (`-` for standard input) and returns its plan.
///
/// # Errors
/// Where it cannot be read or is no problem; never because too much is asked for.
pub fn plan(problem: &Path) -> anyhow::Result<String> {
    charging::plan::plan_json(&text_of(problem)?).context("the problem cannot be used")
}
