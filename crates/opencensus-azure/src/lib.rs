#![doc = include_str!("../README.md")]

mod connection_string;
mod detect_resource;
mod encode;
mod envelope;
mod exporter;
mod failure;
mod gzip;
mod ingestion_response;
mod loopback;
mod mapping;
mod proxy;
mod redirect;
mod tls;
mod transport;

pub use connection_string::{
    ConnectionString, InstrumentationKey, InvalidEndpoint, InvalidEndpointReason, ParseConnectionStringError,
};
pub use detect_resource::detect_resource;
pub use exporter::{AzureExporter, AzureExporterError, Compression};
pub use ingestion_response::IngestionResponse;
pub use proxy::{ParseProxyUrlError, ProxyUrl};
pub use tls::{ExtraRoots, ParseRootsError, TlsError};
