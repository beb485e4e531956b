//! An error that a handler returns.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use http::{Response, StatusCode};
use opencensus_core::ResponseEvent;
use opencensus_settings::error_type;

use crate::handler::{Suspicion, SuspiciousOperation};
use crate::middleware::request_error::RequestError;

/// An error that a handler returns: the client receives only its status, observers and loggers receive the error.
///
/// The `?` operator turns a [`SuspiciousOperation`] into a failure with the status 400, and every other error into one
/// with the status 500, also boxed errors and `anyhow::Error`. Constructors create other failures, as Django's
/// exceptions do.
///
/// # Examples
///
/// ```
/// use opencensus::Failure;
///
/// async fn stock(chair: u32) -> Result<String, Failure> {
///     let list = std::fs::read_to_string("/var/lib/shop/stock")?;
///     let line = list.lines().nth(chair as usize).ok_or_else(Failure::not_found)?;
///     Ok(line.to_owned())
/// }
/// ```
#[derive(Clone)]
pub struct Failure {
    // A failure is an extension of the response, and extensions are cloned.
    inner: Arc<Inner>,
}

#[derive(Clone)]
struct Inner {
    status: StatusCode,
    // The template of the loggers' message. `None`: `%s: %s`.
    template: Option<&'static str>,
    value: Option<Cow<'static, str>>,
    suspicion: Option<Cow<'static, str>>,
    cause: Option<Arc<dyn Error + Send + Sync>>,
    // `None`: the cause's type is erased, or there is no cause.
    cause_type: Option<Cow<'static, str>>,
    // Where the handler made the failure.
    location: &'static Location<'static>,
}

