//! The program itself.

use std::process::Command;

fn worker(arguments: &[&str], settings: &[(&str, &str)]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_worker"))
        .args(arguments)
        .envs(settings.iter().copied())
        .output()
        .expect("the program can be started");
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn it_says_what_it_is() {
    let (code, said) = worker(&["--help"], &[]);
    assert_eq!(code, Some(0));
    assert!(said.contains("--config") && said.contains("controls depots"), "{said}");
}

#[test]
fn a_configuration_that_cannot_be_used_is_refused_before_anything_starts() {
    let (code, said) = worker(&["--config", "/no/such/file.toml"], &[]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("/no/such/file.toml"), "{said}");
    // Several processes need stores that they share.
    let (code, said) = worker(&[], &[("MANAGE_EVENTS__URL", "kafka://127.0.0.1:1")]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("database.url"), "{said}");
}
