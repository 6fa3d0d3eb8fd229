//! A mail server that keeps what it gets, as far as RFC 5321 is needed for that.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

/// One mail as it arrived.
#[derive(Clone, Debug, Default)]
pub struct Received {
    pub from: String,
    pub to: Vec<String>,
    pub data: String,
    /// What was said to sign in.
    pub auth: Option<String>,
    /// Whether nobody on the way could read it.
    pub encrypted: bool,
}

#[derive(Clone)]
pub struct SmtpServer {
    pub address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
    /// What is answered to a recipient instead of 250.
    refusal: Arc<Mutex<Option<String>>>,
    told: Arc<Mutex<bool>>,
}

/// When a server begins to encrypt.
#[derive(Clone)]
enum Encrypts {
    Never,
    FromTheBeginning(TlsAcceptor),
    WhenAsked(TlsAcceptor),
}

impl SmtpServer {
    pub async fn start() -> Self {
        Self::start_with(Encrypts::Never).await
    }

    pub async fn start_encrypted(acceptor: TlsAcceptor) -> Self {
        Self::start_with(Encrypts::FromTheBeginning(acceptor)).await
    }

    /// Offers STARTTLS, and takes no mail before.
    pub async fn start_encrypting(acceptor: TlsAcceptor) -> Self {
        Self::start_with(Encrypts::WhenAsked(acceptor)).await
    }

    async fn start_with(encrypts: Encrypts) -> Self {
        // Whichever address the machine's own name has first.
        let listener = TcpListener::bind("localhost:0").await.unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            received: Arc::default(),
            refusal: Arc::default(),
            told: Arc::default(),
        };
        let accepting = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (server, encrypts) = (accepting.clone(), encrypts.clone());
                tokio::spawn(async move { server.take(stream, encrypts).await });
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

    /// Whether anybody said name and password, in the clear or not.
    pub fn was_told_a_password(&self) -> bool {
        *self.told.lock().unwrap()
    }

    async fn take(&self, mut stream: TcpStream, encrypts: Encrypts) -> Option<()> {
        match encrypts {
            Encrypts::Never => {
                self.converse(BufReader::new(stream), Way::Plain).await?;
            }
            Encrypts::FromTheBeginning(acceptor) => {
                let stream = acceptor.accept(stream).await.ok()?;
                self.converse(BufReader::new(stream), Way::Encrypted { greeting: true }).await?;
            }
            Encrypts::WhenAsked(acceptor) => {
                let plain = self.converse(BufReader::new(&mut stream), Way::Offered).await?;
                if plain == Left::ToEncrypt {
                    let stream = acceptor.accept(stream).await.ok()?;
                    self.converse(BufReader::new(stream), Way::Encrypted { greeting: false }).await?;
                }
            }
        }
        Some(())
    }

    async fn converse<S>(&self, mut stream: BufReader<S>, way: Way) -> Option<Left>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut mail = Received { encrypted: matches!(way, Way::Encrypted { .. }), ..Received::default() };
        if !matches!(way, Way::Encrypted { greeting: false }) {
            stream.write_all(b"220 test ESMTP\r\n").await.ok()?;
        }
        while let Some(line) = line_of(&mut stream).await? {
            let command = line.to_ascii_uppercase();
            let answer = if command.starts_with("EHLO") {
                let offer = if way == Way::Offered { "250-STARTTLS\r\n" } else { "250-AUTH PLAIN\r\n" };
                format!("250-test\r\n{offer}250-8BITMIME\r\n250 SMTPUTF8")
            } else if command == "STARTTLS" && way == Way::Offered {
                stream.write_all(b"220 go on\r\n").await.ok()?;
                return Some(Left::ToEncrypt);
            } else if command.starts_with("AUTH PLAIN ") {
                mail.auth = Some(line["AUTH PLAIN ".len()..].to_owned());
                *self.told.lock().unwrap() = true;
                "235 welcome".to_owned()
            } else if way == Way::Offered && command != "QUIT" {
                "530 encrypt first".to_owned()
            } else if command.starts_with("MAIL FROM:") {
                mail.from = between(&line);
                "250 ok".to_owned()
            } else if command.starts_with("RCPT TO:") {
                mail.to.push(between(&line));
                self.refusal.lock().unwrap().clone().unwrap_or_else(|| "250 ok".to_owned())
            } else if command == "DATA" {
                stream.write_all(b"354 go on\r\n").await.ok()?;
                while let Some(line) = line_of(&mut stream).await?.filter(|line| line != ".") {
                    mail.data.push_str(line.strip_prefix('.').unwrap_or(&line));
                    mail.data.push('\n');
                }
                self.received.lock().unwrap().push(mail.clone());
                "250 kept".to_owned()
            } else if command == "QUIT" {
                stream.write_all(b"221 bye\r\n").await.ok()?;
                return Some(Left::ForGood);
            } else {
                "250 ok".to_owned()
            };
            stream.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
        }
        Some(Left::ForGood)
    }
}

/// How a conversation is held.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Plain,
    /// In the clear, until the caller wants it otherwise.
    Offered,
    Encrypted {
        greeting: bool,
    },
}

/// Why a conversation was left.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Left {
    ToEncrypt,
    ForGood,
}

/// A line without its end; `Some(None)` where there are no more.
async fn line_of<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> Option<Option<String>> {
    let mut line = String::new();
    let read = stream.read_line(&mut line).await.ok()?;
    Some((read > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned()))
}

fn between(line: &str) -> String {
    let inner = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inner.map_or_else(String::new, |(address, _)| address.to_owned())
}
