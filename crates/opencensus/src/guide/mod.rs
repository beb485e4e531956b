//! Guides: services at the edge, outgoing calls and databases, failures, the order of layers, gRPC, operations, reliability,
//! and the migration from other libraries, with each key, class and call of the other one and its equivalent here.

#[doc = include_str!("../../docs/at_the_edge.md")]
pub mod at_the_edge {}

#[doc = include_str!("../../docs/calls.md")]
pub mod calls {}

#[doc = include_str!("../../docs/failures.md")]
pub mod failures {}

#[doc = include_str!("../../docs/layer_order.md")]
pub mod layer_order {}

#[cfg(feature = "tonic")]
#[doc = include_str!("../../docs/grpc.md")]
pub mod grpc {}

#[cfg(feature = "azure")]
#[doc = include_str!("../../docs/operations.md")]
pub mod operations {}

#[doc = include_str!("../../docs/reliability.md")]
pub mod reliability {}

#[cfg(feature = "mail")]
#[doc = include_str!("../../docs/migrating_from_django.md")]
pub mod migrating_from_django {}

#[cfg(feature = "logging")]
#[doc = include_str!("../../docs/migrating_from_opencensus_python.md")]
pub mod migrating_from_opencensus_python {}

// Compiles the programs of the repository's front page.
#[cfg(all(doctest, feature = "opentelemetry", feature = "shutdown-signal"))]
#[doc = include_str!("../../../../README.md")]
mod front_page {}
