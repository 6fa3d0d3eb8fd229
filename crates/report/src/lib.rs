//! Reports: asked for or due at their times, made from what happened, kept as files.
//!
//! A [`Run`] is the making of one report. It waits in a queue that any number of workers share,
//! is held by one of them at a time, and ends once: as a file that is whole, or as nothing. The file
//! lies in a [`BlobStore`], where it shows only when complete; a [`ReportIndex`] finds it again. What
//! a report says comes row by row from a [`ReportSource`], and becomes a file by a [`Renderer`], so
//! that a report of any length needs the same memory. This crate does not know databases, object
//! stores, spreadsheets or async runtimes.

pub mod command;
pub mod cost;
pub mod error;
pub mod event;
pub mod kind;
pub mod kinds;
pub mod model;
pub mod port;
pub mod runner;
pub mod schedule;
pub mod service;
pub mod table;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use command::{ChangeSchedule, CreateRun, CreateSchedule};
pub use error::ReportError;
pub use kind::{Format, Kind};
pub use model::{EntryPlace, Failure, ReportEntry, ReportFile, Run, RunState, Subject};
pub use port::{
    BlobKey, BlobStore, BlobWriting, ChargerFacts, ConnectorFacts, CostSource, DemandQuarter, DepotFacts,
    DutyFacts, DutyPlace, EntryFilter, Gap, GapReason, HasReports, Money, Redeemed, Renderer, Rendering,
    ReportIndex, ReportReader, ReportRepository, ReportSource, ReportTx, RunFilter, SessionFacts,
    SessionPlace, Stored, Wanted,
};
pub use runner::{ReportRunner, Taken};
pub use schedule::{BadTiming, CatchUp, Period, Schedule, Timing};
pub use service::{ReportService, ShownRun};
pub use table::{Bar, Cell, Chart, Column, ColumnKind, Foot, Head};
