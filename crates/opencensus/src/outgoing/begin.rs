//! Begins calls that no client layer records.

use std::borrow::Cow;

use http::Uri;
use opencensus_core::{Current, DependencySpan, Tracer, current};

use crate::outgoing::call::Call;
use crate::outgoing::call_head::{CallHead, url_of};
use crate::{RequestTelemetry, Telemetry};

impl Telemetry {
    /// Begins a call to a database or to any other service: under the request that this thread handles; outside of a
    /// request, as a trace of its own, if the sampler keeps it.
    ///
    /// # Examples
    ///
    /// A job that no request starts:
    ///
    /// ```
    /// # fn import() -> Result<u32, std::io::Error> { Ok(7) }
    /// let (telemetry, exporter) = opencensus::Telemetry::in_memory();
    /// let mut call = telemetry.dependency("SQL", "db.example|shop", "nightly import");
    /// if let Err(error) = import() {
    ///     call.set_failed(error.to_string());
    /// }
    /// call.end();
    /// telemetry.flush(std::time::Duration::from_secs(1)).wait();
    /// assert_eq!(exporter.spans()[0].name, "nightly import");
    /// ```
    pub fn dependency(
        &self,
        kind: impl Into<Cow<'static, str>>,
        target: impl Into<Cow<'static, str>>,
        name: impl Into<Cow<'static, str>>,
    ) -> DependencySpan {
        match self.tracer() {
            Some(tracer) if !current::is_set() => {
                tracer.begin_dependency(|context| DependencySpan::record(context, kind, target, name))
            }
            _ => DependencySpan::start(kind, target, name),
        }
    }

    /// Begins an outgoing HTTP call: under the request that this thread handles; outside of a request, as a trace of
    /// its own, if the sampler keeps it. [`Call`] has an example. [`ClientLayer`](crate::ClientLayer) does this for
    /// each call of a client.
    pub fn call(&self, method: &str, url: &str) -> Call {
        begin(None, self.tracer(), method, url)
    }
}

impl RequestTelemetry {
    /// Begins a call to a database or to any other service under this request, wherever it is called: in a spawned
    /// task, in another thread, in `spawn_blocking`.
    ///
    /// # Examples
    ///
    /// ```
    /// async fn order(request: opencensus::RequestTelemetry) {
    ///     tokio::task::spawn_blocking(move || {
    ///         let call = request.dependency("Redis", "cache.example", "GET basket");
    ///         // … read the cache …
    ///         call.end();
    ///     });
    /// }
    /// ```
    pub fn dependency(
        &self,
        kind: impl Into<Cow<'static, str>>,
        target: impl Into<Cow<'static, str>>,
        name: impl Into<Cow<'static, str>>,
    ) -> DependencySpan {
        match self.request() {
            Some(request) => {
                DependencySpan::under(request.clone(), |context| DependencySpan::record(context, kind, target, name))
            }
            None => DependencySpan::none(),
        }
    }

    /// Begins an outgoing HTTP call under this request, wherever it is called. [`Call`] has an example.
    pub fn call(&self, method: &str, url: &str) -> Call {
        match self.request() {
            Some(request) => begin(Some(request.clone()), None, method, url),
            None => Call::default(),
        }
    }
}

fn begin(request: Option<Current>, tracer: Option<&Tracer>, method: &str, url: &str) -> Call {
    match url.parse::<Uri>() {
        Ok(uri) => {
            let head = CallHead::of_uri(method, &uri, None, false);
            Call::begin(request, tracer, &head, || None, || url_of(&uri))
        }
        // Such a call fails.
        Err(_) => {
            let head = CallHead { method, authority: None, path: "", is_grpc: false };
            Call::begin(request, tracer, &head, || None, || url.to_owned())
        }
    }
}
