//! Reads sampling rates from attributes and `tracestate`.

use opencensus_core::{SamplingRate, TraceState};

/// The attributes in which Microsoft's samplers record their rate, in per cent.
pub(crate) const RATE_KEYS: [&str; 2] = ["_MS.sampleRate", "microsoft.sample_rate"];

/// The rate of a percentage. `None` if it is not between 0 and 100.
pub(crate) fn from_percent(percent: f64) -> Option<SamplingRate> {
    SamplingRate::try_from(percent / 100.0).ok()
}

/// The rate that `ot=th` in a `tracestate` records.
pub(crate) fn from_trace_state(state: &TraceState) -> Option<SamplingRate> {
    SamplingRate::try_from(state.head_probability()?).ok()
}
