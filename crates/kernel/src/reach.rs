//! How far a permission reaches: over the whole organisation, or over what some resource groups
//! hold.
//!
//! There is one mechanism for every domain. [`crate::Scope::require`] answers with the [`Reach`] in
//! which the permission holds, and a use case that drops it does not pass the lints. A single thing
//! is looked at with [`Reach::sees`] before anything else is done with it; a list hands the reach to
//! its reader, which narrows its query. What lies outside is absent.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

use async_trait::async_trait;
use uuid::Uuid;

use crate::{
    id::{
        AlertId, AuditId, ChargePointId, ChargingOverrideId, CircuitId, CommandId, DeadLetterId, DepotId,
        IdTagId, MaintenanceWindowId, OrganisationId, PriorityOverrideId, ResourceGroupId, RunId,
        RunSeriesId, TransactionId, VehicleId,
    },
    scope::{Denied, Permission, PermissionSet},
    store::StoreError,
};

macro_rules! kinds {
    ($($kind:ident($id:ident)),* $(,)?) => {
        /// A kind of thing that a resource group can bring into reach. Whatever hangs on one of
        /// these by its id, such as a zone on its depot, is looked at through it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $($kind,)*
        }

        impl Kind {
            pub const ALL: &'static [Kind] = &[$(Kind::$kind,)*];
        }

        $(impl From<$id> for Thing {
            fn from(id: $id) -> Self {
                Self { kind: Kind::$kind, id: id.into() }
            }
        })*
    };
}

kinds! {
    ResourceGroup(ResourceGroupId),
    Depot(DepotId),
    Circuit(CircuitId),
    ChargePoint(ChargePointId),
    Command(CommandId),
    Vehicle(VehicleId),
    IdTag(IdTagId),
    Transaction(TransactionId),
    PriorityOverride(PriorityOverrideId),
    ChargingOverride(ChargingOverrideId),
    Run(RunId),
    RunSeries(RunSeriesId),
    Alert(AlertId),
    MaintenanceWindow(MaintenanceWindowId),
    DeadLetter(DeadLetterId),
    AuditEntry(AuditId),
}

/// One thing that may be within reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Thing {
    pub kind: Kind,
    pub id: Uuid,
}

pub type GroupSet = BTreeSet<ResourceGroupId>;

/// What finds out whether groups hold a thing.
#[async_trait]
pub trait Sight: Send + Sync {
    /// Whether the organisation has the thing, and one of the groups or of those below them holds
    /// it: itself, the depot it stands in, or what it hangs on.
    async fn holds(
        &self,
        organisation: OrganisationId,
        groups: &GroupSet,
        thing: Thing,
    ) -> Result<bool, StoreError>;
}

/// Where one permission of a caller holds.
#[derive(Clone)]
#[must_use = "a use case that ignores the reach of its permission lets callers out of their groups"]
pub struct Reach {
    organisation: OrganisationId,
    groups: Option<(Arc<GroupSet>, Arc<dyn Sight>)>,
}

impl Reach {
    /// The whole organisation.
    pub fn whole(organisation: OrganisationId) -> Self {
        Self { organisation, groups: None }
    }

    /// What the groups and those below them hold.
    pub fn groups(organisation: OrganisationId, groups: GroupSet, sight: Arc<dyn Sight>) -> Self {
        Self { organisation, groups: Some((Arc::new(groups), sight)) }
    }

    pub fn organisation(&self) -> OrganisationId {
        self.organisation
    }

    /// The groups it is limited to; `None` where it is the whole organisation.
    pub fn limited_to(&self) -> Option<&GroupSet> {
        self.groups.as_ref().map(|(groups, _)| &**groups)
    }

    /// Whether a thing lies within: `None` where it does not. In the whole organisation nothing is
    /// asked, since whoever then reads the thing finds out whether it exists.
    ///
    /// # Errors
    /// Store errors only.
    pub async fn sees(&self, thing: impl Into<Thing>) -> Result<Option<()>, StoreError> {
        let Some((groups, sight)) = &self.groups else { return Ok(Some(())) };
        Ok(sight.holds(self.organisation, groups, thing.into()).await?.then_some(()))
    }
}

impl Reach {
    /// Those of some rows that lie within: for what is not narrowed by a query.
    ///
    /// # Errors
    /// Store errors only.
    pub async fn keep<T, I: Into<Thing>>(
        &self,
        rows: Vec<T>,
        thing: impl Fn(&T) -> I,
    ) -> Result<Vec<T>, StoreError> {
        if self.groups.is_none() {
            return Ok(rows);
        }
        let mut kept = Vec::with_capacity(rows.len());
        for row in rows {
            let thing = thing(&row).into();
            if self.sees(thing).await?.is_some() {
                kept.push(row);
            }
        }
        Ok(kept)
    }
}

impl From<OrganisationId> for Reach {
    fn from(organisation: OrganisationId) -> Self {
        Self::whole(organisation)
    }
}

impl fmt::Debug for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reach")
            .field("organisation", &self.organisation)
            .field("groups", &self.limited_to())
            .finish()
    }
}

/// What a caller may do, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    /// In the whole organisation.
    pub everywhere: PermissionSet,
    /// Within a group and those below it.
    pub within: BTreeMap<ResourceGroupId, PermissionSet>,
}

impl Rights {
    /// The same permissions in each of some groups.
    pub fn within(groups: impl IntoIterator<Item = ResourceGroupId>, permissions: &PermissionSet) -> Self {
        let within = groups.into_iter().map(|group| (group, permissions.clone())).collect();
        Self { everywhere: PermissionSet::new(), within }
    }

    pub fn add(&mut self, group: Option<ResourceGroupId>, permissions: impl IntoIterator<Item = Permission>) {
        let held = match group {
            None => &mut self.everywhere,
            Some(group) => self.within.entry(group).or_default(),
        };
        held.extend(permissions);
    }

    /// The groups in which a permission holds; `None` where it holds everywhere.
    ///
    /// # Errors
    /// [`Denied`] where it holds nowhere.
    pub fn extent(&self, permission: Permission) -> Result<Option<GroupSet>, Denied> {
        if self.everywhere.contains(&permission) {
            return Ok(None);
        }
        let groups: GroupSet = self
            .within
            .iter()
            .filter(|(_, permissions)| permissions.contains(&permission))
            .map(|(group, _)| *group)
            .collect();
        if groups.is_empty() { Err(Denied { permission }) } else { Ok(Some(groups)) }
    }
}

impl From<PermissionSet> for Rights {
    fn from(everywhere: PermissionSet) -> Self {
        Self { everywhere, within: BTreeMap::new() }
    }
}

/// Sees nothing: of a scope that holds its rights everywhere, and never asks.
pub(crate) struct Blind;

#[async_trait]
impl Sight for Blind {
    async fn holds(&self, _: OrganisationId, _: &GroupSet, _: Thing) -> Result<bool, StoreError> {
        Ok(false)
    }
}
