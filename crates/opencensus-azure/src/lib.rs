#![doc = include_str!("../README.md")]

mod answer_body;
mod connection_string;
mod encode;
mod envelope;
mod exporter;
mod mapping;
mod proxy;
mod redirect;
mod response;
mod surroundings;
mod tls;
mod transport;

pub use connection_string::{
    ConnectionString, InstrumentationKey, InvalidEndpoint, InvalidEndpointReason, ParseConnectionStringError,
};
pub use exporter::{AzureExporter, AzureExporterError, Compression};
pub use proxy::{ParseProxyUrlError, ProxyUrl};
pub use response::{answer, retry_after};
pub use surroundings::surroundings;
pub use tls::{ExtraRoots, ParseRootsError, TlsError};
