//! Mail by SMTP.

use std::time::Duration;

use async_trait::async_trait;
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Mailbox,
        header::{ContentType, HeaderName, HeaderValue},
    },
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
    },
};
use notification::{Mail, MailSender, SendError};

/// How long a server may take for each step of the conversation.
const PATIENCE: Duration = Duration::from_secs(20);

/// Whether the way to the server is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailSecurity {
    /// From the beginning, usually on port 465.
    Tls,
    /// After a plain beginning, usually on port 587; refused where the server cannot.
    StartTls,
    /// Not at all: for a server on the same machine.
    None,
}

/// Where mail is handed in.
#[derive(Clone)]
pub struct MailSettings {
    pub host: String,
    pub port: u16,
    pub security: MailSecurity,
    /// Name and password, where the server wants them.
    pub credentials: Option<(String, String)>,
    /// `Name <address>` or an address alone.
    pub from: String,
    /// PEM: authorities whose certificates are taken beside the usual ones. Empty for none.
    pub authorities: Vec<u8>,
}

/// Why a mail server cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MailFault {
    #[error("`mail.from` is no mail address")]
    From(#[source] lettre::address::AddressError),
    #[error("`mail.ca_file` holds no certificates that can be read")]
    Authorities(#[source] lettre::transport::smtp::Error),
    #[error("the mail server cannot be used")]
    Server(#[source] lettre::transport::smtp::Error),
}

/// Hands mail to a server, one connection a mail.
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Smtp {
    /// # Errors
    /// For an address or a host name that is none, and for authorities that cannot be read.
    pub fn new(settings: MailSettings) -> Result<Self, MailFault> {
        let from: Mailbox = settings.from.parse().map_err(MailFault::From)?;
        let tls = match settings.security {
            MailSecurity::Tls => Tls::Wrapper(trusting(&settings)?),
            MailSecurity::StartTls => Tls::Required(trusting(&settings)?),
            MailSecurity::None => Tls::None,
        };
        let builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.host);
        let mut builder = builder.port(settings.port).tls(tls).timeout(Some(PATIENCE));
        if let Some((name, password)) = settings.credentials {
            builder = builder.credentials(Credentials::new(name, password));
        }
        Ok(Self { transport: builder.build(), from })
    }

    fn message(&self, mail: &Mail) -> Result<Message, SendError> {
        let never = |what: &str| SendError::Never(format!("the mail cannot be written: {what}"));
        let to: Address = mail.to.parse().map_err(|_| never("the recipient is no address"))?;
        let domain = self.from.email.domain();
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        Message::builder()
            .from(self.from.clone())
            .to(to.into())
            .subject(mail.subject.replace(['\r', '\n'], " "))
            .message_id(Some(format!("<{}@{domain}>", mail.id)))
            .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text.clone())
            .map_err(|error| never(&error.to_string()))
    }
}

/// Encryption towards a server whose certificate has its name, by the usual authorities or ours.
fn trusting(settings: &MailSettings) -> Result<TlsParameters, MailFault> {
    let mut parameters = TlsParameters::builder(settings.host.clone());
    if !settings.authorities.is_empty() {
        let authorities = Certificate::from_pem(&settings.authorities).map_err(MailFault::Authorities)?;
        parameters = parameters.add_root_certificate(authorities);
    }
    parameters.build().map_err(MailFault::Server)
}

#[async_trait]
impl MailSender for Smtp {
    async fn mail_send(&self, mail: &Mail) -> Result<(), SendError> {
        let message = self.message(mail)?;
        let Err(error) = self.transport.send(message).await else { return Ok(()) };
        let said = match std::error::Error::source(&error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        };
        // What a server says to our name and password (535 and its kin) may be put right; that it
        // knows no such mailbox may not.
        let about_us = error.status().is_some_and(|code| u16::from(code) / 10 == 53);
        if error.is_permanent() && !about_us {
            Err(SendError::Never(said))
        } else {
            Err(SendError::Later(said))
        }
    }
}

/// Where no mail server is configured: mail waits for one.
pub struct NoMail;

#[async_trait]
impl MailSender for NoMail {
    async fn mail_send(&self, _: &Mail) -> Result<(), SendError> {
        Err(SendError::Later("no mail server is configured".to_owned()))
    }
}
