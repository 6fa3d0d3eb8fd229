//! Mail as it arrives.

use infra_outbound::{MailFault, MailSecurity, MailSettings, NoMail, Smtp};
use notification::{Mail, MailSender, SendError};
use uuid::Uuid;

use crate::smtp_server::SmtpServer;

fn settings(server: &SmtpServer) -> MailSettings {
    MailSettings {
        host: server.address.ip().to_string(),
        port: server.address.port(),
        security: MailSecurity::None,
        credentials: None,
        from: "Depot <alerts@depot.example>".into(),
        authorities: Vec::new(),
    }
}

pub fn mail() -> Mail {
    Mail {
        id: Uuid::from_u128(7),
        to: "ada@depot.example".into(),
        subject: "[CRITICAL] Straßenbahn\r\nBcc: eve@x.example".into(),
        text: "Überlast\n.\nand more\n".into(),
    }
}

#[tokio::test]
async fn a_mail_arrives_as_it_was_written() {
    let server = SmtpServer::start().await;
    let smtp = Smtp::new(settings(&server)).unwrap();
    smtp.mail_send(&mail()).await.unwrap();
    let received = server.received();
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].from, "alerts@depot.example");
    assert_eq!(received[0].to, ["ada@depot.example"], "a subject adds no recipients");
    let data = &received[0].data;
    for line in [
        "From: Depot <alerts@depot.example>",
        "To: ada@depot.example",
        "Message-ID: <00000000-0000-0000-0000-000000000007@depot.example>",
        "Auto-Submitted: auto-generated",
        "Content-Type: text/plain; charset=utf-8",
    ] {
        assert!(data.lines().any(|is| is == line), "{line} in {data}");
    }
    assert!(!data.lines().any(|line| line.starts_with("Bcc:")), "{data}");
}

#[tokio::test]
async fn name_and_password_are_said_where_there_are_some() {
    let server = SmtpServer::start().await;
    let credentials = Some(("manage".into(), "hunter2".into()));
    Smtp::new(MailSettings { credentials, ..settings(&server) }).unwrap().mail_send(&mail()).await.unwrap();
    // "\0manage\0hunter2"
    assert_eq!(server.received()[0].auth.as_deref(), Some("AG1hbmFnZQBodW50ZXIy"));
}

#[tokio::test]
async fn an_error_says_whether_it_is_worth_trying_again() {
    let server = SmtpServer::start().await;
    let smtp = Smtp::new(settings(&server)).unwrap();
    for (answer, never) in [("550 no such mailbox", true), ("451 busy", false), ("535 who are you", false)] {
        server.refuse(Some(answer));
        let error = smtp.mail_send(&mail()).await.unwrap_err();
        assert_eq!(matches!(error, SendError::Never(_)), never, "{answer}: {error}");
        assert!(error.to_string().contains(&answer[4..]), "{answer}: {error}");
    }
    assert!(server.received().is_empty());
    server.refuse(None);
    smtp.mail_send(&mail()).await.unwrap();

    let wrong = Mail { to: "nobody".into(), ..mail() };
    assert!(matches!(smtp.mail_send(&wrong).await, Err(SendError::Never(_))));
    let closed = MailSettings { port: 1, ..settings(&server) };
    assert!(matches!(Smtp::new(closed).unwrap().mail_send(&mail()).await, Err(SendError::Later(_))));
    // A server that cannot encrypt does not get the mail where that is wanted.
    let safe = MailSettings { security: MailSecurity::StartTls, ..settings(&server) };
    assert!(Smtp::new(safe).unwrap().mail_send(&mail()).await.is_err());
    assert_eq!(server.received().len(), 1);
    assert!(matches!(NoMail.mail_send(&mail()).await, Err(SendError::Later(_))));
}

#[tokio::test]
async fn a_sender_that_is_none_is_refused_at_the_start() {
    let server = SmtpServer::start().await;
    let wrong = MailSettings { from: "depot".into(), ..settings(&server) };
    assert!(matches!(Smtp::new(wrong), Err(MailFault::From(_))));
}
