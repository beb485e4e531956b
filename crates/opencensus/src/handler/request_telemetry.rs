//! What a handler may ask of its request, and tell about it.

use std::borrow::Cow;
use std::sync::Arc;

use http::Extensions;
use opencensus_core::{Attribute, Current, Event, RequestSpan, TraceContext, current};

use crate::middleware::SharedFormData;

/// The request that is being handled, for its handler: ids to read, and more to tell about it. All of it
/// works for requests that are not kept too, and changes nothing then.
///
/// In axum and actix-web it is an extractor, which in axum also tells the route to a layer around the router;
/// everywhere [`of`](Self::of) takes it from a request's extensions, and [`current`](Self::current) from
/// the thread. Clones may go to spawned tasks; what is told after the
/// request's end changes nothing.
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
    context: Option<TraceContext>,
    span: Option<Arc<RequestSpan>>,
    // Somebody may report the request.
    form_data: Option<SharedFormData>,
}

impl RequestTelemetry {
    /// The request with these extensions. For one that is not kept, the thread's.
    #[must_use]
    pub fn of(extensions: &Extensions) -> Self {
        Self::new(extensions.get(), extensions.get())
    }

    fn new(span: Option<&Arc<RequestSpan>>, form_data: Option<&SharedFormData>) -> Self {
        let known = match span {
            Some(span) => Self { context: Some(span.context()), span: Some(Arc::clone(span)), form_data: None },
            None => Self::current(),
        };
        Self { form_data: form_data.cloned(), ..known }
    }

    /// The request that this thread is busy with, if there is one.
    #[must_use]
    pub fn current() -> Self {
        match current::get() {
            Some(Current::Recording(span)) => Self { context: Some(span.context()), span: Some(span), form_data: None },
            Some(Current::NonRecording(passing)) => Self { context: Some(passing.context()), ..Self::default() },
            None => Self::default(),
        }
    }

    /// Trace id, span id and flags, kept or not. `None`: no layer of ours is around.
    #[must_use]
    pub fn context(&self) -> Option<TraceContext> {
        self.context
    }

    /// The trace's id, as log lines and Application Insights show it.
    #[must_use]
    pub fn trace_id(&self) -> Option<String> {
        self.context.map(|context| context.trace_id().to_string())
    }

    /// The request's own id in its trace.
    #[must_use]
    pub fn span_id(&self) -> Option<String> {
        self.context.map(|context| context.span_id().to_string())
    }

    /// The live span, if the request is kept, or may be at its end.
    #[must_use]
    pub fn span(&self) -> Option<&Arc<RequestSpan>> {
        self.span.as_ref()
    }

    /// Adds a value; one of the same name is replaced.
    pub fn set_attribute(&self, key: impl Into<Cow<'static, str>>, value: impl Into<opencensus_core::Value>) {
        self.tell(|span| span.set_attribute(Attribute::new(key, value)));
    }

    /// Adds something that happened.
    pub fn add_event(&self, event: Event) {
        self.tell(|span| span.add_event(event));
    }

    /// Names the operation, instead of `METHOD /route`. The names of an application must be few.
    pub fn set_name(&self, name: impl Into<Cow<'static, str>>) {
        self.tell(|span| span.set_name(name));
    }

    /// Names the matched route's template, where no router of axum's does, such as `/users/{id}`.
    pub fn set_route(&self, route: impl Into<Cow<'static, str>>) {
        self.tell(|span| span.set_route(route));
    }

    /// Names the user who is signed in: Application Insights' `user_AuthenticatedId`, and `USER` in a report that is
    /// mailed (not by what [`current`](Self::current) gives). It is personal data.
    pub fn set_user(&self, id: impl Into<Cow<'static, str>>) {
        let id = id.into();
        if let Some(form_data) = &self.form_data {
            form_data.set_user(&id);
        }
        self.tell(|span| span.set_user(id));
    }

    /// Tells the fields of a form for a report that may be mailed, where values whose names tell of a secret are
    /// hidden. Bodies are read by nobody but the handler: what it does not tell is not reported. Needs the request's
    /// extensions, so not what [`current`](Self::current) gives. Nothing else shows them. At most 128 fields are kept,
    /// 4 KiB of a name or a value, and 8 KiB in all.
    pub fn set_form<N: Into<String>, V: Into<String>>(&self, fields: impl IntoIterator<Item = (N, V)>) {
        if let Some(form_data) = &self.form_data {
            form_data.set_form(fields.into_iter().map(|(name, value)| (name.into(), value.into())));
        }
    }

    /// Tells the fields of a form that are files, with the files' names, as [`set_form`](Self::set_form) does.
    pub fn set_files<N: Into<String>, F: Into<String>>(&self, files: impl IntoIterator<Item = (N, F)>) {
        if let Some(form_data) = &self.form_data {
            form_data.set_files(files.into_iter().map(|(name, file)| (name.into(), file.into())));
        }
    }

    /// Names the session: Application Insights' `session_Id`.
    pub fn set_session(&self, id: impl Into<Cow<'static, str>>) {
        self.tell(|span| span.set_session(id));
    }

    /// Says that the request failed, whatever its response says.
    pub fn set_failed(&self, message: impl Into<Cow<'static, str>>) {
        self.tell(|span| span.set_failed(message));
    }

    /// Leaves no telemetry of this request, whatever becomes of it.
    pub fn discard(&self) {
        self.tell(RequestSpan::discard);
    }

    fn tell(&self, what: impl FnOnce(&RequestSpan)) {
        if let Some(span) = &self.span {
            what(span);
        }
    }
}

#[cfg(feature = "axum")]
impl<S: Sync> axum::extract::FromRequestParts<S> for RequestTelemetry {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut http::request::Parts, _: &S) -> Result<Self, Self::Rejection> {
        let request = Self::of(&parts.extensions);
        // A layer around the router has not seen the route; here it is known.
        if let Some(route) = parts.extensions.get::<axum::extract::MatchedPath>() {
            request.set_route(route.as_str().to_owned());
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
