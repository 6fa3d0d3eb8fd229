//! Pages of a long audit trail, by every filter it has, beside pages of vehicles in the same run: how many
//! a second over HTTP, and how long each takes.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, ensure};
use clap::Args;
use futures::future::try_join_all;
use http_body_util::{BodyExt, Empty};
use hyper::{Request, body::Bytes, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use kernel::OrganisationId;
use reqwest::Method;
use serde_json::json;
use testkit::trail;
use tokio::{net::TcpStream, time::Instant};

use crate::product::{Mode, Operator, PASSWORD, Product};

#[derive(Args)]
pub(crate) struct Arguments {
    /// One set of stores only.
    #[arg(long)]
    mode: Option<Mode>,
    /// For how long each page is asked for.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Requests at once, each on a connection of its own.
    #[arg(long, default_value_t = 16)]
    connections: usize,
    #[arg(long, default_value_t = 1_000)]
    vehicles: usize,
}

pub(crate) async fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let modes = arguments.mode.map_or(vec![Mode::Postgres, Mode::Sqlite], |mode| vec![mode]);
    for mode in modes {
        println!(
            "\n{mode:?}: {} audit entries, {} vehicles, pages of 100",
            trail::ENTRIES,
            arguments.vehicles
        );
        measure(arguments, mode).await?;
    }
    Ok(())
}

async fn measure(arguments: &Arguments, mode: Mode) -> anyhow::Result<()> {
    let product = Product::start(mode).await?;
    let (operator, address) = (product.operator().await?, product.internal()?);
    for number in 0..arguments.vehicles {
        let bus = json!({"fleet_number": number.to_string(), "battery_kwh": 250, "max_dc_kw": 150});
        operator.ask(Method::POST, "/vehicles", Some(bus)).await?;
    }
    let me = operator.ask(Method::GET, "/me", None).await?;
    let organisation: OrganisationId =
        me["organisation"]["id"].as_str().context("no organisation")?.parse()?;
    trail::fill(&product.database(), organisation).await?.close().await?;
    let limited = limited(&operator, address.clone()).await?;

    let some = "00000000-0000-0000-0000-000000000007";
    let deep = operator.ask(Method::GET, "/admin/audit?limit=500&to=2026-01-02T00:00:00Z", None).await?;
    let deep = deep["next_cursor"].as_str().context("no next page")?;
    let pages = [
        ("vehicles", &operator, "/vehicles?limit=100".to_owned()),
        ("audit, the newest", &operator, "/admin/audit?limit=100".to_owned()),
        ("audit, deep in it", &operator, format!("/admin/audit?limit=100&cursor={deep}")),
        ("  by resource", &operator, "/admin/audit?limit=100&resource=vehicle".to_owned()),
        ("  by resource_id", &operator, format!("/admin/audit?limit=100&resource_id={some}")),
        ("  by actor_id", &operator, format!("/admin/audit?limit=100&actor_id={some}")),
        ("  by verb", &operator, "/admin/audit?limit=100&verb=sign_in".to_owned()),
        ("  by request_id", &operator, "/admin/audit?limit=100&request_id=r-777".to_owned()),
        (
            "  by time",
            &operator,
            "/admin/audit?limit=100&from=2026-01-01T05:00:00Z&to=2026-01-01T06:00:00Z".to_owned(),
        ),
        ("  by text, often there", &operator, "/admin/audit?limit=100&text=articulated".to_owned()),
        ("  by text, once there", &operator, "/admin/audit?limit=100&text=m-vb%2077777".to_owned()),
        ("audit, of one group", &limited, "/admin/audit?limit=100".to_owned()),
    ];
    println!(
        "{:<24}{:>12}{:>10}{:>10}{:>10}{:>14}",
        "page", "requests/s", "p50 ms", "p99 ms", "KiB", "of vehicles"
    );
    let mut vehicles = None;
    for (name, caller, path) in pages {
        let seen = load(arguments, &address, &caller.token, &path).await?;
        let of_vehicles = seen.each_second / *vehicles.get_or_insert(seen.each_second);
        println!(
            "{name:<24}{:>12.0}{:>10.2}{:>10.2}{:>10.1}{:>14.2}",
            seen.each_second, seen.p50, seen.p99, seen.kib, of_vehicles
        );
    }
    Ok(())
}

/// Somebody who reads the trail within a group that holds a tenth of the vehicles.
async fn limited(operator: &Operator, address: String) -> anyhow::Result<Operator> {
    let some = operator.ask(Method::GET, "/vehicles?limit=100", None).await?;
    let some = some["items"].as_array().context("no vehicles")?;
    let members: Vec<_> = some.iter().map(|bus| json!({"type": "vehicle", "id": bus["id"]})).collect();
    let group = json!({"name": "Some", "members": members});
    let group = operator.ask(Method::POST, "/resource-groups", Some(group)).await?;
    let role = json!({"name": "auditor", "permissions": ["audit:read"]});
    let role = operator.ask(Method::POST, "/admin/roles", Some(role)).await?;
    let grants = json!([{"role_id": role["id"], "resource_group_id": group["id"]}]);
    let email = "auditor@example.com";
    let user = json!({"email": email, "display_name": "A", "password": PASSWORD, "grants": grants});
    operator.ask(Method::POST, "/admin/users", Some(user)).await?;
    Operator::sign_in(address, email).await
}

struct Seen {
    each_second: f64,
    /// Milliseconds.
    p50: f64,
    p99: f64,
    /// Of one answer.
    kib: f64,
}

/// Asks for a page over and over.
async fn load(arguments: &Arguments, address: &str, token: &str, path: &str) -> anyhow::Result<Seen> {
    let until = Instant::now() + Duration::from_secs(arguments.seconds);
    let (address, token, path): (Arc<str>, Arc<str>, Arc<str>) = (address.into(), token.into(), path.into());
    let begun = Instant::now();
    let asking = (0..arguments.connections)
        .map(|_| tokio::spawn(ask(address.clone(), token.clone(), path.clone(), until)));
    let (mut waits, mut bytes) = (Vec::new(), 0);
    for asked in try_join_all(asking).await? {
        let (some, size) = asked?;
        waits.extend(some);
        bytes = size;
    }
    let seconds = begun.elapsed().as_secs_f64();
    waits.sort_unstable();
    let at =
        |part: usize| waits.get(waits.len() * part / 100).map_or(0.0, |wait| wait.as_secs_f64() * 1_000.0);
    Ok(Seen {
        each_second: waits.len() as f64 / seconds,
        p50: at(50),
        p99: at(99),
        kib: bytes as f64 / 1_024.0,
    })
}

/// One connection: how long each answer took, and how large the last was.
async fn ask(
    address: Arc<str>,
    token: Arc<str>,
    path: Arc<str>,
    until: Instant,
) -> anyhow::Result<(Vec<Duration>, usize)> {
    let stream = TcpStream::connect(&*address).await?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let (mut waits, mut bytes) = (Vec::new(), 0);
    while Instant::now() < until {
        let request = Request::get(format!("/api/v1{path}"))
            .header(header::HOST, &*address)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(Empty::<Bytes>::new())?;
        let begun = Instant::now();
        sender.ready().await?;
        let answer = sender.send_request(request).await?;
        let status = answer.status();
        bytes = answer.into_body().collect().await?.to_bytes().len();
        ensure!(status.is_success(), "{path}: {status}");
        waits.push(begun.elapsed());
    }
    Ok((waits, bytes))
}
