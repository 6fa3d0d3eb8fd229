//! A message on its way to one recipient.

use kernel::{AlertRuleId, DeliveryId, OrganisationId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::message::Message;

/// What is to be told of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    Raised,
    /// Its severity rose.
    Worsened,
    Cleared,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    Email,
    Webhook,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It is collected, due, or tried again.
    Pending,
    Sent,
    /// It was tried for as long as it is worth trying.
    Failed,
    /// Nothing was left to tell, or nobody to be told.
    Cancelled,
}

/// Collects what is to be told until it is due and sent for the first time; then its message
/// stays as it is, however often it is tried.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    pub id: DeliveryId,
    pub organisation: OrganisationId,
    pub rule: AlertRuleId,
    pub channel: Channel,
    /// An address or a URL.
    pub recipient: String,
    pub state: DeliveryState,
    /// How many messages of the rule came right before it: the more, the longer it collects.
    pub level: u32,
    pub created_at: Timestamp,
    pub first_due_at: Timestamp,
    pub due_at: Timestamp,
    /// Until then it is the work of whoever claimed it.
    pub claimed_until: Option<Timestamp>,
    pub attempts: u32,
    pub message: Option<Message>,
    pub last_error: Option<String>,
    pub finished_at: Option<Timestamp>,
}
