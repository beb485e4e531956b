//! The sampling rate that a caller propagates.

use crate::sampling_rate::SamplingRate;
use crate::sampling_rule::SamplingRule;

/// The sampling rate that a caller propagates in `tracestate`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ParentRate {
    pub(crate) rate: SamplingRate,
    /// The caller's sampling rule, if it is one of this library's.
    pub(crate) rule: Option<SamplingRule>,
    /// Whether the caller itself wrote the rate, not a service before it.
    pub(crate) is_fresh: bool,
}
