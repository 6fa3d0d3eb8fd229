//! The plan as JSON in, JSON out: what `manage plan` and the preview endpoint offer.
//!
//! The format is that of smartbench's planning instances: a tree in kW, chargers, vehicles with
//! stays and needs, a tariff with a demand charge. Names are the caller's; this module turns them
//! into the indices of [`Problem`](super::Problem) and back.

mod answer;
mod check;
mod instance;

use kernel::{Fault, FaultClass, Invalid};

use super::solve::{Settings, plan};
use answer::Answer;
use instance::Instance;

const INSTANCE: &str = "smartbench-instance-1";
const PLAN: &str = "smartbench-plan-1";

/// Plans a `smartbench-instance-1`; the answer is `smartbench-plan-1` with the power of every
/// vehicle and slot (`power_kw`), and besides what is unmet and why, and what it costs.
///
/// # Errors
/// [`PlanJsonError::Malformed`] for what is not JSON of this shape, and [`PlanJsonError::Invalid`]
/// with a pointer to every value that cannot be.
pub fn plan_json(instance: &str) -> Result<String, PlanJsonError> {
    plan_json_with(instance, Settings::default())
}

/// [`plan_json`] with settings.
///
/// # Errors
/// As there.
pub fn plan_json_with(instance: &str, settings: Settings) -> Result<String, PlanJsonError> {
    let instance: Instance = serde_json::from_str(instance).map_err(PlanJsonError::malformed)?;
    let (problem, owners) = instance.problem()?;
    let answer = Answer::of(&instance, &problem, &owners, &plan(&problem, settings));
    serde_json::to_string(&answer).map_err(PlanJsonError::Unwritable)
}

/// Why an instance has no plan: never because it asks for too much.
#[derive(Debug, thiserror::Error)]
pub enum PlanJsonError {
    #[error("not a problem of the format {INSTANCE}")]
    Malformed { invalid: Invalid, source: serde_json::Error },
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error("the plan cannot be written")]
    Unwritable(#[source] serde_json::Error),
}

impl PlanJsonError {
    fn malformed(source: serde_json::Error) -> Self {
        Self::Malformed { invalid: Invalid::one("", "malformed", source.to_string()), source }
    }
}

impl Fault for PlanJsonError {
    fn class(&self) -> FaultClass<'_> {
        match self {
            Self::Malformed { invalid, .. } | Self::Invalid(invalid) => FaultClass::Invalid(invalid),
            Self::Unwritable(_) => FaultClass::Internal,
        }
    }
}
