//! Gives a handler access to the telemetry of its request.

use std::borrow::Cow;
use std::error::Error;
use std::panic::Location;
use std::sync::Arc;

use http::{Extensions, HeaderMap};
use opencensus_core::{Attribute, Current, Event, RequestSpan, TelemetryItem, TraceContext, current};

use crate::middleware::SharedFormData;
use crate::middleware::request_error::handled;
use crate::outgoing;

/// A handler's access to the telemetry of its request: it reads ids and adds data. A request that is not kept
/// has ids, too; added data is ignored.
///
/// In axum and actix-web it is an extractor; in axum it also gives the matched route to a layer around the router.
/// Elsewhere [`of`](Self::of) takes it from a request's extensions, and [`current`](Self::current) from the
/// thread. Clones may move to spawned tasks. After the request's end, added data is ignored.
///
/// # Examples
///
/// ```
/// use axum::{Router, extract::Path, routing::get};
/// use opencensus::{Telemetry, OpenCensusLayer, RequestTelemetry};
///
/// async fn user(request: RequestTelemetry, Path(id): Path<u32>) -> String {
///     request.set_attribute("shop.user", i64::from(id));
///     request.set_user("alice");
///     format!("trace {:?}", request.trace_id())
/// }
///
/// let (telemetry, _) = Telemetry::in_memory();
/// let app: Router = Router::new().route("/users/{id}", get(user)).layer(OpenCensusLayer::new(telemetry));
/// ```
#[derive(Clone, Debug, Default)]
pub struct RequestTelemetry {
    request: Option<Current>,
    // `None`: no observer reports the request.
    form_data: Option<SharedFormData>,
}

impl RequestTelemetry {
    /// The request with these extensions. They do not identify a request that is not kept: for it, this is the
    /// [current](Self::current) request.
    #[must_use]
    pub fn of(extensions: &Extensions) -> Self {
        Self::new(extensions.get(), extensions.get())
    }

    fn new(span: Option<&Arc<RequestSpan>>, form_data: Option<&SharedFormData>) -> Self {
        let known = match span {
            Some(span) => Self { request: Some(Current::Recording(Arc::clone(span))), form_data: None },
            None => Self::current(),
        };
        Self { form_data: form_data.cloned(), ..known }
    }

    /// The request that this thread is handling. Outside of an [`OpenCensusLayer`](crate::OpenCensusLayer) it has no
    /// [`context`](Self::context), and added data is ignored.
    #[must_use]
    pub fn current() -> Self {
        Self { request: current::get(), form_data: None }
    }

    /// Trace id, span id and flags, whether the request is kept or not. `None`: outside of an
    /// [`OpenCensusLayer`](crate::OpenCensusLayer).
    #[must_use]
    pub fn context(&self) -> Option<TraceContext> {
        self.request.as_ref().map(Current::context)
    }

    /// The trace id: 32 hexadecimal digits, as in log lines and in Application Insights.
    #[must_use]
    pub fn trace_id(&self) -> Option<String> {
        self.context().map(|context| context.trace_id().to_string())
    }

    /// The span id of the request: 16 hexadecimal digits.
    #[must_use]
    pub fn span_id(&self) -> Option<String> {
        self.context().map(|context| context.span_id().to_string())
    }

    /// The live span, if the request is kept or may be kept at its end.
    #[must_use]
    pub fn span(&self) -> Option<&Arc<RequestSpan>> {
        match &self.request {
            Some(Current::Recording(span)) => Some(span),
            _ => None,
        }
    }

    /// Writes the request's trace into the headers of a call to `authority`, as [`inject`](crate::inject) does, wherever it
    /// is called: in a spawned task, in another thread, in `spawn_blocking`.
    ///
    /// # Examples
    ///
    /// ```
    /// async fn order(request: opencensus::RequestTelemetry) {
    ///     tokio::spawn(async move {
    ///         let mut headers = http::HeaderMap::new();
    ///         request.inject("stock.example", &mut headers);
    ///         // … send the call with these headers …
    ///     });
    /// }
    /// ```
    pub fn inject(&self, authority: &str, headers: &mut HeaderMap) {
        if let Some(request) = &self.request {
            outgoing::write(authority, headers, request, outgoing::parent_of_call(request));
        }
    }

    /// Like [`inject`](Self::inject), for a call that has its own span, and returns the span's context. `None`: there is no
    /// request.
    pub fn inject_call(&self, authority: &str, headers: &mut HeaderMap) -> Option<TraceContext> {
        self.request.as_ref().map(|request| outgoing::write_call(authority, headers, request))
    }

    /// Sends an item that belongs to the request, as [`Telemetry::track`](crate::Telemetry::track) does, wherever it is
    /// called: in a spawned task, in another thread, in `spawn_blocking`.
    ///
    /// # Examples
    ///
    /// ```
    /// use opencensus::core::{EventRecord, Origin};
    /// use std::time::SystemTime;
    ///
    /// async fn order(request: opencensus::RequestTelemetry) {
    ///     tokio::spawn(async move {
    ///         request.track(EventRecord::new(Origin::at(SystemTime::now()), "order placed"));
    ///     });
    /// }
    /// ```
    pub fn track(&self, item: impl Into<TelemetryItem>) {
        if let Some(request) = &self.request {
            request.submit(item);
        }
    }

