//! The shared kernel: the few words that every domain speaks.
//!
//! Typed ids, units, time, who is asking (`Scope`), paging, the unit of work, events and audit.
//! Nothing here knows a domain, a database, a transport or an async runtime.

pub mod audit;
pub mod change;
pub mod clock;
pub mod event;
pub mod fault;
pub mod id;
pub mod idempotency;
pub mod invalid;
pub mod lease;
pub mod paging;
pub mod position;
pub mod priority;
pub mod proxies;
pub mod quota;
pub mod reach;
pub mod scope;
pub mod secret;
pub mod store;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod unit;
pub mod week;

pub use audit::{AuditEntry, AuditLog, AuditVerb, HasAudit};
pub use change::Change;
pub use clock::{Clock, IdSource, Timestamp};
pub use event::{
    Event, EventFeed, EventPublisher, EventSubscriber, FedEvent, FeedEnds, HasOutbox, Outbox, OutboxReader,
    StoredEvent,
};
pub use fault::{Fault, FaultClass};
pub use id::*;
pub use invalid::{FieldError, Invalid};
pub use lease::{Fence, FenceSource, Fences, HasFences, Leases};
pub use paging::{Cursor, Limit, Page, PageRequest};
pub use position::{Advance, HasPositions, PositionReader, Positions, Track};
pub use priority::PriorityLevel;
pub use proxies::{ForwardedHeader, Network, Proxies};
pub use quota::{Quota, QuotaLeft, QuotaTaken, Quotas};
pub use reach::{GroupSet, Kind, Reach, Rights, Sight, Thing};
pub use scope::{Actor, Denied, Permission, PermissionSet, Scope};
pub use secret::{HashError, SecretHasher};
pub use store::{Begin, Commit, StoreError, Version, retrying};
pub use unit::{MilliAmps, Soc, W, Wh};
pub use week::{TimeOfDay, WeekBand, Weekdays};
