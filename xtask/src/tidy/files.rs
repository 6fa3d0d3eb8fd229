//! The shape of source files: each says what it is, and none grows past reading.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use cargo_metadata::Metadata;

/// The habit is about 400 lines; past this a file holds more than one idea.
const LONGEST: usize = 500;

pub(super) fn check(metadata: &Metadata) -> anyhow::Result<Vec<String>> {
    let mut breaches = Vec::new();
    for file in sources(metadata)? {
        let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        let shown = file.strip_prefix(&metadata.workspace_root).unwrap_or(&file).display();
        if !text.starts_with("//!") {
            breaches.push(format!("{shown} does not open with `//!`: say what it is and why it exists"));
        }
        let lines = text.lines().count();
        if lines > LONGEST {
            breaches.push(format!("{shown} has {lines} lines, {LONGEST} at most: one idea a file"));
        }
    }
    Ok(breaches)
}

/// Every source file of ours.
pub(super) fn sources(metadata: &Metadata) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for package in metadata.workspace_packages() {
        let folder = package.manifest_path.parent().context("a manifest lies in a folder")?;
        for part in ["src", "tests", "examples", "benches"] {
            collect(folder.join(part).as_std_path(), &mut files)?;
        }
    }
    Ok(files)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}