    /// Records an error that the handler coped with: an exception item of the severity warning, with the causes of the error
    /// and the place of this call. The request's success stays as it is. Wherever it is called, as [`track`](Self::track).
    ///
    /// The error that a handler returns ([`Failure`](crate::Failure)) is an exception item without it.
    ///
    /// # Examples
    ///
    /// ```
    /// async fn stock(request: opencensus::RequestTelemetry) -> u32 {
    ///     match "seven".parse() {
    ///         Ok(chairs) => chairs,
    ///         Err(error) => {
    ///             request.record_error(&error);
    ///             0
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// An error in a box is `&*error`, and one of `anyhow` is `error.as_ref()`.
    #[track_caller]
    pub fn record_error(&self, error: &(dyn Error + 'static)) {
        let location = Location::caller();
        if let Some(request) = &self.request {
            request.submit_with(|| Some(handled(error, location).into()));
        }
    }

    /// Sets an attribute. An existing one with the same key is replaced.
    pub fn set_attribute(&self, key: impl Into<Cow<'static, str>>, value: impl Into<opencensus_core::Value>) {
        self.with_span(|span| span.set_attribute(Attribute::new(key, value)));
    }

    /// Adds an event.
    pub fn add_event(&self, event: Event) {
        self.with_span(|span| span.add_event(event));
    }

    /// Names the operation. Default: `METHOD /route`. Use few distinct names: Application Insights aggregates by them.
    pub fn set_name(&self, name: impl Into<Cow<'static, str>>) {
        self.with_span(|span| span.set_name(name));
    }

    /// Names the matched route's template, such as `/users/{id}`, where neither axum nor actix-web does.
    pub fn set_route(&self, route: impl Into<Cow<'static, str>>) {
        let route = route.into();
        if let Some(form_data) = &self.form_data {
            form_data.set_route(&route);
        }
        self.with_span(|span| span.set_route(route));
    }

    /// Names the signed-in user: Application Insights' `user_AuthenticatedId`, and `USER` in a mailed report
    /// (except through [`current`](Self::current)). It is personal data.
    pub fn set_user(&self, id: impl Into<Cow<'static, str>>) {
        let id = id.into();
        if let Some(form_data) = &self.form_data {
            form_data.set_user(&id);
        }
        self.with_span(|span| span.set_user(id));
    }

    /// Sets the form fields of a mailed report, which redacts the values of names that suggest a secret. The
    /// middleware does not read bodies, so the report has no other fields. It needs the request's extensions, so it
    /// has no effect through [`current`](Self::current). At most 128 fields are kept, 4 KiB of each name or value, and 8 KiB in
    /// all.
    pub fn set_form<N: Into<String>, V: Into<String>>(&self, fields: impl IntoIterator<Item = (N, V)>) {
        if let Some(form_data) = &self.form_data {
            form_data.set_form(fields.into_iter().map(|(name, value)| (name.into(), value.into())));
        }
    }

    /// Sets the file fields of a mailed report, with the files' names, as [`set_form`](Self::set_form) does.
    pub fn set_files<N: Into<String>, F: Into<String>>(&self, files: impl IntoIterator<Item = (N, F)>) {
        if let Some(form_data) = &self.form_data {
            form_data.set_files(files.into_iter().map(|(name, file)| (name.into(), file.into())));
        }
    }

    /// Names the session: Application Insights' `session_Id`.
    pub fn set_session(&self, id: impl Into<Cow<'static, str>>) {
        self.with_span(|span| span.set_session(id));
    }

    /// Marks the request as failed, whatever its response.
    pub fn set_failed(&self, message: impl Into<Cow<'static, str>>) {
        self.with_span(|span| span.set_failed(message));
    }

    /// Discards the request's telemetry, whatever its outcome.
    pub fn discard(&self) {
        self.with_span(RequestSpan::discard);
    }

    /// The request. `None`: outside of a layer.
    pub(crate) fn request(&self) -> Option<&Current> {
        self.request.as_ref()
    }

    fn with_span(&self, change: impl FnOnce(&RequestSpan)) {
        if let Some(span) = self.span() {
            change(span);
        }
    }
}

#[cfg(feature = "axum")]
impl<S: Sync> axum::extract::FromRequestParts<S> for RequestTelemetry {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut http::request::Parts, _: &S) -> Result<Self, Self::Rejection> {
        let request = Self::of(&parts.extensions);
        // A layer around the router runs before axum matches the route.
        if let Some(route) = parts.extensions.get::<axum::extract::MatchedPath>() {
            request.set_route(route.as_str().to_owned());
        } else if let Some(route) = crate::tower::nested_route::nested_route(&parts.extensions) {
            request.set_route(route);
        }
        Ok(request)
    }
}

#[cfg(feature = "actix")]
impl actix_web::FromRequest for RequestTelemetry {
    type Error = actix_web::Error;
    type Future = std::future::Ready<Result<Self, Self::Error>>;

    fn from_request(request: &actix_web::HttpRequest, _: &mut actix_web::dev::Payload) -> Self::Future {
        let extensions = actix_web::HttpMessage::extensions(request);
        std::future::ready(Ok(Self::new(extensions.get(), extensions.get())))
    }
}
