//! Whether a server really answers, in the first words of its protocol.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

const PATIENCE: Duration = Duration::from_secs(1);

fn asked(port: u16, question: &[u8], answer: &mut [u8]) -> std::io::Result<()> {
    let mut stream = TcpStream::connect_timeout(&SocketAddr::from(([127, 0, 0, 1], port)), PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(question)?;
    stream.read_exact(answer)
}

/// Redis says `+PONG`.
pub(crate) fn redis(port: u16) -> bool {
    let mut answer = [0; 5];
    asked(port, b"PING\r\n", &mut answer).is_ok() && &answer == b"+PONG"
}

/// Kafka answers ApiVersions (key 18, version 0) with the correlation id it was given.
pub(crate) fn kafka(port: u16) -> bool {
    let question = [0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 77, 0xff, 0xff];
    let mut answer = [0; 8];
    asked(port, &question, &mut answer).is_ok() && answer[4..] == [0, 0, 0, 77]
}

/// A server of HTTP answers anything at all.
pub(crate) fn http(port: u16) -> bool {
    let mut answer = [0; 5];
    let question = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    asked(port, question, &mut answer).is_ok() && &answer == b"HTTP/"
}
