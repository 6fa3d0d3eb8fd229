//! What every HTTP server of the project has in common: one shape of refusals, strict extractors,
//! paging, versions, repeatable writes, authentication, health, metrics and the served document.
//!
//! An endpoint takes its input through the extractors here and answers `Answer<…>`; `?` turns any
//! domain error into its [`Problem`]. A server puts its routes behind [`secured`] and into a
//! [`Shell`], and is run by [`serve`]. Nothing here knows a domain, a store or how tokens are made.

mod answer;
mod authentication;
mod extract;
mod health;
mod layer;
mod openapi;
mod page;
mod problem;
mod serve;
mod shell;
mod version;

pub use answer::{Accepted, Created, NoContent};
pub use authentication::{AuthFailure, Authenticator, secured};
pub use extract::{
    Caller, PageParams, PagedQuery, Patch, PathId, Peer, Upload, ValidJson, ValidQuery, not_null,
};
pub use health::{BackendState, Health, Readiness, ReadyState};
pub use layer::{Metering, OnReplay, RequestId};
pub use openapi::document_conventions;
pub use page::PageBody;
pub use problem::{FieldProblem, Problem, ProblemBody};
pub use serve::serve;
pub use shell::{Limits, Shell};
pub use version::{ETag, IfMatch};

/// What a handler returns.
pub type Answer<T> = Result<T, Problem>;
