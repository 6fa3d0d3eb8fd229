//! `/depots/{id}/plan`

mod body;
pub(super) mod get;
pub(super) mod now;
pub(super) mod vehicle;
pub(super) mod words;
