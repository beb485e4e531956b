#![doc = include_str!("../README.md")]

mod answer_body;
mod connection_string;
mod detect_resource;
mod encode;
mod envelope;
mod exporter;
mod mapping;
mod proxy;
mod redirect;
mod response;
mod tls;
mod transport;

pub use connection_string::{
    ConnectionString, InstrumentationKey, InvalidEndpoint, InvalidEndpointReason, ParseConnectionStringError,
};
pub use detect_resource::detect_resource;
pub use exporter::{AzureExporter, AzureExporterError, Compression};
pub use proxy::{ParseProxyUrlError, ProxyUrl};
pub use response::{answer, retry_after};
pub use tls::{ExtraRoots, ParseRootsError, TlsError};
