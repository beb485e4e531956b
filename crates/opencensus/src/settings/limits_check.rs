//! Checks limits that depend on each other, once all sources are read.

use opencensus_core::PipelineLimits;
use opencensus_settings::Fault;

/// The fault of the first limit that is over its bound.
pub(super) fn check(limits: &PipelineLimits) -> Option<Fault> {
    let error = limits.check().err()?;
    let place = format!("limits.{}", error.name());
    Some(Fault::new(format!("`{}`", error.found()), error.remedy().to_owned()).inside(&place))
}
