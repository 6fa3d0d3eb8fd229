//! What keeps alerts and tells of them, over the backends of a process.

use std::{path::Path, sync::Arc, time::Duration};

use access::may_hear;
use anyhow::Context;
use async_trait::async_trait;
use chrono::TimeDelta;
use infra_outbound::{MailSettings, NoMail, Smtp, SystemResolver, WebhookSettings, Webhooks};
use kernel::{ApiKeyId, Event, OrganisationId, StoreError};
use notification::{DeliveryService, Fanout, Hearing, Keeper, MailSender, Patience, WebhookCourier};

use crate::{
    backends::Backends,
    config::{Config, MailSecurity},
    services::Services,
};

/// What raises alerts and clears them.
pub fn keeper(backends: &Backends, config: &Config) -> Keeper {
    let Backends { sea, clock, ids, .. } = backends.clone();
    let patience = Patience { offline: TimeDelta::seconds(config.alerts.offline_after_seconds.into()) };
    Keeper::new(sea, clock, ids, patience)
}

/// What sends messages.
///
/// # Errors
/// Where the mail server that the configuration names cannot be one, or a file of authorities not read.
pub fn deliveries(backends: &Backends, config: &Config) -> anyhow::Result<DeliveryService> {
    let Backends { sea, clock, ids, .. } = backends.clone();
    Ok(DeliveryService::new(sea, mail(config)?, Arc::new(webhooks(config)?), clock, ids))
}

fn webhooks(config: &Config) -> anyhow::Result<Webhooks> {
    let settings = WebhookSettings {
        allow_private: config.webhooks.allow_private,
        timeout: Duration::from_secs(config.webhooks.timeout_seconds.into()),
        authorities: authorities(config.webhooks.ca_file.as_deref())?,
    };
    Webhooks::new(settings, Arc::new(SystemResolver)).context("`webhooks` cannot be used")
}

/// What posts events to partners.
///
/// # Errors
/// Where a file of authorities cannot be read.
pub fn courier(backends: &Backends, config: &Config) -> anyhow::Result<WebhookCourier> {
    let Backends { sea, clock, ids, .. } = backends.clone();
    Ok(WebhookCourier::new(sea, Arc::new(webhooks(config)?), clock, ids))
}

/// What writes down which events are to be posted to partners.
pub fn fanout(backends: &Backends, services: Arc<Services>) -> Fanout {
    let Backends { sea, clock, ids, .. } = backends.clone();
    Fanout::new(sea, Arc::new(KeyHearing(services)), clock, ids)
}

/// Keys hear what they could read now.
struct KeyHearing(Arc<Services>);

#[async_trait]
impl Hearing for KeyHearing {
    async fn heard(
        &self,
        organisation: OrganisationId,
        key: ApiKeyId,
        events: &[&Event],
    ) -> Result<Vec<bool>, StoreError> {
        let Some(scope) = self.0.access.api_keys.api_key_scope(organisation, key).await? else {
            return Ok(vec![false; events.len()]);
        };
        let mut heard = Vec::with_capacity(events.len());
        for event in events {
            heard.push(may_hear(&scope, event).await?);
        }
        Ok(heard)
    }
}

fn mail(config: &Config) -> anyhow::Result<Arc<dyn MailSender>> {
    let mail = &config.mail;
    if mail.host.is_empty() {
        return Ok(Arc::new(NoMail));
    }
    let (security, usual) = match mail.security {
        MailSecurity::Starttls => (infra_outbound::MailSecurity::StartTls, 587),
        MailSecurity::Tls => (infra_outbound::MailSecurity::Tls, 465),
        MailSecurity::None => (infra_outbound::MailSecurity::None, 25),
    };
    let name = (!mail.username.is_empty()).then(|| mail.username.clone());
    let smtp = Smtp::new(MailSettings {
        host: mail.host.clone(),
        port: if mail.port == 0 { usual } else { mail.port },
        security,
        credentials: name.map(|name| (name, mail.password.expose().to_owned())),
        from: mail.from.clone(),
        authorities: authorities(mail.ca_file.as_deref())?,
    });
    Ok(Arc::new(smtp.context("`mail` cannot be used")?))
}

/// What a file of authorities holds.
fn authorities(file: Option<&Path>) -> anyhow::Result<Vec<u8>> {
    let Some(file) = file else { return Ok(Vec::new()) };
    std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))
}
