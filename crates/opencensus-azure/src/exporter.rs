//! The exporter: batches to Application Insights.

use std::fmt;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use flate2::write::GzEncoder;
use opencensus_core::exporter::{BoxError, EncodeError, SendFuture};
use opencensus_core::{Batch, Delivery, DropReason, Exporter, Resource, TelemetryItem};
use rustls::ClientConfig;
use url::Url;

use crate::connection_string::{ConnectionString, InvalidEndpoint};
use crate::encode::Encoder;
use crate::envelope::limits;
use crate::mapping::request;
use crate::proxy::ProxyUrl;
use crate::tls::{self, ExtraRoots, TlsError};
use crate::transport::{self, Transport};

/// Sends telemetry to Application Insights, or whatever speaks its protocol.
///
/// One POST of gzip-compressed JSON to `/v2.1/track` a batch. Give it to a
/// [`Pipeline`](opencensus_core::Pipeline), which batches, retries and counts.
pub struct AzureExporter {
    encoder: Encoder,
    url: Url,
    proxy: Option<ProxyUrl>,
    extra_roots: ExtraRoots,
    plain_http: bool,
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

/// Why the exporter cannot be made, or cannot start.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AzureExporterError {
    /// The connection string's endpoint cannot be sent to.
    #[error(transparent)]
    Endpoint(#[from] InvalidEndpoint),
    /// There is no TLS, and the endpoint needs it.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The endpoint is plain `http` on another machine: whoever listens there reads everything.
    #[error(
        "the endpoint `{0}` is plain `http` on another machine, and telemetry tells of your users: \
         write `https`, or allow it (`with_plain_http`, `OPENCENSUS_AZURE_PLAIN_HTTP=true`)"
    )]
    PlainHttp(String),
}

impl AzureExporter {
    /// Sends to the connection string's endpoint, in the name of `resource`.
    ///
    /// TLS is set up, and certificates are read, at the start and only for `https`. The start fails if there
    /// are none, and if the endpoint is plain `http` on another machine.
    ///
    /// # Errors
    ///
    /// The endpoint is not an absolute URL.
    pub fn new(connection: &ConnectionString, resource: &Resource) -> Result<Self, AzureExporterError> {
        let url = connection.track_url()?;
        Ok(Self {
            encoder: Encoder::new(connection.instrumentation_key(), resource),
            url,
            proxy: None,
            extra_roots: ExtraRoots::default(),
            plain_http: false,
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

    /// Goes through this proxy, whatever the environment says, and to this machine too. Default: `HTTPS_PROXY`,
    /// `HTTP_PROXY` and `NO_PROXY`, but never for loopback addresses.
    #[must_use]
    pub fn with_proxy(mut self, proxy: ProxyUrl) -> Self {
        self.proxy = Some(proxy);
        self
    }

    /// Trusts these authorities besides the system's. Default: none.
    #[must_use]
    pub fn with_extra_roots(mut self, roots: ExtraRoots) -> Self {
        self.extra_roots = roots;
        self
    }

    /// Sends over plain `http` to other machines as well. Default: to this one alone.
    #[must_use]
    pub fn with_plain_http(mut self, allowed: bool) -> Self {
        self.plain_http = allowed;
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

    fn tls(&self) -> Result<ClientConfig, AzureExporterError> {
        if self.url.scheme() == "https" {
            return Ok(tls::system(&self.extra_roots)?);
        }
        if self.plain_http || transport::is_loopback(&self.url) {
            return Ok(tls::none()?);
        }
        Err(AzureExporterError::PlainHttp(self.endpoint().to_owned()))
    }
}

impl fmt::Debug for AzureExporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AzureExporter").field("endpoint", &self.endpoint()).finish_non_exhaustive()
    }
}

impl Exporter for AzureExporter {
    fn start(&mut self) -> Result<(), BoxError> {
        let tls = self.tls()?;
        self.transport = Some(Transport::new(self.url.clone(), tls, self.proxy.as_ref(), self.timeout)?);
        Ok(())
    }

    fn split(&mut self, item: &mut TelemetryItem) -> Vec<TelemetryItem> {
        match item {
            TelemetryItem::Request(record) => request::take_events(record),
            _ => Vec::new(),
        }
    }

    fn encode(&mut self, item: TelemetryItem, batch: &mut Batch) -> Result<(), EncodeError> {
        if !Encoder::supports(&item) {
            return Err(EncodeError::Unsupported);
        }
        let fits = batch.push_bytes_within(limits::ITEM, |bytes| self.encoder.write(bytes, &item));
        if fits { Ok(()) } else { Err(EncodeError::TooLarge) }
    }

    fn send(&mut self, batch: Arc<Batch>) -> SendFuture {
        let (Some(transport), Ok(body)) = (self.transport.clone(), self.body(&batch)) else {
            // Neither happens: the pipeline starts the exporter first, and memory takes every byte.
            let dropped = Delivery::Dropped { reason: DropReason::Unsupported, pause: None };
            return Box::pin(std::future::ready(dropped));
        };
        Box::pin(transport.post(body, batch.len()))
    }
}
