//! Holds the section `azure`.

use std::path::PathBuf;
use std::time::Duration;

use opencensus_azure::{Compression, ConnectionString, ProxyUrl};

/// How telemetry is sent to Application Insights.
///
/// # Examples
///
/// ```
/// use opencensus::Settings;
/// use std::time::Duration;
///
/// let mut settings = Settings::default();
/// settings.azure.timeout = Some(Duration::from_secs(5));
/// settings.azure.proxy = Some("http://proxy.example:3128".parse()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AzureSettings {
    /// The Application Insights resource. No default. Environment: `APPLICATIONINSIGHTS_CONNECTION_STRING`, else
    /// `APPINSIGHTS_INSTRUMENTATIONKEY`.
    pub connection_string: Option<ConnectionString>,
    /// Timeout of one POST request, above 0. Default: 10 s. Environment: `OPENCENSUS_AZURE_TIMEOUT`.
    pub timeout: Option<Duration>,
    /// The compression level of batches. Default: fast. Environment: `OPENCENSUS_AZURE_COMPRESSION`.
    pub compression: Compression,
    /// The outbound proxy. Default: that of `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`. Environment:
    /// `OPENCENSUS_AZURE_PROXY`.
    pub proxy: Option<ProxyUrl>,
    /// A PEM file with root certificates that are trusted in addition to those of the system. Default: none.
    /// Environment: `OPENCENSUS_AZURE_EXTRA_ROOTS`.
    pub extra_roots: Option<PathBuf>,
    /// Allows plain `http` to another machine. Default: false. Environment: `OPENCENSUS_AZURE_PLAIN_HTTP`.
    pub plain_http: bool,
    /// The most bytes of an item in JSON; the texts of a larger item are shortened. Default: 64 KiB, the service's
    /// documented limit. Environment: `OPENCENSUS_AZURE_MAX_ITEM_BYTES`.
    pub max_item_bytes: usize,
    /// Whether the attributes of the resource, such as `deployment.environment.name`, are properties of every item.
    /// Default: true. Environment: `OPENCENSUS_AZURE_RESOURCE_PROPERTIES`.
    pub resource_properties: bool,
}

impl Default for AzureSettings {
    fn default() -> Self {
        Self {
            connection_string: None,
            timeout: None,
            compression: Compression::default(),
            proxy: None,
            extra_roots: None,
            plain_http: false,
            max_item_bytes: 64 * 1024,
            resource_properties: true,
        }
    }
}
