//! Accepting connections until told to stop, then finishing what was begun.

use std::{sync::Arc, time::Duration};

use axum::{Router, serve::Listener};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::extract::Peer;

/// Connections at once; more wait to be accepted.
const MOST_CONNECTIONS: usize = 10_000;
/// How long a caller may take to send the head of a request.
const HEAD_WITHIN: Duration = Duration::from_secs(30);

/// Serves until `stopping` is cancelled, then waits for the requests that are being answered.
/// Whoever waits for this sets the deadline.
pub async fn serve(mut listener: TcpListener, router: Router, stopping: CancellationToken) {
    let turns = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let connections = TaskTracker::new();
    while let Some((stream, peer, turn)) = stopping.run_until_cancelled(next(&mut listener, &turns)).await {
        let (router, stopping) = (router.clone(), stopping.clone());
        connections.spawn(async move {
            converse(stream, peer, router, stopping).await;
            drop(turn);
        });
    }
    drop(listener);
    connections.close();
    connections.wait().await;
}

/// The next connection, once there is room for it.
async fn next(
    listener: &mut TcpListener,
    turns: &Arc<Semaphore>,
) -> (TcpStream, Peer, Option<OwnedSemaphorePermit>) {
    let turn = turns.clone().acquire_owned().await.ok();
    let (stream, address) = Listener::accept(listener).await;
    (stream, Peer(Some(address.ip().to_canonical())), turn)
}

/// Answers the requests of one connection.
async fn converse(stream: TcpStream, peer: Peer, router: Router, stopping: CancellationToken) {
    // Small answers must not wait for more to send.
    let _ = stream.set_nodelay(true);
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_WITHIN);
    let service = TowerToHyperService::new(router);
    let service = hyper::service::service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(peer);
        hyper::service::Service::call(&service, request)
    });
    let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = stopping.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(error, "a connection broke off");
    }
}
