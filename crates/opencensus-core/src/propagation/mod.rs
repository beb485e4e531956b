//! Propagation of trace contexts between services.
//!
//! [`TraceContext`] is the `traceparent` header, [`TraceState`] the `tracestate` header, both of
//! [W3C Trace Context level 2](https://www.w3.org/TR/trace-context-2/). The parser is strict: a header
//! that the specification calls invalid begins a new trace. [`Propagators`] select other headers, and
//! [`Baggage`] is propagated with the trace context.
//!
//! # Examples
//!
//! ```
//! use opencensus_core::TraceContext;
//!
//! let header = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
//! let context = TraceContext::parse(header).expect("a valid header");
//! assert!(context.flags().is_sampled());
//! assert_eq!(context.to_header().as_slice(), header);
//! ```

mod b3;
mod baggage;
mod caller;
mod cloud_trace;
mod grpc_trace_bin;
mod parent_rate;
mod propagator;
mod remote_parent;
mod request_id;
mod sampler_mark;
mod text_format;
mod threshold;
mod trace_context;
mod trace_state;
mod trace_state_member;

pub use baggage::{Baggage, BaggageMember};
pub(crate) use caller::Caller;
pub(crate) use parent_rate::ParentRate;
pub use propagator::{Propagator, PropagatorSet, Propagators};
pub use remote_parent::RemoteParent;
pub use sampler_mark::SamplerMark;
pub use trace_context::{TraceContext, TraceFlags};
pub use trace_state::{InvalidTraceState, TraceState};
