//! A request as a writable OpenTelemetry span.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::SystemTime;

use opencensus_core::{Event, Link, RequestSpan, SpanStatus};
use opentelemetry::trace::{Span, SpanContext, Status, TraceContextExt as _};
use opentelemetry::{Context, KeyValue};

use crate::attribute::from_key_value;
use crate::span_context::trace_context;

thread_local! {
    static QUERY: Query = const { Query { is_active: Cell::new(false), request: RefCell::new(None) } };
}

/// A query for the request behind a context's span. OpenTelemetry's `Context` gives no access to the span itself, only to its
/// writes. During a query, a write of the status `Unset`, which no span heeds, returns the request.
struct Query {
    is_active: Cell<bool>,
    request: RefCell<Option<Arc<RequestSpan>>>,
}

/// The request whose span is that of this context.
pub(crate) fn request_of(context: &Context) -> Option<Arc<RequestSpan>> {
    QUERY.try_with(|query| query.is_active.set(true)).ok()?;
    context.span().set_status(Status::Unset);
    QUERY.with(|query| {
        query.is_active.set(false);
        query.request.take()
    })
}

/// Forwards writes to the request. Only the middleware ends it.
#[derive(Debug)]
pub(crate) struct WritableSpan {
    request: Arc<RequestSpan>,
    context: SpanContext,
}

impl WritableSpan {
    pub(crate) fn new(request: Arc<RequestSpan>, context: SpanContext) -> Self {
        Self { request, context }
    }
}

impl Span for WritableSpan {
    fn add_event_with_timestamp<T>(&mut self, name: T, timestamp: SystemTime, attributes: Vec<KeyValue>)
    where
        T: Into<Cow<'static, str>>,
    {
        let attributes = attributes.into_iter().map(from_key_value).collect();
        self.request.add_event(Event::new(name, timestamp).with_attributes(attributes));
    }

    fn span_context(&self) -> &SpanContext {
        &self.context
    }

    fn is_recording(&self) -> bool {
        !self.request.has_ended()
    }

    fn set_attribute(&mut self, key_value: KeyValue) {
        self.request.set_attribute(from_key_value(key_value));
    }

    fn set_status(&mut self, status: Status) {
        let is_query = status == Status::Unset && QUERY.try_with(|query| query.is_active.get()).unwrap_or_default();
        if is_query {
            return QUERY.with(|query| query.request.replace(Some(Arc::clone(&self.request)))).map_or((), drop);
        }
        self.request.set_span_status(match status {
            Status::Unset => SpanStatus::Unset,
            Status::Ok => SpanStatus::Ok,
            Status::Error { description } => SpanStatus::Error(description),
        });
    }

    fn update_name<T>(&mut self, new_name: T)
    where
        T: Into<Cow<'static, str>>,
    {
        self.request.set_name(new_name);
    }

    fn add_link(&mut self, span_context: SpanContext, attributes: Vec<KeyValue>) {
        let attributes = attributes.into_iter().map(from_key_value).collect();
        self.request.add_link(Link::new(trace_context(&span_context)).with_attributes(attributes));
    }

    /// Has no effect: a request ends with the last byte of its response.
    fn end_with_timestamp(&mut self, _: SystemTime) {}
}
