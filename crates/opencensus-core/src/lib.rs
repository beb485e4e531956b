#![doc = include_str!("../README.md")]

mod hex;
mod ids;
mod observer;
mod resource;
#[cfg(test)]
mod testing;
mod tracer;

pub mod exporter;
pub mod path_filter;
pub mod pipeline;
pub mod propagation;
pub mod request;
pub mod sampler;
pub mod span;
pub mod telemetry;

pub use exporter::{Batch, Beside, ConsoleExporter, Delivery, Exporter, InMemoryExporter, ItemOutcome};
pub use ids::{ParseIdError, SpanId, TraceId};
pub use observer::{Answer, Observer};
pub use path_filter::{InvalidPathEntry, PathFilter};
pub use pipeline::{
    DropReason, Entrance, Pipeline, PipelineLimits, PipelineOptions, Processor, Report, Requests, StartError, Stats,
};
pub use propagation::{
    Baggage, BaggageMember, Propagator, Propagators, RemoteParent, TraceContext, TraceFlags, TraceState,
};
pub use request::{
    ForwardedHeader, Header, HttpVersion, InvalidProxy, Privacy, QueryRedaction, RequestDetails, RequestHead,
    TrustedProxies,
};
pub use resource::{InvalidResourceAttributes, Resource};
pub use sampler::{
    AlwaysOff, AlwaysOn, ApplicationInsightsSampler, Candidate, Decision, InvalidRouteEntry, InvalidSamplingRate,
    InvalidTracesPerSecond, ParentPolicy, ParentTrust, ProbabilitySampler, RateLimitedSampler, RateRules,
    RemoteUnsampled, RouteEntry, Sampler, SamplingRate, SamplingRule, TailSampling, TracesPerSecond,
};
pub use span::{
    Attribute, Current, Event, Link, Luggage, Outcome, OutcomeKind, Passing, RequestRecord, RequestSpan, SpanStatus,
    Value, current,
};
pub use telemetry::{
    AvailabilityRecord, EventRecord, ExceptionRecord, MessageRecord, MetricRecord, Origin, PageViewRecord, Severity,
    SpanKind, SpanRecord, Telemetry,
};
pub use tracer::Tracer;
