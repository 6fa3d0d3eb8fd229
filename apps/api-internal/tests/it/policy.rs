//! Which ready-made role may do what: a table of all documented operations, each with the permission
//! it asks for first and the roles that give it. Whoever changes it sees it in the snapshot.

use std::fmt::Write;

use access::BuiltInRole;
use kernel::Permission;

use crate::{
    app::{OURS, TestApp},
    walk::{Ours, for_all, operations},
};

/// The permission that a refusal names.
fn asked(detail: &str) -> Option<Permission> {
    detail.split('`').nth(1)?.parse().ok()
}

#[tokio::test]
async fn the_policy_of_the_ready_made_roles() {
    let app = TestApp::start().await;
    let nobody = app.caller(OURS, &[]);
    let mut table = String::from("A administrator, O operator, D dispatcher, M maintenance, V viewer\n\n");
    for operation in operations(&Ours::of_nobody()) {
        let reply = operation.by(&nobody).await;
        let (needs, roles) = if for_all(operation.name).is_some() {
            ("(signed in)", "AODMV".to_owned())
        } else {
            let detail = reply.body["detail"].as_str().unwrap_or_default();
            assert_eq!(reply.status, 403, "{} asks nobody: {}", operation.name, reply.body);
            let needed = asked(detail).unwrap_or_else(|| panic!("{}: {detail}", operation.name));
            let letter = |role: BuiltInRole| {
                let letter = role.name()[..1].to_uppercase();
                if role.permissions().contains(&needed) { letter } else { "-".to_owned() }
            };
            (needed.as_str(), BuiltInRole::ALL.map(letter).concat())
        };
        writeln!(table, "{roles}  {needs:<22} {}", operation.name).unwrap();
    }
    insta::assert_snapshot!(table);
}
