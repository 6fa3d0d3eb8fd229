//! Many sockets that do nothing but be there.

use std::{sync::Arc, time::Duration};

use clap::Args;
use futures::{SinkExt, StreamExt};
use tokio::{
    sync::Semaphore,
    time::{Instant, timeout},
};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use crate::product::{Mode, PREFIX, Product};

/// How long one attempt may take.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Args)]
pub(crate) struct Arguments {
    #[arg(long, default_value = "sqlite")]
    mode: Mode,
    #[arg(long, default_value_t = 10_000)]
    sockets: usize,
    /// Sockets that are being opened at once.
    #[arg(long, default_value_t = 1_000)]
    at_once: usize,
}

pub(crate) async fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let product = Product::start(arguments.mode).await?;
    let operator = product.operator().await?;
    operator.furnish(arguments.sockets).await?;
    let (before, endpoint) = (product.costs().ours, product.endpoint()?);
    let (turns, open) = (Arc::new(Semaphore::new(arguments.at_once)), Arc::new(Semaphore::new(0)));
    let begun = Instant::now();
    let sockets: Vec<_> = (0..arguments.sockets)
        .map(|index| tokio::spawn(hold(format!("{endpoint}/{PREFIX}-{index}"), turns.clone(), open.clone())))
        .collect();
    drop(open.acquire_many(u32::try_from(arguments.sockets)?).await?);
    println!("{} sockets open after {:.1} s", arguments.sockets, begun.elapsed().as_secs_f64());
    while operator.online().await? < arguments.sockets {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    println!("all known to be connected after {:.1} s", begun.elapsed().as_secs_f64());
    for ((name, before), (_, after)) in before.iter().zip(product.costs().ours) {
        println!(
            "  {name:<14}{:>7.2} s CPU  {} MiB, before {} MiB",
            after.since(before).seconds(),
            after.resident_bytes / 1_048_576,
            before.resident_bytes / 1_048_576
        );
    }
    for socket in sockets {
        socket.abort();
    }
    Ok(())
}

/// Connects until it is let in and heard, and stays.
async fn hold(endpoint: String, turns: Arc<Semaphore>, open: Arc<Semaphore>) -> anyhow::Result<()> {
    loop {
        let turn = turns.acquire().await?;
        let mut request = endpoint.clone().into_client_request()?;
        request.headers_mut().insert("sec-websocket-protocol", "ocpp1.6".parse()?);
        let attempt = timeout(PATIENCE, connect_async(request)).await;
        drop(turn);
        let Ok(Ok((mut socket, _))) = attempt else {
            tokio::time::sleep(Duration::from_millis(500)).await;
            continue;
        };
        socket.send(Message::Text(r#"[2,"1","Heartbeat",{}]"#.into())).await?;
        while let Some(Ok(message)) = socket.next().await {
            if message.to_text().is_ok_and(|text| text.starts_with(r#"[3,"1""#)) {
                open.add_permits(1);
            }
        }
        return Ok(());
    }
}
