#![doc = include_str!("../README.md")]

mod attribute;
mod base64;
mod hex;
mod ids;
mod observer;
mod resource;
mod sampling_rate;
mod sampling_rule;
#[cfg(test)]
mod testing;
mod tracer;

pub mod exporter;
pub mod notice;
pub mod path_filter;
pub mod pipeline;
pub mod propagation;
pub mod request;
pub mod sampler;
pub mod span;
pub mod store;
pub mod telemetry;

pub use attribute::{Attribute, Value};
pub use exporter::{
    Batch, ConsoleExporter, Delivery, DropReason, Exporter, FailureCause, InMemoryExporter, ItemOutcome, SendOutcome,
};
pub use ids::{ParseIdError, SpanId, TraceId};
pub use observer::{EndEvent, Observer, ResponseEvent};
pub use path_filter::{InvalidPathEntry, PathFilter};
pub use pipeline::{
    Pipeline, PipelineLimits, PipelineOptions, Processor, Report, RequestCounts, SetupCheck, StartError, Stats, Tee,
    WeakPipeline,
};
pub use propagation::{
    Baggage, BaggageMember, Propagator, Propagators, RemoteParent, TraceContext, TraceFlags, TraceState,
};
pub use request::{
    ForwardedHeader, Header, HttpVersion, InvalidProxy, NoRequest, Privacy, QueryRedaction, RequestDetails,
    RequestHead, TrustedProxies,
};
pub use resource::{InvalidResourceAttributes, Resource};
pub use sampler::{
    AlwaysOff, AlwaysOn, ApplicationInsightsSampler, Candidate, Decision, InvalidRouteEntry, InvalidTracesPerSecond,
    ParentPolicy, ParentTrust, ProbabilitySampler, RateLimitedSampler, RateRules, RemoteUnsampled, RouteEntry, Sampler,
    TailSampling, TracesPerSecond,
};
pub use sampling_rate::{InvalidSamplingRate, SamplingRate};
pub use sampling_rule::SamplingRule;
pub use span::{Current, DependencySpan, NonRecordingRequest, OutgoingContext, RequestSpan, current};
pub use store::StoreOptions;
pub use telemetry::{
    AvailabilityRecord, Event, EventRecord, ExceptionCause, ExceptionRecord, GrpcStatus, Link, MessageRecord,
    MetricRecord, Origin, Outcome, OutcomeKind, PageViewRecord, RequestRecord, Severity, SpanKind, SpanRecord,
    SpanStatus, TelemetryItem,
};
pub use tracer::Tracer;
