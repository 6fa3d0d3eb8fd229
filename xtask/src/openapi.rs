//! The OpenAPI documents as files, so that a change of a surface shows in review.

use std::fs;

use anyhow::Context;

use test_services::shell::{cargo, output, root};

pub(crate) fn write() -> anyhow::Result<()> {
    for server in ["internal", "public"] {
        let document = output(cargo().args(["run", "--quiet", "-p", "manage", "--", "openapi", server]))?;
        let path = root().join("docs/openapi").join(format!("{server}.json"));
        fs::create_dir_all(path.with_file_name("")).context("docs/openapi")?;
        fs::write(&path, document).with_context(|| path.display().to_string())?;
        eprintln!("wrote {}", path.display());
    }
    Ok(())
}
