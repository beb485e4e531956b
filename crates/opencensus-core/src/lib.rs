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

pub use exporter::{Batch, ConsoleExporter, Delivery, Exporter, InMemoryExporter, ItemOutcome, Tee};
pub use ids::{ParseIdError, SpanId, TraceId};
pub use observer::{Observer, ResponseEvent};
pub use path_filter::{InvalidPathEntry, PathFilter};
pub use pipeline::{
    DropReason, Pipeline, PipelineLimits, PipelineOptions, Processor, Report, RequestCounts, StartError, Stats,
    WeakPipeline,
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
    Attribute, Current, Event, Link, NonRecordingRequest, Outcome, OutcomeKind, OutgoingContext, RequestRecord,
    RequestSpan, SpanStatus, Value, current,
};
pub use telemetry::{
    AvailabilityRecord, EventRecord, ExceptionRecord, MessageRecord, MetricRecord, Origin, PageViewRecord, Severity,
    SpanKind, SpanRecord, TelemetryItem,
};
pub use tracer::Tracer;
