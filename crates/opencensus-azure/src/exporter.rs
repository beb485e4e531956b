//! The exporter for Application Insights.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use opencensus_core::exporter::{BoxError, Destination, EncodeError, SendFuture};
use opencensus_core::{Batch, Delivery, DropReason, Exporter, QueryRedaction, Resource, TelemetryItem};
use url::Url;

use crate::connection_string::{ConnectionString, InvalidEndpoint};
use crate::encode::Encoder;
use crate::gzip::gzip;
use crate::loopback::is_loopback;
use crate::mapping::request;
use crate::proxy::{OutboundProxy, ProxyUrl};
use crate::tls::{self, ExtraRoots, TlsError};
#[cfg(feature = "reqwest")]
use crate::transport::ReqwestClient;
use crate::transport::{HttpClient, HyperClient, Transport};

/// Sends telemetry to Application Insights, or to another endpoint with the same protocol.
///
/// Each batch is one POST of gzip-compressed JSON to `/v2.1/track`. A
/// [`Pipeline`](opencensus_core::Pipeline) drives the exporter: it batches, retries and counts.
///
/// # Examples
///
/// ```
/// use opencensus_azure::{AzureExporter, Compression, ConnectionString};
/// use opencensus_core::Resource;
/// use std::time::Duration;
///
/// let connection: ConnectionString = "UseDevelopmentTelemetry=true".parse()?;
/// let exporter = AzureExporter::new(&connection, &Resource::parse("service.name=shop")?)?
///     .with_compression(Compression::Best)
///     .with_timeout(Duration::from_secs(5));
/// assert_eq!(exporter.endpoint(), "127.0.0.1:8787");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct AzureExporter {
    encoder: Encoder,
    url: Url,
    destination: Destination,
    proxy: Option<ProxyUrl>,
    extra_roots: ExtraRoots,
    plain_http: bool,
    timeout: Duration,
    compression: Compression,
    #[cfg(feature = "reqwest")]
    client_builder: Option<reqwest::ClientBuilder>,
    transport: Option<Transport>,
}

/// The compression of batches.
///
/// # Examples
///
/// ```
/// use opencensus_azure::Compression;
///
/// assert_eq!(Compression::default(), Compression::Fast);
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Compression {
    /// Little CPU time, and hardly more bytes: zlib's level 2, where its curve bends. The default.
    #[default]
    Fast,
    /// Fewest bytes: zlib's level 7. The compression takes about three times longer.
    Best,
}

impl Compression {
    /// The level of zlib. `cargo bench --bench export` of the comparison with other implementations prints the curve: level 1
    /// has half as many bytes again as level 2, and levels above 7 take much longer for hardly fewer.
    fn level(self) -> i32 {
        match self {
            Self::Fast => 2,
            Self::Best => 7,
        }
    }
}

/// Why the exporter cannot be created or started.
///
/// # Examples
///
/// ```
/// use opencensus_azure::{AzureExporter, AzureExporterError, ConnectionString};
/// use opencensus_core::Resource;
///
/// let connection: ConnectionString =
///     "InstrumentationKey=00000000-0000-0000-0000-000000000001;IngestionEndpoint=ftp://shop.example".parse()?;
/// let error = AzureExporter::new(&connection, &Resource::default()).unwrap_err();
/// assert!(matches!(error, AzureExporterError::Endpoint(_)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AzureExporterError {
    /// The endpoint of the connection string is invalid.
    #[error(transparent)]
    Endpoint(#[from] InvalidEndpoint),
    /// The endpoint requires TLS, which cannot be set up.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The endpoint is plain `http` on another machine, where anyone on the network path can read the
    /// telemetry.
    #[error(
        "the endpoint `{0}` is plain `http` on another machine, and telemetry contains personal data: \
         use `https`, or allow it (`with_plain_http`, `OPENCENSUS_AZURE_PLAIN_HTTP=true`)"
    )]
    PlainHttp(String),
    /// Extra root certificates cannot be added to a client of `reqwest`.
    #[cfg(feature = "reqwest")]
    #[error(
        "extra root certificates (`with_extra_roots`, `azure.extra_roots`) do not apply to `with_client_builder`: add \
         them to the builder"
    )]
    ExtraRoots,
}

