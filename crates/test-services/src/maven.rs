//! Published jars with all they need, downloaded once on this machine.

use std::{fs, path::PathBuf, process::Command};

use anyhow::Context;

use crate::{
    cache,
    shell::{command, install, run_quietly, succeeds},
};

/// A folder with an artifact's jars.
pub(crate) fn jars(group: &str, artifact: &str, version: &str) -> anyhow::Result<PathBuf> {
    let folder = cache(&format!("{artifact}-{version}"))?;
    let (jars, whole) = (folder.join("libs"), folder.join("complete"));
    if !succeeds(command("java").arg("-version")) {
        install(&["openjdk-17-jre-headless"])?;
    }
    if whole.exists() {
        return Ok(jars);
    }
    if !succeeds(command("mvn").arg("--version")) {
        install(&["maven"])?;
    }
    let project = format!(
        r#"<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>manage-core</groupId><artifactId>test-services</artifactId><version>1</version><dependencies>
<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId><version>{version}</version></dependency>
</dependencies></project>"#
    );
    fs::write(folder.join("pom.xml"), project).with_context(|| folder.display().to_string())?;
    let mut copy = command("mvn");
    copy.current_dir(&folder).args(["-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=libs"]);
    run_quietly(&mut copy).with_context(|| format!("{artifact} from Maven Central"))?;
    fs::write(&whole, "").with_context(|| whole.display().to_string())?;
    Ok(jars)
}

/// A small Java machine that starts fast, with these jars.
pub(crate) fn java(jars: &std::path::Path, heap: &str, class: &str) -> Command {
    let mut java = command("java");
    java.args([heap, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]);
    java.arg(format!("-Djava.library.path={}", jars.display()));
    java.arg("-cp").arg(jars.join("*")).arg(class);
    java
}
