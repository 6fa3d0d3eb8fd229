//! `manage migrate`: what servers find when they start.

use std::{
    path::Path,
    process::{Command, Output},
};

use runtime::{Backends, Config, config::Secret};

fn migrate(folder: &Path, documents: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_manage"))
        .arg("migrate")
        .current_dir(folder)
        .env("MANAGE_DATA_DIR", folder)
        .env("MANAGE_DATABASE__URL", format!("sqlite:{}", folder.join("manage.db").display()))
        .env("MANAGE_DOCUMENTS__URL", documents)
        .output()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tables_of_documents_are_made_and_found_again() {
    let Some(endpoint) = testkit::service("MANAGE_TEST_DYNAMODB_URL").unwrap() else { return };
    #[expect(clippy::disallowed_methods, reason = "a name that no other test process takes")]
    let name = uuid::Uuid::now_v7().simple();
    let documents = format!("dynamodb://test:test@local?endpoint={endpoint}&prefix=t{name}-");
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config { data_dir: folder.path().into(), ..Config::default() };
    config.database.url = Secret::new(format!("sqlite:{}", folder.path().join("other.db").display()));
    config.documents.url = Secret::new(documents.clone());
    let backends = Backends::open(&config).await.unwrap();
    assert!(backends.documents.check().await.is_err(), "there are no tables yet");
    for _ in 0..2 {
        let output = migrate(folder.path(), &documents);
        assert!(output.status.success(), "{output:?}");
        backends.documents.check().await.unwrap();
    }
}

#[test]
fn where_documents_are_away_it_fails_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    // Nobody is given a port below 1024 by chance.
    let output = migrate(folder.path(), "dynamodb://test:test@local?endpoint=http://127.0.0.1:9");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("the store of documents cannot be set up"), "{said}");
}