impl Failure {
    /// A response with this status, without an error.
    #[must_use]
    #[track_caller]
    pub fn of_status(status: StatusCode) -> Self {
        let inner = Inner {
            status,
            template: None,
            value: None,
            suspicion: None,
            cause: None,
            cause_type: None,
            location: Location::caller(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// A response with this status, because of an error.
    #[must_use]
    #[track_caller]
    pub fn with_cause<E: Into<Box<dyn Error + Send + Sync>>>(status: StatusCode, cause: E) -> Self {
        let cause = cause.into();
        let cause_type = error_type::of_converted::<E>(&*cause);
        Self::of_status(status).changed(|inner| (inner.cause, inner.cause_type) = (Some(cause.into()), cause_type))
    }

    /// 404, as Django's `Http404`.
    #[must_use]
    pub fn not_found() -> Self {
        Self::of_status(StatusCode::NOT_FOUND)
    }

    /// 403, as Django's `PermissionDenied`.
    #[must_use]
    #[track_caller]
    pub fn permission_denied<E: Into<Box<dyn Error + Send + Sync>>>(cause: E) -> Self {
        Self::with_cause(StatusCode::FORBIDDEN, cause).with_template("Forbidden (Permission denied): %s")
    }

    /// 400, as Django's `BadRequest`: loggers show the error's message.
    #[must_use]
    #[track_caller]
    pub fn bad_request<E: Into<Box<dyn Error + Send + Sync>>>(cause: E) -> Self {
        let failure = Self::with_cause(StatusCode::BAD_REQUEST, cause);
        let message = failure.to_string();
        failure.with_value(message)
    }

    /// 400, as Django's `MultiPartParserError`.
    #[must_use]
    #[track_caller]
    pub fn unreadable_body<E: Into<Box<dyn Error + Send + Sync>>>(cause: E) -> Self {
        Self::with_cause(StatusCode::BAD_REQUEST, cause).with_template("Bad request (Unable to parse request body): %s")
    }

    /// 405, as Django's `HttpResponseNotAllowed`.
    #[must_use]
    pub fn method_not_allowed(method: &str) -> Self {
        let failure = Self::of_status(StatusCode::METHOD_NOT_ALLOWED).with_template("Method Not Allowed (%s): %s");
        failure.with_value(method.to_owned())
    }

    /// 403, for requests without a valid token against cross-site request forgery: the logger is
    /// `opencensus.security.csrf`.
    #[must_use]
    pub fn csrf(reason: impl Into<Cow<'static, str>>) -> Self {
        let failure = Self::of_status(StatusCode::FORBIDDEN).with_template("Forbidden (%s): %s").with_value(reason);
        failure.with_suspicion(ResponseEvent::CSRF.into())
    }

    fn changed(mut self, change: impl FnOnce(&mut Inner)) -> Self {
        change(Arc::make_mut(&mut self.inner));
        self
    }

    /// The template of the loggers' message: `%s` stands for the path, or for the [value](Self::with_value) and the
    /// path. Default: `%s: %s`.
    #[must_use]
    pub fn with_template(self, template: &'static str) -> Self {
        self.changed(|inner| inner.template = Some(template))
    }

    /// The template's value. Default: the status's reason, such as `Not Found`.
    #[must_use]
    pub fn with_value(self, value: impl Into<Cow<'static, str>>) -> Self {
        self.changed(|inner| inner.value = Some(value.into()))
    }

    fn with_suspicion(self, kind: Cow<'static, str>) -> Self {
        self.changed(|inner| inner.suspicion = Some(kind))
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.inner.status
    }

    /// The error, if there is one.
    #[must_use]
    pub fn cause(&self) -> Option<&(dyn Error + Send + Sync + 'static)> {
        self.inner.cause.as_deref()
    }

    /// The response, with this body.
    #[must_use]
    pub fn with_body<B>(self, body: B) -> Response<B> {
        let mut response = Response::new(body);
        *response.status_mut() = self.status();
        response.extensions_mut().insert(self);
        response
    }

    /// The body for the client.
    #[cfg(any(feature = "actix", feature = "axum"))]
    pub(crate) fn public_text(&self) -> &'static str {
        self.status().canonical_reason().unwrap_or_default()
    }
}

/// For errors, boxed errors, texts, and types such as `anyhow::Error` that convert to a boxed error.
impl<E: Into<Box<dyn Error + Send + Sync>>> From<E> for Failure {
    #[track_caller]
    fn from(error: E) -> Self {
        let failure = Self::with_cause(StatusCode::INTERNAL_SERVER_ERROR, error);
        let suspicious = failure.cause().and_then(|cause| cause.downcast_ref::<SuspiciousOperation>());
        let Some(kind) = suspicious.map(|suspicious| suspicious.kind().to_owned()) else { return failure };
        failure.with_suspicion(kind.into()).changed(|inner| {
            inner.status = StatusCode::BAD_REQUEST;
            // Its module is private.
            inner.cause_type = Some("opencensus::SuspiciousOperation".into());
        })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.inner.cause {
            Some(cause) => cause.fmt(f),
            None => self.inner.status.fmt(f),
        }
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failure").field("status", &self.inner.status).field("cause", &self.inner.cause).finish()
    }
}

#[cfg(feature = "axum")]
impl axum::response::IntoResponse for Failure {
    fn into_response(self) -> axum::response::Response {
        let text = self.public_text();
        self.with_body(axum::body::Body::from(text))
    }
}

#[cfg(feature = "actix")]
impl actix_web::ResponseError for Failure {
    fn status_code(&self) -> actix_web::http::StatusCode {
        actix_web::http::StatusCode::from_u16(self.status().as_u16()).unwrap_or_default()
    }

    fn error_response(&self) -> actix_web::HttpResponse {
        let mut response = actix_web::HttpResponse::build(self.status_code()).body(self.public_text());
        response.extensions_mut().insert(self.clone());
        response
    }
}

/// The extensions of a response that its event contains.
#[derive(Clone, Copy, Default)]
pub(crate) struct FailureInfo<'a> {
    failure: Option<&'a Failure>,
    suspicion: Option<&'a str>,
    // An error of the framework, if there is no failure.
    error: Option<&'a RequestError<'a>>,
    // The error is an exception item.
    has_exception: bool,
}

impl<'a> FailureInfo<'a> {
    pub(crate) fn new(failure: Option<&'a Failure>, suspicion: Option<&Suspicion>) -> Self {
        Self { failure, suspicion: suspicion.map(|suspicion| suspicion.0), ..Self::default() }
    }

    /// Adds the framework's own error, unless that is the failure.
    #[cfg(feature = "actix")]
    pub(crate) fn or_error(self, error: &'a RequestError<'a>) -> Self {
        Self { error: self.failure.is_none().then_some(error), ..self }
    }

    /// Notes whether the error is an exception item.
    pub(crate) fn with_exception(self, has_exception: bool) -> Self {
        Self { has_exception, ..self }
    }

    /// The error that the handler returned.
    pub(crate) fn error(self) -> Option<RequestError<'a>> {
        let Some(failure) = self.failure else { return self.error.cloned() };
        let inner = &*failure.inner;
        let cause: &'a (dyn Error + 'static) = &**inner.cause.as_ref()?;
        let error = RequestError::new(inner.cause_type.clone(), cause.to_string());
        Some(error.with_error(Some(cause)).with_location(inner.location))
    }

    pub(crate) fn add_to(self, response: &mut ResponseEvent<'a>) {
        response.suspicion = self.suspicion;
        response.has_exception = self.has_exception;
        if let Some(error) = self.error {
            (response.error, response.error_type) = (Some(error.message()), error.known_type());
        }
        let Some(failure) = self.failure else { return };
        let inner = &*failure.inner;
        response.template = inner.template.unwrap_or(response.template);
        response.value = inner.value.as_deref();
        response.suspicion = inner.suspicion.as_deref().or(response.suspicion);
        response.cause = inner.cause.as_ref();
        response.error_type = inner.cause_type.as_deref().or(response.error_type);
    }
}
