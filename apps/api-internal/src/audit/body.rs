//! An entry of the audit trail as callers see it.

use access::AuditRecord;
use chrono::{DateTime, Utc};
use kernel::{Actor, AuditVerb};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub(super) struct AuditBody {
    id: Uuid,
    at: DateTime<Utc>,
    actor: ActorBody,
    verb: VerbWord,
    /// What kind of thing was changed.
    #[schema(example = "vehicle")]
    resource: String,
    resource_id: Uuid,
    /// The thing before the change; absent for what was made.
    #[schema(required, value_type = Option<Object>)]
    before: Option<Value>,
    /// The thing after the change; absent for what was deleted.
    #[schema(required, value_type = Option<Object>)]
    after: Option<Value>,
    /// The request that made the change.
    #[schema(required)]
    request_id: Option<String>,
    /// The address that the change came from.
    #[schema(required)]
    address: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = AuditActor)]
pub(crate) struct ActorBody {
    /// `user`, `api_key`, `charge_point` or `system`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// Absent for `system`.
    #[schema(required)]
    id: Option<Uuid>,
}

#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[schema(as = AuditVerb)]
#[serde(rename_all = "snake_case")]
pub(super) enum VerbWord {
    Create,
    Update,
    Delete,
    /// An order to the outside world, such as a charger command.
    Command,
    SignIn,
}

impl From<AuditRecord> for AuditBody {
    fn from(record: AuditRecord) -> Self {
        Self {
            id: record.id.into(),
            at: record.at,
            actor: record.actor.into(),
            verb: record.verb.into(),
            resource: record.resource,
            resource_id: record.resource_id,
            before: record.before,
            after: record.after,
            request_id: record.request_id,
            address: record.address.map(|address| address.to_string()),
        }
    }
}

impl From<Actor> for ActorBody {
    fn from(actor: Actor) -> Self {
        Self { kind: actor.kind(), id: actor.id() }
    }
}

impl From<AuditVerb> for VerbWord {
    fn from(verb: AuditVerb) -> Self {
        match verb {
            AuditVerb::Create => Self::Create,
            AuditVerb::Update => Self::Update,
            AuditVerb::Delete => Self::Delete,
            AuditVerb::Command => Self::Command,
            AuditVerb::SignIn => Self::SignIn,
        }
    }
}

impl From<VerbWord> for AuditVerb {
    fn from(word: VerbWord) -> Self {
        match word {
            VerbWord::Create => Self::Create,
            VerbWord::Update => Self::Update,
            VerbWord::Delete => Self::Delete,
            VerbWord::Command => Self::Command,
            VerbWord::SignIn => Self::SignIn,
        }
    }
}
