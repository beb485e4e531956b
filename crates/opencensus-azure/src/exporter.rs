//! The exporter: batches to Application Insights.

use std::fmt;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use flate2::write::GzEncoder;
use opencensus_core::exporter::{BoxError, Sending, Unencodable};
use opencensus_core::{Batch, Delivery, DropReason, Exporter, Resource, Telemetry};
use rustls::ClientConfig;
use url::Url;

use crate::connection_string::{ConnectionString, InvalidEndpoint};
use crate::encode::Encoder;
use crate::envelope::limits;
use crate::mapping::request_record;
use crate::tls::{self, TlsError};
use crate::transport::Transport;

/// Sends telemetry to Application Insights, or whatever speaks its protocol.
///
/// One POST of gzip-compressed JSON to `/v2.1/track` a batch. Give it to a
/// [`Pipeline`](opencensus_core::Pipeline), which batches, retries and counts.
pub struct AzureExporter {
    encoder: Encoder,
    url: Url,
    tls: ClientConfig,
    timeout: Duration,
    compression: Compression,
    transport: Option<Transport>,
}

/// How hard batches are compressed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Compression {
    /// The least processor time (deflate level 1). The default.
    #[default]
    Fast,
    /// Fewer bytes at more processor time (deflate level 6).
    Best,
}

/// Why the exporter cannot be made.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AzureExporterError {
    /// The connection string's endpoint cannot be sent to.
    #[error(transparent)]
    Endpoint(#[from] InvalidEndpoint),
    /// There is no TLS, and the endpoint needs it.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

impl AzureExporter {
    /// Sends to the connection string's endpoint, in the name of `resource`.
    ///
    /// TLS is set up, and certificates are read, only for `https`.
    ///
    /// # Errors
    ///
    /// The endpoint is not an absolute URL, or there are no certificates.
    pub fn new(connection: &ConnectionString, resource: &Resource) -> Result<Self, AzureExporterError> {
        let url = connection.track_url()?;
        let tls = if url.scheme() == "https" { tls::system()? } else { tls::none()? };
        Ok(Self {
            encoder: Encoder::new(connection.instrumentation_key(), resource),
            url,
            tls,
            timeout: Duration::from_secs(10),
            compression: Compression::default(),
            transport: None,
        })
    }

    /// Counts 4xx answers as successes. Default: failures, as in all of Microsoft's SDKs.
    #[must_use]
    pub fn with_client_errors_as_success(mut self, succeed: bool) -> Self {
        self.encoder.client_errors_succeed = succeed;
        self
    }

    /// Compresses this hard.
    #[must_use]
    pub fn with_compression(mut self, compression: Compression) -> Self {
        self.compression = compression;
        self
    }

    /// Gives up a POST after this time, connection and answer included. Default: 10 s.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Host and port of the endpoint.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        self.url.authority()
    }

    /// The body that a batch is posted with: a compressed JSON array. For whoever sends it by other means.
    ///
    /// # Errors
    ///
    /// None that memory gives: it takes every byte.
    pub fn body(&self, batch: &Batch) -> std::io::Result<Vec<u8>> {
        let level = match self.compression {
            Compression::Fast => 1,
            Compression::Best => 6,
        };
        let mut encoder = GzEncoder::new(Vec::with_capacity(batch.size() / 6 + 64), flate2::Compression::new(level));
        encoder.write_all(b"[")?;
        // Every item begins with a comma; the first one's is the bracket's.
        encoder.write_all(batch.bytes().get(1..).unwrap_or_default())?;
        encoder.write_all(b"]")?;
        encoder.finish()
    }
}

impl fmt::Debug for AzureExporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AzureExporter").field("endpoint", &self.endpoint()).finish_non_exhaustive()
    }
}

impl Exporter for AzureExporter {
    fn start(&mut self) -> Result<(), BoxError> {
        self.transport = Some(Transport::new(self.url.clone(), self.tls.clone(), self.timeout)?);
        Ok(())
    }

    fn split(&mut self, item: &mut Telemetry) -> Vec<Telemetry> {
        match item {
            Telemetry::Request(record) => request_record::take_happenings(record),
            _ => Vec::new(),
        }
    }

    fn encode(&mut self, item: Telemetry, batch: &mut Batch) -> Result<(), Unencodable> {
        if !Encoder::has_form(&item) {
            return Err(Unencodable::Unsupported);
        }
        let fits = batch.push_bytes_within(limits::ITEM, |bytes| self.encoder.write(bytes, &item));
        if fits { Ok(()) } else { Err(Unencodable::TooLarge) }
    }

    fn send(&mut self, batch: Arc<Batch>) -> Sending {
        let (Some(transport), Ok(body)) = (self.transport.clone(), self.body(&batch)) else {
            // Neither happens: the pipeline starts the exporter first, and memory takes every byte.
            let dropped = Delivery::Dropped { reason: DropReason::Unsupported, pause: None };
            return Box::pin(std::future::ready(dropped));
        };
        Box::pin(transport.post(body, batch.len()))
    }
}
