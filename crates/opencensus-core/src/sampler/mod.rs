//! Decides which traces are kept.
//!
//! [`ProbabilitySampler`] looks at the trace id alone, so all services in a trace agree.
//! [`ParentPolicy`] says what a caller's own decision counts for. A kept request carries the
//! [`SamplingRate`] that it stands for, so that weighted counts are right.
//!
//! # Examples
//!
//! ```
//! use opencensus_core::{ProbabilitySampler, Sampler, SamplingRate, TraceId};
//!
//! let sampler = ProbabilitySampler::new(SamplingRate::try_from(0.0)?);
//! assert!(!sampler.keeps(TraceId::from_bytes([7; 16])));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod parent;
mod probability;
mod rate;
mod token_bucket;

use std::fmt;

pub use parent::{ParentPolicy, ParentTrust, RemoteUnsampled, Verdict};
pub use probability::{AlwaysOff, AlwaysOn, ProbabilitySampler};
pub use rate::{InvalidSamplingRate, SamplingRate};

use crate::ids::TraceId;

/// Decides about a trace when no caller has decided, or the caller's decision does not count.
///
/// Called on the request's thread for every request outside the blacklist: an implementation must
/// not block, allocate much, or panic.
pub trait Sampler: Send + Sync + fmt::Debug + 'static {
    /// Whether the trace is kept.
    fn keeps(&self, trace_id: TraceId) -> bool;

    /// The share of traces that [`keeps`](Self::keeps) keeps: what a kept one stands for.
    fn rate(&self) -> SamplingRate;
}
