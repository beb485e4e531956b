#![doc = include_str!("../README.md")]

#[cfg(feature = "actix")]
pub mod actix;
#[cfg(all(feature = "azure", feature = "axum", feature = "file"))]
pub mod guide;
mod handler;
mod layer;
mod middleware;
pub mod observers;
#[cfg(feature = "opentelemetry")]
pub mod opentelemetry;
pub mod outgoing;
pub mod security;
pub mod settings;
#[cfg(feature = "shutdown-signal")]
mod shutdown;
mod start;
mod telemetry;
pub mod tower;
#[cfg(feature = "tracing")]
pub mod tracing;

pub use handler::{Failure, InRequest, RequestTelemetry, SuspiciousOperation, in_request};
pub use layer::OpenCensusLayer;
pub use middleware::install_panic_hook;
pub use opencensus_core::{
    Attribute, DependencySpan, EndEvent, Event, InMemoryExporter, Link, Observer, Outcome, OutcomeKind, RequestRecord,
    RequestSpan, ResponseEvent, SpanStatus, Value,
};
pub use outgoing::{Call, CallName, ClientLayer, inject, inject_call};
pub use settings::model::Settings;
#[cfg(feature = "shutdown-signal")]
pub use shutdown::{ShutdownSignal, shutdown_signal};
pub use telemetry::{Telemetry, TelemetryError};
pub use tower::peer_address::PeerAddress;
pub use tower::request_scheme::RequestScheme;

#[cfg(feature = "azure")]
pub use opencensus_azure as azure;
pub use opencensus_core as core;
#[cfg(feature = "logging")]
pub use opencensus_logging as logging;

pub mod exporter {
    //! Exporters: the built-in ones, and the trait for custom ones.
    //!
    //! [`opencensus_core::exporter`] has an example of a custom exporter, which
    //! [`Settings::start_with`](crate::Settings::start_with) takes.

    pub use opencensus_core::exporter::{
        Batch, Delivery, EncodeError, Exporter, FailureCause, ItemOutcome, SendFuture, SendOutcome,
    };
    pub use opencensus_core::{ConsoleExporter, StartError, TelemetryItem};

    pub use crate::settings::exporter_setting::ExporterSetting;
}

pub mod sampling {
    //! Samplers and sampling rates: the types of the sampling settings in
    //! [`TraceSettings`](crate::settings::TraceSettings).

    pub use opencensus_core::{ParentTrust, RemoteUnsampled, SamplingRate, TracesPerSecond};

    pub use crate::settings::sampling::{
        CustomSampler, InvalidRateRule, KeepFailures, RateRule, SamplerSetting, SamplingPreset,
    };
}

pub mod stats {
    //! Counters of requests and items, and the report of a flush or a shutdown.

    pub use opencensus_core::pipeline::Completion;
    pub use opencensus_core::{DropReason, Report, RequestCounts, Stats};
}

pub mod propagation {
    //! Trace context propagation: the trace, the baggage and the headers that carry them from service to service.
    //!
    //! [`inject`](crate::inject) and [`inject_call`](crate::inject_call) write the current request's trace
    //! into the headers of an outgoing call.

    pub use opencensus_core::{Baggage, Propagator, Propagators, SpanId, TraceContext, TraceFlags, TraceId};
}
