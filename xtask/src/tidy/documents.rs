//! What operators and consumers rely on is written down: every metric and setting in
//! `docs/OPERATIONS.md`, every event in `docs/EVENTS.md`.

use std::fs;

use anyhow::Context;
use cargo_metadata::Metadata;

use super::files::sources;

pub(super) fn check(metadata: &Metadata) -> anyhow::Result<Vec<String>> {
    let root = metadata.workspace_root.as_std_path();
    let read = |name: &str| fs::read_to_string(root.join(name)).with_context(|| name.to_owned());
    let (operations, events) = (read("docs/OPERATIONS.md")?, read("docs/EVENTS.md")?);
    let mut breaches = Vec::new();
    let mut require = |name: &str, document: &str, text: &str| {
        let breach = format!("`{name}` is not described in {document}");
        if !text.contains(&format!("`{name}`")) && !breaches.contains(&breach) {
            breaches.push(breach);
        }
    };
    for file in sources(metadata)? {
        if !file.components().any(|part| part.as_os_str() == "src") || file.starts_with(root.join("xtask")) {
            continue;
        }
        let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        for name in between(&text, "metrics::", "!(\"", "\"") {
            require(name, "docs/OPERATIONS.md", &operations);
        }
        for name in between(&text, "", "\"manage.", "\"").filter(|name| name.ends_with(".v1")) {
            let name = format!("manage.{name}");
            if !name.starts_with("manage.test.") {
                require(&name, "docs/EVENTS.md", &events);
            }
        }
    }
    let sections = read("crates/runtime/src/config/sections.rs")?;
    for line in sections.lines().filter_map(|line| line.strip_prefix("    pub ")) {
        if let Some((key, _)) = line.split_once(':').filter(|(key, _)| !key.contains(' ')) {
            require(key, "docs/OPERATIONS.md", &operations);
        }
    }
    Ok(breaches)
}

/// What stands between `open` and `close`, on lines where `open` comes after `mark`.
fn between<'a>(text: &'a str, mark: &'a str, open: &'a str, close: &'a str) -> impl Iterator<Item = &'a str> {
    text.lines().filter_map(move |line| {
        let (_, rest) = line.split_once(mark)?;
        let (_, rest) = rest.split_once(open)?;
        rest.split_once(close).map(|(found, _)| found)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_where_they_are_used() {
        let text =
            "metrics::counter!(\"a_total\", \"why\" => why);\nlet x = \"manage.b.c.v1\";\nother!(\"d\")";
        assert_eq!(between(text, "metrics::", "!(\"", "\"").collect::<Vec<_>>(), ["a_total"]);
        assert_eq!(between(text, "", "\"manage.", "\"").collect::<Vec<_>>(), ["b.c.v1"]);
    }
}
