//! Dependencies point one way: kernel ← domain ← infrastructure ← runtime ← apps.

use cargo_metadata::{DependencyKind, Metadata};

/// Domain crates and the other domains each may see. Anything else goes by event.
const DOMAINS: &[(&str, &[&str])] = &[
    ("access", &[]),
    ("depot", &[]),
    ("charge-point", &[]),
    ("vehicle", &[]),
    ("transaction", &[]),
    ("priority", &[]),
    ("resource-group", &[]),
    ("notification", &[]),
    ("dispatch", &["depot", "vehicle"]),
    ("charging", &["depot", "charge-point", "vehicle", "transaction", "priority", "dispatch"]),
    ("connect-router", &["charge-point", "transaction", "vehicle"]),
    ("message-log", &[]),
    ("report", &[]),
    ("chart", &["depot"]),
];

/// What a domain must stay ignorant of: stores, servers, runtimes.
const HEAVY: &[&str] = &[
    "aws-config",
    "aws-sdk-dynamodb",
    "aws-sdk-s3",
    "axum",
    "deadpool-redis",
    "hyper",
    "rdkafka",
    "reqwest",
    "sea-orm",
    "sea-orm-migration",
    "sqlx",
    "tokio",
    "tower",
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Layer {
    Kernel,
    Domain,
    Migration,
    Infra,
    HttpKit,
    Runtime,
    App,
    /// Test support and tasks: seen by no server.
    Tool,
}

fn layer(name: &str) -> Option<Layer> {
    Some(match name {
        "kernel" => Layer::Kernel,
        "migration" => Layer::Migration,
        "http-kit" => Layer::HttpKit,
        "runtime" => Layer::Runtime,
        "bench" | "night" | "testkit" | "test-services" | "xtask" => Layer::Tool,
        "api-internal" | "api-public" | "connect" | "worker" | "manage" | "depot-sim" => Layer::App,
        name if name.starts_with("infra-") => Layer::Infra,
        name if DOMAINS.iter().any(|(domain, _)| *domain == name) => Layer::Domain,
        _ => return None,
    })
}

pub(super) fn check(metadata: &Metadata) -> Vec<String> {
    let mut breaches = Vec::new();
    for package in metadata.workspace_packages() {
        let name = package.name.as_str();
        let Some(own) = layer(name) else {
            breaches.push(format!("crate `{name}` has no layer: name it in xtask/src/tidy/layers.rs"));
            continue;
        };
        let normal =
            package.dependencies.iter().filter(|dependency| dependency.kind == DependencyKind::Normal);
        for dependency in normal {
            let allowed = match layer(&dependency.name) {
                Some(other) => may_see(name, own, &dependency.name, other),
                None => {
                    !(matches!(own, Layer::Kernel | Layer::Domain)
                        && HEAVY.contains(&dependency.name.as_str()))
                }
            };
            if !allowed {
                breaches.push(format!("crate `{name}` must not depend on `{}`", dependency.name));
            }
        }
    }
    breaches
}

fn may_see(name: &str, own: Layer, other_name: &str, other: Layer) -> bool {
    match own {
        Layer::Kernel | Layer::Migration => false,
        Layer::Domain => match other {
            Layer::Kernel => true,
            Layer::Domain => {
                DOMAINS.iter().any(|(domain, seen)| *domain == name && seen.contains(&other_name))
            }
            _ => false,
        },
        Layer::Infra => matches!(other, Layer::Kernel | Layer::Domain | Layer::Migration),
        Layer::HttpKit => other == Layer::Kernel,
        Layer::Runtime => matches!(other, Layer::Kernel | Layer::Domain | Layer::Migration | Layer::Infra),
        Layer::App => match other {
            Layer::Kernel | Layer::Domain | Layer::HttpKit | Layer::Runtime => true,
            // One app puts the others into one process.
            Layer::App => name == "manage",
            _ => false,
        },
        Layer::Tool => true,
    }
}
