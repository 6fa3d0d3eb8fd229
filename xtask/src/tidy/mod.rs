//! Rules that matter and that no compiler checks. All breaches are listed at once.

mod documents;
mod files;
mod layers;

use anyhow::bail;
use cargo_metadata::MetadataCommand;
use test_services::shell::root;

pub(crate) fn run() -> anyhow::Result<()> {
    let metadata =
        MetadataCommand::new().current_dir(root()).other_options(["--locked".to_owned()]).exec()?;
    let mut breaches = layers::check(&metadata);
    breaches.extend(files::check(&metadata)?);
    breaches.extend(documents::check(&metadata)?);
    for breach in &breaches {
        eprintln!("tidy: {breach}");
    }
    match breaches.len() {
        0 => Ok(()),
        count => bail!("{count} rules are broken"),
    }
}
