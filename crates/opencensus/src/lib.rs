#![doc = include_str!("../README.md")]

#[cfg(feature = "actix")]
pub mod actix;
#[cfg(all(feature = "azure", feature = "axum", feature = "file"))]
pub mod guide;
mod handler;
mod layer;
mod middleware;
mod observers;
mod propagation;
mod security;
pub mod settings;
#[cfg(feature = "shutdown-signal")]
mod shutdown;
mod start;
mod telemetry;
mod tower;

pub use handler::{Failure, RequestTelemetry, Suspicion, SuspiciousOperation};
pub use layer::OpenCensusLayer;
pub use middleware::header_capture::InvalidHeader;
#[cfg(feature = "logging")]
pub use observers::{RequestLogger, ServerLogger, TelemetryHandler};
pub use opencensus_core::pipeline::Completion;
pub use opencensus_core::{
    Attribute, Baggage, ConsoleExporter, DropReason, Event, Exporter, ForwardedHeader, InMemoryExporter,
    InvalidPathEntry, Link, Observer, Outcome, OutcomeKind, ParentTrust, PipelineLimits, Privacy, Propagator,
    Propagators, QueryRedaction, RemoteUnsampled, Report, RequestCounts, RequestRecord, RequestSpan, Resource,
    ResponseEvent, SamplingRate, SpanId, SpanStatus, StartError, Stats, TraceContext, TraceFlags, TraceId,
    TracesPerSecond, Value, current,
};
pub use propagation::{current_context, inject, inject_call};
pub use security::{AllowedHosts, AllowedHostsFuture, AllowedHostsLayer, AllowedHostsService};
pub use settings::{
    ExporterSetting, InvalidSettings, KeepFailures, RateRule, SamplerSetting, SamplingPreset, Settings,
};
#[cfg(feature = "shutdown-signal")]
pub use shutdown::{ShutdownSignal, shutdown_signal};
pub use telemetry::{Telemetry, TelemetryError};
pub use tower::{OpenCensusService, PeerAddress, ResponseBody, ResponseFuture};

#[cfg(feature = "azure")]
pub use opencensus_azure as azure;
/// What exporters and front ends of one's own are written with.
pub use opencensus_core as core;
#[cfg(feature = "logging")]
pub use opencensus_logging as logging;
#[cfg(feature = "opentelemetry")]
pub use opencensus_opentelemetry as opentelemetry;
