//! How a trace travels from service to service.
//!
//! [`TraceContext`] is the `traceparent` header, [`TraceState`] the `tracestate` header, both of
//! [W3C Trace Context level 2](https://www.w3.org/TR/trace-context-2/). The parser is strict: what
//! the text calls invalid starts a new trace. [`Propagators`] say in which other headers a trace
//! travels, and [`Baggage`] goes along with it.
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
mod cloud_trace;
mod propagator;
mod request_id;
mod trace_context;
mod trace_state;

pub use baggage::{Baggage, BaggageMember};
pub use propagator::{Propagator, PropagatorSet, Propagators};
pub use trace_context::{RemoteParent, TraceContext, TraceFlags};
pub(crate) use trace_state::ParentRate;
pub use trace_state::{InvalidTraceState, SamplerMark, TraceState};
