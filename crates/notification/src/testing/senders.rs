//! Mail and webhooks that go nowhere but into a list.

use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;

use crate::port::{Mail, MailSender, SendError, WebhookCall, WebhookSender};

/// Keeps what was sent, and fails as often as it is told to. Clones share everything.
#[derive(Clone, Default)]
pub struct Recorder(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    mails: Vec<Mail>,
    calls: Vec<WebhookCall>,
    failures: Vec<SendError>,
    hangs: bool,
}

impl Recorder {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().expect("no test panics while holding the list")
    }

    /// The next attempt fails so.
    pub fn fail(&self, error: SendError) {
        self.inner().failures.insert(0, error);
    }

    /// What arrives next is never confirmed: its sender waits for ever.
    pub fn hang(&self) {
        self.inner().hangs = true;
    }

    async fn answer(&self) -> Result<(), SendError> {
        if std::mem::take(&mut self.inner().hangs) {
            std::future::pending::<()>().await;
        }
        self.inner().failures.pop().map_or(Ok(()), Err)
    }

    /// What arrived, failed attempts too.
    pub fn mails(&self) -> Vec<Mail> {
        self.inner().mails.clone()
    }

    pub fn calls(&self) -> Vec<WebhookCall> {
        self.inner().calls.clone()
    }
}

#[async_trait]
impl MailSender for Recorder {
    async fn mail_send(&self, mail: &Mail) -> Result<(), SendError> {
        self.inner().mails.push(mail.clone());
        self.answer().await
    }
}

#[async_trait]
impl WebhookSender for Recorder {
    async fn webhook_send(&self, call: &WebhookCall) -> Result<(), SendError> {
        self.inner().calls.push(call.clone());
        self.answer().await
    }
}
