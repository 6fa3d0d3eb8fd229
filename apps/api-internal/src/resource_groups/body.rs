//! A resource group as callers see it.

use chrono::{DateTime, Utc};
use resource_group::{Member, MemberKind, ResourceGroup};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Serialize, ToSchema)]
#[schema(as = ResourceGroup)]
pub(super) struct GroupBody {
    id: Uuid,
    /// Absent at the top.
    #[schema(required)]
    parent_id: Option<Uuid>,
    name: String,
    /// What it holds itself: without those below it, and without what depots bring along.
    members: Vec<MemberBody>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// Something that a group holds. A depot brings along its charge points and the vehicles at home
/// there.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ResourceGroupMember)]
pub(super) struct MemberBody {
    #[serde(rename = "type")]
    kind: KindWord,
    id: Uuid,
}

#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ResourceGroupMemberType)]
pub(super) enum KindWord {
    Depot,
    ChargePoint,
    Vehicle,
}

impl From<ResourceGroup> for GroupBody {
    fn from(group: ResourceGroup) -> Self {
        Self {
            id: group.id.into(),
            parent_id: group.parent.map(Into::into),
            name: group.name,
            members: group.members.into_iter().map(Into::into).collect(),
            created_at: group.created_at,
            updated_at: group.updated_at,
        }
    }
}

impl From<Member> for MemberBody {
    fn from(member: Member) -> Self {
        let kind = match member.kind() {
            MemberKind::Depot => KindWord::Depot,
            MemberKind::ChargePoint => KindWord::ChargePoint,
            MemberKind::Vehicle => KindWord::Vehicle,
        };
        Self { kind, id: member.id() }
    }
}

impl From<MemberBody> for Member {
    fn from(body: MemberBody) -> Self {
        MemberKind::from(body.kind).member(body.id)
    }
}

impl From<KindWord> for MemberKind {
    fn from(word: KindWord) -> Self {
        match word {
            KindWord::Depot => Self::Depot,
            KindWord::ChargePoint => Self::ChargePoint,
            KindWord::Vehicle => Self::Vehicle,
        }
    }
}