/// The longest timeout: the clock cannot represent every later point in time.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(24 * 60 * 60);

impl AzureExporter {
    /// Creates an exporter for the endpoint of the connection string. `resource` describes the process.
    ///
    /// TLS is set up when the pipeline starts, and only for `https`. The start fails if the system has no
    /// root certificates, or if the endpoint is plain `http` on another machine.
    ///
    /// # Errors
    ///
    /// The endpoint is not an absolute `http` or `https` URL, or contains credentials or a query.
    pub fn new(connection: &ConnectionString, resource: &Resource) -> Result<Self, AzureExporterError> {
        let url = connection.track_url()?;
        Ok(Self {
            encoder: Encoder::new(connection.instrumentation_key(), resource),
            destination: Destination::new([url.as_str(), connection.instrumentation_key().expose()]),
            url,
            proxy: None,
            extra_roots: ExtraRoots::default(),
            plain_http: false,
            timeout: Duration::from_secs(10),
            compression: Compression::default(),
            #[cfg(feature = "reqwest")]
            client_builder: None,
            transport: None,
        })
    }

    /// Counts requests with a 4xx status as successful. Default: false, as in Microsoft's SDKs.
    #[must_use]
    pub fn with_client_errors_as_success(mut self, succeed: bool) -> Self {
        self.encoder.options.client_errors_succeed = succeed;
        self
    }

    /// Sets the most bytes of an item in JSON, escapes included. Default: 64 KiB, the service's documented limit.
    ///
    /// A larger item is made smaller: its longest texts are shortened until it fits, which the property
    /// `opencensus.shortened` lists. If that is not enough, properties are left out, which
    /// `opencensus.left_out` counts. The limit also holds for messages to and from language models (`gen_ai.…`):
    /// they may have 262,144 characters, as in Microsoft's exporters, if the limit is raised.
    #[must_use]
    pub fn with_max_item_bytes(mut self, bytes: usize) -> Self {
        self.encoder.options.max_item_bytes = bytes;
        self
    }

    /// Sets which secrets in URLs are redacted, in every item. Default: those of keys that usually hold secrets.
    #[must_use]
    pub fn with_query_redaction(mut self, redaction: QueryRedaction) -> Self {
        self.encoder.options.redaction = redaction;
        self
    }

    /// Sets whether the attributes of the resource are properties of every item. Default: true.
    ///
    /// Attributes of the groups that detectors set (`service.`, `host.`, `cloud.`, `k8s.` and the like) never are:
    /// tags hold the role, the instance and the version.
    #[must_use]
    pub fn with_resource_properties(mut self, written: bool) -> Self {
        self.encoder.options.resource_properties = written;
        self
    }

