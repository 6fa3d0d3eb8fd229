//! What the servers say about themselves is what was reviewed.

use manage::openapi::{Server, document};

#[test]
fn the_documents_are_the_reviewed_ones() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi");
    for (server, name) in [(Server::Internal, "internal"), (Server::Public, "public")] {
        let reviewed = std::fs::read_to_string(format!("{folder}/{name}.json")).unwrap_or_default();
        assert!(
            document(server).unwrap() == reviewed,
            "docs/openapi/{name}.json is not what the server serves: run `cargo xtask openapi` and review it"
        );
    }
}
