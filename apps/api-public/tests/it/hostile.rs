//! Clients that mean harm, over a real socket: refused early, with little memory.

use std::{net::SocketAddr, time::Duration};

use http_kit::serve;
use kernel::Permission;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::app::{OURS, TestApp};

/// A server on a socket, and the head of a request with a good key.
async fn server() -> (SocketAddr, String, DropGuard) {
    let app = TestApp::start().await;
    let key = app.partner(OURS, Permission::ALL, None).await.bearer().to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, stopping) = (listener.local_addr().unwrap(), CancellationToken::new());
    let router = app.router();
    tokio::spawn({
        let stopping = stopping.clone();
        async move {
            serve(listener, router, stopping).await;
            drop(app);
        }
    });
    let head = format!(
        "POST /v1/vehicles HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\ncontent-type: application/json\r\n"
    );
    (address, head, stopping.drop_guard())
}

/// Sends all of it, or as much as is taken, and reads the first line of the answer.
async fn status(address: SocketAddr, request: impl AsRef<[u8]>) -> String {
    let mut socket = TcpStream::connect(address).await.unwrap();
    let _ = socket.write_all(request.as_ref()).await;
    let mut answer = Vec::new();
    let mut buffer = [0; 4_096];
    while !answer.contains(&b'\n') {
        match socket.read(&mut buffer).await {
            Ok(0) | Err(_) => break,
            Ok(read) => answer.extend_from_slice(&buffer[..read]),
        }
    }
    let line = answer.split(|byte| *byte == b'\r').next().unwrap_or_default();
    String::from_utf8_lossy(line).replace("HTTP/1.1 ", "")
}

#[tokio::test]
async fn a_giant_head_is_refused() {
    let (address, head, _stop) = server().await;
    let giant = format!("{head}x-giant: {}\r\n\r\n", "x".repeat(8 * 1024 * 1024));
    assert_eq!(status(address, giant).await, "431 Request Header Fields Too Large");
    let many = format!("{head}{}\r\n", "x-many: 1\r\n".repeat(10_000));
    assert_eq!(status(address, many).await, "431 Request Header Fields Too Large");
    let long = format!("GET /v1/vehicles?{} HTTP/1.1\r\nhost: x\r\n\r\n", "x".repeat(8 * 1024 * 1024));
    assert!(
        ["414 URI Too Long", "431 Request Header Fields Too Large"].contains(&&*status(address, long).await)
    );
}

#[tokio::test]
async fn a_giant_body_is_refused_before_it_is_read_and_cut_off_where_it_lies() {
    let (address, head, _stop) = server().await;
    let announced = format!("{head}content-length: {}\r\n\r\n", 1_u64 << 40);
    assert_eq!(status(address, announced).await, "413 Payload Too Large");
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(65_536));
    let endless = format!("{head}transfer-encoding: chunked\r\n\r\n{}", chunk.repeat(200));
    assert_eq!(status(address, endless).await, "413 Payload Too Large");
}

#[tokio::test]
async fn what_is_compressed_is_not_unpacked() {
    let (address, head, _stop) = server().await;
    // The beginning of a gzip stream: it is not looked into.
    let bomb = [&b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"[..], &[0; 1_000]].concat();
    let head = format!("{head}content-encoding: gzip\r\ncontent-length: {}\r\n\r\n", bomb.len());
    assert_eq!(status(address, [head.as_bytes(), &bomb].concat()).await, "415 Unsupported Media Type");
}

#[tokio::test]
async fn json_that_is_deep_is_refused() {
    let (address, head, _stop) = server().await;
    let deep = format!("{{\"fleet_number\": {}{}}}", "[".repeat(200_000), "]".repeat(200_000));
    let request = format!("{head}content-length: {}\r\n\r\n{deep}", deep.len());
    let answer = status(address, request).await;
    assert!(answer.starts_with("400") || answer.starts_with("422"), "{answer}");
}

#[tokio::test]
async fn who_sends_a_head_drop_by_drop_is_cut_off_and_keeps_nobody_waiting() {
    let (address, head, _stop) = server().await;
    let mut slow = Vec::new();
    for _ in 0..200 {
        let mut socket = TcpStream::connect(address).await.unwrap();
        socket.write_all(b"GET /v1/vehicles HTTP/1.1\r\nx-slow: ").await.unwrap();
        slow.push(socket);
    }
    let whole = head.replacen("POST", "GET", 1) + "\r\n";
    assert_eq!(status(address, whole).await, "200 OK", "others are served");
    // The real clock would take half a minute; only the one who stalls waits for it.
    tokio::time::pause();
    for mut socket in slow {
        let mut rest = Vec::new();
        let ended = tokio::time::timeout(Duration::from_secs(40), socket.read_to_end(&mut rest)).await;
        assert!(ended.is_ok(), "cut off");
    }
}
