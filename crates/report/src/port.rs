//! What this domain needs of others: a store of runs, of files, of what is known, an index, a writer.

mod blob;
mod index;
mod render;
mod source;
mod work;

pub use blob::{BlobKey, BlobStore, BlobWriting, Redeemed, Stored};
pub use index::{EntryFilter, ReportIndex};
pub use render::{Renderer, Rendering};
pub use source::{
    ChargerFacts, ConnectorFacts, CostSource, DemandQuarter, DepotFacts, DutyFacts, DutyPlace, Gap,
    GapReason, Money, ReportSource, SessionFacts, SessionPlace, Wanted,
};
pub use work::{HasReports, ReportReader, ReportRepository, ReportTx, RunFilter};
