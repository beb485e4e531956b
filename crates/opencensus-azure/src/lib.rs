#![doc = include_str!("../README.md")]

mod answer_body;
mod connection_string;
mod encode;
mod envelope;
mod exporter;
mod mapping;
mod redirect;
mod response;
mod surroundings;
mod tls;
mod transport;

pub use connection_string::{
    ConnectionString, InstrumentationKey, InvalidEndpoint, InvalidEndpointReason, ParseConnectionStringError,
};
pub use exporter::{AzureExporter, AzureExporterError, Compression};
pub use response::{answer, retry_after};
pub use surroundings::surroundings;
pub use tls::TlsError;
