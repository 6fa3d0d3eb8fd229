//! Encrypted ways out: to whom a certificate of an authority that is trusted says who they are, and to
//! nobody else.

use infra_outbound::{MailFault, MailSecurity, MailSettings, Smtp, WebhookFault, WebhookSettings, Webhooks};
use notification::{MailSender, SendError, WebhookSender};

use crate::{
    authority::{Authority, Ends},
    mail::mail,
    smtp_server::SmtpServer,
    webhooks::{Names, PATIENCE, Receiver, call},
};

/// What a server shows that is not to be talked to, and what is said of it.
fn impostors(
    ours: &Authority,
    theirs: &Authority,
    name: &str,
) -> [(tokio_rustls::TlsAcceptor, &'static str); 3] {
    [
        (theirs.acceptor(name, Ends::Later), "UnknownIssuer"),
        (ours.acceptor(name, Ends::Already), "Expired"),
        (ours.acceptor("other.example", Ends::Later), "NotValidForName"),
    ]
}

/// What is said of a certificate, in one word.
fn said(error: &SendError) -> String {
    let SendError::Later(text) = error else { panic!("it may be put right: {error}") };
    let text = text.to_lowercase();
    let word = match () {
        () if text.contains("unknownissuer") || text.contains("unknown issuer") => "UnknownIssuer",
        () if text.contains("expired") => "Expired",
        () if text.contains("not valid for name") || text.contains("notvalidforname") => "NotValidForName",
        () => return text,
    };
    word.to_owned()
}

fn webhooks(names: &Names, authorities: &str) -> Webhooks {
    let settings =
        WebhookSettings { allow_private: true, timeout: PATIENCE, authorities: authorities.into() };
    Webhooks::new(settings, names.clone().into()).unwrap()
}

#[tokio::test]
async fn a_webhook_goes_to_a_receiver_that_an_authority_of_ours_vouches_for() {
    let (ours, theirs) = (Authority::named("Ours"), Authority::named("Theirs"));
    let receiver = Receiver::default();
    let address = receiver.start_encrypted(ours.acceptor("hooks.example", Ends::Later)).await;
    let names = Names::of("hooks.example", address);
    let call = || call(format!("https://hooks.example:{}/hook", address.port()));
    webhooks(&names, &ours.pem).webhook_send(&call()).await.unwrap();
    assert_eq!(receiver.received().len(), 1);
    // One authority of several is enough; without it the receiver is unknown, and the usual ones go on.
    webhooks(&names, &format!("{}{}", theirs.pem, ours.pem)).webhook_send(&call()).await.unwrap();
    let unknown = webhooks(&names, "").webhook_send(&call()).await.unwrap_err();
    assert_eq!(said(&unknown), "UnknownIssuer");
    assert_eq!(receiver.received().len(), 2);

    for (acceptor, expected) in impostors(&ours, &theirs, "hooks.example") {
        let impostor = Receiver::default();
        let address = impostor.start_encrypted(acceptor).await;
        let names = Names::of("hooks.example", address);
        let call = crate::webhooks::call(format!("https://hooks.example:{}/hook", address.port()));
        let error = webhooks(&names, &ours.pem).webhook_send(&call).await.unwrap_err();
        assert_eq!(said(&error), expected);
        assert!(impostor.received().is_empty(), "{expected}: not a word of it");
    }
}

#[test]
fn authorities_that_are_none_are_refused_at_the_start() {
    let names = Names::of("hooks.example", ([127, 0, 0, 1], 1).into());
    let fault = |authorities: &str| {
        let authorities = authorities.into();
        let settings = WebhookSettings { allow_private: false, timeout: PATIENCE, authorities };
        Webhooks::new(settings, names.clone().into()).err()
    };
    assert!(matches!(fault("nothing"), Some(WebhookFault::NoAuthority)));
    let broken = "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n";
    assert!(matches!(fault(broken), Some(WebhookFault::Unreadable(_))));
    let odd = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assert!(matches!(fault(odd), Some(WebhookFault::Authority(_))));
    let mail = MailSettings { authorities: broken.into(), ..encrypted(MailSecurity::Tls, 465, "") };
    assert!(matches!(Smtp::new(mail), Err(MailFault::Authorities(_))));
}

/// A server is named as certificates name it: by a name that this machine has.
const HOST: &str = "localhost";

fn encrypted(security: MailSecurity, port: u16, authorities: &str) -> MailSettings {
    MailSettings {
        host: HOST.into(),
        port,
        security,
        credentials: Some(("manage".into(), "hunter2".into())),
        from: "alerts@depot.example".into(),
        authorities: authorities.into(),
    }
}

#[tokio::test]
async fn mail_goes_to_a_server_that_an_authority_of_ours_vouches_for() {
    let (ours, theirs) = (Authority::named("Ours"), Authority::named("Theirs"));
    for security in [MailSecurity::Tls, MailSecurity::StartTls] {
        let start = async |acceptor| match security {
            MailSecurity::Tls => SmtpServer::start_encrypted(acceptor).await,
            _ => SmtpServer::start_encrypting(acceptor).await,
        };
        let server = start(ours.acceptor(HOST, Ends::Later)).await;
        let smtp = |authorities: &str, server: &SmtpServer| {
            Smtp::new(encrypted(security, server.address.port(), authorities)).unwrap()
        };
        smtp(&ours.pem, &server).mail_send(&mail()).await.unwrap();
        assert_eq!(server.received().len(), 1, "{security:?}");
        assert!(server.received()[0].encrypted, "{security:?}");
        assert!(server.received()[0].auth.is_some(), "{security:?}");
        let unknown = smtp("", &server).mail_send(&mail()).await.unwrap_err();
        assert_eq!(said(&unknown), "UnknownIssuer", "{security:?}");

        for (acceptor, expected) in impostors(&ours, &theirs, HOST) {
            let impostor = start(acceptor).await;
            let error = smtp(&ours.pem, &impostor).mail_send(&mail()).await.unwrap_err();
            assert_eq!(said(&error), expected, "{security:?}");
            assert!(impostor.received().is_empty() && !impostor.was_told_a_password(), "{security:?}");
        }
    }
}
