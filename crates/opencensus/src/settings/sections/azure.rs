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
#[derive(Clone, Debug, Default, PartialEq)]
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
}
