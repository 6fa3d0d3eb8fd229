//! The programs that `docs/public-api` gives to partners, over signatures of ours.

use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
    time::{SystemTime, UNIX_EPOCH},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use infra_outbound::signature;

const KEY: &[u8] = b"a secret of twenty-four!";
const BODY: &str = r#"{"type": "manage.transaction.started.v1", "data": {"name": "Größe"}}"#;

/// How a program is started, where the language is there.
fn program(language: &str, file: &str) -> Option<Command> {
    let there = Command::new(language).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    let mut command = there.is_ok_and(|status| status.success()).then(|| Command::new(language))?;
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/public-api/verify").join(file));
    Some(command)
}

/// Whether the program takes a message, and what it prints.
fn takes(mut program: Command, timestamp: i64, signatures: &str, body: &str) -> (bool, String) {
    let secret = format!("whsec_{}", STANDARD.encode(KEY));
    program.args([&secret, "msg_1", &timestamp.to_string(), signatures]);
    let mut child =
        program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(body.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    (output.status.success(), String::from_utf8(output.stdout).unwrap())
}

#[expect(clippy::disallowed_methods, reason = "the programs look at the machine's clock")]
fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

fn verifies(language: &str, file: &str) {
    let Some(_) = program(language, file) else {
        assert_ne!(language, "python3", "python3 comes with every system that runs these tests");
        return;
    };
    let ask = |timestamp, signatures: &str, body: &str| {
        takes(program(language, file).unwrap(), timestamp, signatures, body)
    };
    let (now, old) = (now(), now() - 600);
    let good = signature(KEY, "msg_1", now, BODY);
    let (taken, printed) = ask(now, &good, BODY);
    assert!(taken && printed.contains("manage.transaction.started.v1"), "{file}: {printed}");
    let other = signature(b"another secret", "msg_1", now, BODY);
    assert!(ask(now, &format!("{other} {good}"), BODY).0, "{file}: one of two secrets");
    assert!(!ask(now, &other, BODY).0, "{file}: a foreign secret");
    assert!(!ask(now, &good, &BODY.replace("started", "stopped")).0, "{file}: another body");
    assert!(!ask(now, &signature(KEY, "msg_2", now, BODY), BODY).0, "{file}: another message");
    assert!(!ask(old, &signature(KEY, "msg_1", old, BODY), BODY).0, "{file}: an old message");
}

#[test]
fn the_program_in_python_verifies() {
    verifies("python3", "verify.py");
}

#[test]
fn the_program_in_javascript_verifies() {
    verifies("node", "verify.mjs");
}

#[test]
fn the_program_in_java_verifies() {
    verifies("java", "Verify.java");
}
