//! A mail server that keeps what it gets, as far as RFC 5321 is needed for that.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// One mail as it arrived.
#[derive(Clone, Debug, Default)]
pub struct Received {
    pub from: String,
    pub to: Vec<String>,
    pub data: String,
    /// What was said to sign in.
    pub auth: Option<String>,
}

#[derive(Clone)]
pub struct SmtpServer {
    pub address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
    /// What is answered to a recipient instead of 250.
    refusal: Arc<Mutex<Option<String>>>,
}

impl SmtpServer {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            received: Arc::default(),
            refusal: Arc::default(),
        };
        let accepting = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = accepting.clone();
                tokio::spawn(async move { server.converse(stream).await });
            }
        });
        server
    }

    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    pub fn refuse(&self, answer: Option<&str>) {
        *self.refusal.lock().unwrap() = answer.map(str::to_owned);
    }

    async fn converse(&self, stream: TcpStream) -> Option<()> {
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        let mut mail = Received::default();
        write.write_all(b"220 test ESMTP\r\n").await.ok()?;
        while let Some(line) = lines.next_line().await.ok()? {
            let command = line.to_ascii_uppercase();
            let answer = if command.starts_with("EHLO") {
                "250-test\r\n250-AUTH PLAIN\r\n250-8BITMIME\r\n250 SMTPUTF8".to_owned()
            } else if command.starts_with("AUTH PLAIN ") {
                mail.auth = Some(line["AUTH PLAIN ".len()..].to_owned());
                "235 welcome".to_owned()
            } else if command.starts_with("MAIL FROM:") {
                mail.from = between(&line);
                "250 ok".to_owned()
            } else if command.starts_with("RCPT TO:") {
                mail.to.push(between(&line));
                self.refusal.lock().unwrap().clone().unwrap_or_else(|| "250 ok".to_owned())
            } else if command == "DATA" {
                write.write_all(b"354 go on\r\n").await.ok()?;
                while let Some(line) = lines.next_line().await.ok()?.filter(|line| line != ".") {
                    mail.data.push_str(line.strip_prefix('.').unwrap_or(&line));
                    mail.data.push('\n');
                }
                self.received.lock().unwrap().push(mail.clone());
                "250 kept".to_owned()
            } else if command == "QUIT" {
                write.write_all(b"221 bye\r\n").await.ok()?;
                return Some(());
            } else {
                "250 ok".to_owned()
            };
            write.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
        }
        Some(())
    }
}

fn between(line: &str) -> String {
    let inner = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inner.map_or_else(String::new, |(address, _)| address.to_owned())
}
