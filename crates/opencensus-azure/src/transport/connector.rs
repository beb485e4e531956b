//! Connects to the endpoint: directly, through a tunnel of a proxy, or to a proxy that forwards plain `http`.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper::rt::{Read, Write};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::proxy::matcher::Intercept;
use hyper_util::rt::TokioIo;
use opencensus_core::exporter::BoxError;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio_rustls::TlsConnector;
use tower_service::Service;

use crate::proxy::OutboundProxy;
use crate::transport::stream::Stream;

type Connecting = Pin<Box<dyn Future<Output = Result<Stream, ConnectError>> + Send>>;

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectError {
    #[error("could not connect")]
    Tcp(#[source] BoxError),
    #[error("the TLS handshake with `{host}` failed")]
    Tls {
        host: String,
        #[source]
        source: BoxError,
    },
    #[error("TLS is not set up, because the endpoint of the connection string is plain `http`")]
    NoTls,
    #[error("the proxy `{proxy}` failed")]
    Proxy {
        proxy: String,
        #[source]
        source: BoxError,
    },
    #[error("the proxy scheme `{0}` is not supported: use `http` or `https`")]
    ProxyScheme(String),
}

/// Connects by the scheme of a URL: TCP, and TLS for `https`.
#[derive(Clone)]
struct Direct {
    tcp: HttpConnector,
    // `None`: every URL is plain `http`.
    tls: Option<TlsConnector>,
}

impl Direct {
    async fn connect(mut self, to: Uri) -> Result<Stream, ConnectError> {
        let is_encrypted = to.scheme_str() == Some("https");
        if is_encrypted && self.tls.is_none() {
            return Err(ConnectError::NoTls);
        }
        let stream = self.tcp.call(to.clone()).await.map_err(|error| ConnectError::Tcp(error.into()))?;
        if is_encrypted { self.encrypt(stream, &to).await } else { Ok(Stream::new(stream)) }
    }

    async fn encrypt(
        self,
        stream: impl Read + Write + Send + Unpin + 'static,
        to: &Uri,
    ) -> Result<Stream, ConnectError> {
        let tls = self.tls.ok_or(ConnectError::NoTls)?;
        let host = to.host().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let failed = |source: BoxError| ConnectError::Tls { host: host.clone(), source };
        let name = ServerName::try_from(host.clone()).map_err(|error| failed(error.into()))?;
        let stream = tls.connect(name, TokioIo::new(stream)).await.map_err(|error| failed(error.into()))?;
        Ok(Stream::new(TokioIo::new(stream)))
    }
}

impl Service<Uri> for Direct {
    type Response = Stream;
    type Error = ConnectError;
    type Future = Connecting;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.tcp.poll_ready(cx).map_err(|error| ConnectError::Tcp(error.into()))
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        Box::pin(self.clone().connect(to))
    }
}

/// Connects to the host of a URL, or to the proxy that is selected for it.
#[derive(Clone)]
pub(super) struct Connector {
    direct: Direct,
    proxy: Arc<OutboundProxy>,
}

impl Connector {
    /// `tls` may be `None` if no URL, also of a proxy, is `https`.
    pub(super) fn new(tls: Option<ClientConfig>, proxy: Arc<OutboundProxy>, timeout: Duration) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        // Divided among the addresses of a host, so that one that does not respond leaves time for the next.
        tcp.set_connect_timeout(Some(timeout));
        tcp.set_keepalive(Some(Duration::from_secs(15)));
        let tls = tls.map(|config| TlsConnector::from(Arc::new(config)));
        Self { direct: Direct { tcp, tls }, proxy }
    }

    async fn connect(self, to: Uri) -> Result<Stream, ConnectError> {
        match self.proxy.of(&to) {
            None => self.direct.connect(to).await,
            Some(proxy) => self.through(proxy, to).await,
        }
    }

    async fn through(self, proxy: Intercept, to: Uri) -> Result<Stream, ConnectError> {
        let scheme = proxy.uri().scheme_str().unwrap_or_default();
        if !matches!(scheme, "http" | "https") {
            return Err(ConnectError::ProxyScheme(scheme.to_owned()));
        }
        let name = proxy.uri().authority().map(ToString::to_string).unwrap_or_default();
        let failed = |source: BoxError| ConnectError::Proxy { proxy: name.clone(), source };
        if to.scheme_str() != Some("https") {
            let stream = self.direct.connect(proxy.uri().clone()).await.map_err(|error| failed(error.into()))?;
            return Ok(stream.into_proxied());
        }
        let mut tunnel = Tunnel::new(proxy.uri().clone(), self.direct.clone());
        if let Some(credentials) = proxy.basic_auth() {
            tunnel = tunnel.with_auth(credentials.clone());
        }
        let stream = tunnel.call(to.clone()).await.map_err(|error| failed(error.into()))?;
        self.direct.encrypt(stream, &to).await
    }
}

impl Service<Uri> for Connector {
    type Response = Stream;
    type Error = ConnectError;
    type Future = Connecting;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.direct.poll_ready(cx)
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        Box::pin(self.clone().connect(to))
    }
}