    /// Sets the clock. The service refuses an item that is older than 48 h or more than 2 h ahead, so such an item is
    /// sent with the current time, and its property `opencensus.original_time` has its own. Default: the
    /// system's.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Fn() -> SystemTime + Send + 'static) -> Self {
        self.encoder.options.clock = Box::new(clock);
        self
    }

    /// Sets the compression level. Default: [`Compression::Fast`].
    #[must_use]
    pub fn with_compression(mut self, compression: Compression) -> Self {
        self.compression = compression;
        self
    }

    /// Sets the timeout of a POST, from connecting to the last byte of the response. Default: 10 s; at most a day.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout.min(LONGEST_TIMEOUT);
        self
    }

    /// Sends through this proxy, also to loopback addresses. Default: `HTTPS_PROXY`, `HTTP_PROXY` and
    /// `NO_PROXY`, but no proxy for loopback addresses.
    #[must_use]
    pub fn with_proxy(mut self, proxy: ProxyUrl) -> Self {
        self.proxy = Some(proxy);
        self
    }

    /// Trusts these root certificates in addition to the system's. Default: none.
    #[must_use]
    pub fn with_extra_roots(mut self, roots: ExtraRoots) -> Self {
        self.extra_roots = roots;
        self
    }

    /// Allows plain `http` to other machines. Default: false, only to loopback addresses.
    #[must_use]
    pub fn with_plain_http(mut self, allowed: bool) -> Self {
        self.plain_http = allowed;
        self
    }

    /// Sends with a client of `reqwest` instead of the built-in client, such as one with a client certificate.
    ///
    /// The exporter finishes the builder when the pipeline starts: it sets the timeout, leaves redirects to the
    /// exporter's own rules (reqwest would follow them to any host) and sends no `Referer`. TLS, root certificates and
    /// proxies are the builder's; [`with_proxy`](Self::with_proxy) replaces its proxies, and
    /// [`with_extra_roots`](Self::with_extra_roots) cannot be combined with it. The start fails if it is.
    ///
    /// # Examples
    ///
    /// ```
    /// use opencensus_azure::{AzureExporter, ConnectionString};
    /// use opencensus_core::Resource;
    /// use std::time::Duration;
    ///
    /// let connection: ConnectionString = "UseDevelopmentTelemetry=true".parse()?;
    /// let builder = reqwest::Client::builder().connect_timeout(Duration::from_secs(2));
    /// let exporter = AzureExporter::new(&connection, &Resource::default())?.with_client_builder(builder);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "reqwest")]
    #[must_use]
    pub fn with_client_builder(mut self, builder: reqwest::ClientBuilder) -> Self {
        self.client_builder = Some(builder);
        self
    }

    /// The host of the endpoint, with its port unless that is the scheme's default.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        self.url.authority()
    }

    /// The body of the POST for a batch: a gzip-compressed JSON array. For programs that send it with their
    /// own client; [`IngestionResponse`](crate::IngestionResponse) interprets the response.
    ///
    /// # Errors
    ///
    /// Compression fails. It writes to memory, so this does not happen.
    pub fn body(&self, batch: &Batch) -> std::io::Result<Vec<u8>> {
        let parts = [&b"["[..]].into_iter().chain(self.encoder.with_key(batch)).chain([&b"]"[..]]);
        let expected = batch.size() / 6 + 64;
        gzip(parts, self.compression.level(), expected)
    }

    /// The HTTP client. TLS is set up only if it is needed, because it reads the system's certificates.
    fn client(&mut self) -> Result<HttpClient, BoxError> {
        #[cfg(feature = "reqwest")]
        if let Some(builder) = self.client_builder.take() {
            if !self.extra_roots.certificates().is_empty() {
                return Err(AzureExporterError::ExtraRoots.into());
            }
            let client = ReqwestClient::new(builder, self.proxy.as_ref(), self.timeout)?;
            return Ok(HttpClient::Reqwest(client));
        }
        let proxy = OutboundProxy::new(self.proxy.as_ref());
        let is_encrypted = self.url.scheme() == "https" || proxy.is_https(&self.url);
        let tls = is_encrypted.then(|| tls::system(&self.extra_roots)).transpose()?;
        Ok(HttpClient::Hyper(Box::new(HyperClient::new(tls, proxy, self.timeout))))
    }

    fn check_encryption(&self) -> Result<(), AzureExporterError> {
        let is_here = self.url.host_str().is_some_and(is_loopback);
        if self.url.scheme() == "https" || self.plain_http || is_here {
            return Ok(());
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
        self.check_encryption()?;
        self.transport = Some(Transport::new(self.client()?, self.url.clone()));
        Ok(())
    }

    /// The endpoint and the instrumentation key, as a hash.
    fn destination(&self) -> Option<Destination> {
        Some(self.destination)
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
        if self.encoder.push(batch, &item) { Ok(()) } else { Err(EncodeError::TooLarge) }
    }

    fn send(&mut self, batch: Arc<Batch>) -> SendFuture {
        let (Some(transport), Ok(body)) = (self.transport.clone(), self.body(&batch)) else {
            // Unreachable: the pipeline starts the exporter first, and compression does not fail.
            let dropped = Delivery::Dropped { reason: DropReason::Unsupported, pause: None };
            return Box::pin(std::future::ready(dropped.into()));
        };
        Box::pin(transport.post(body, batch.len()))
    }
}
