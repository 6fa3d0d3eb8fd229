//! Plans off the async threads: a large depot takes seconds of a processor.

use async_trait::async_trait;
use charging::{
    Planner,
    plan::{Plan, Problem, Settings, plan},
};
use kernel::StoreError;
use tokio::task::spawn_blocking;

/// Computes plans on the threads that may be blocked.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct BlockingPlanner;

#[async_trait]
impl Planner for BlockingPlanner {
    async fn compute(&self, problem: Problem) -> Result<Plan, StoreError> {
        let computed = spawn_blocking(move || plan(&problem, Settings::default())).await;
        computed.map_err(|error| StoreError::Unavailable(error.into()))
    }
}
