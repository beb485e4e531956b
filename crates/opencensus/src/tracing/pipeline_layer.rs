//! Turns events and spans into items.

use std::sync::Arc;

use opencensus_core::current::{self, Place};
use opencensus_core::pipeline::is_pipeline_thread;
use opencensus_core::{RequestSpan, TelemetryItem, TraceContext, WeakPipeline};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::{LookupSpan, SpanRef};

use crate::tracing::event_fields::EventFields;
use crate::tracing::event_item::{EventSource, event_item};
use crate::tracing::options::{Options, is_of_log};
use crate::tracing::span_data::{OutsideOfRequests, SpanData};
use crate::tracing::span_fields::SpanFields;
use crate::tracing::{entered, sqlx};

/// Turns events and spans into items of a pipeline. It receives only those that the options select.
pub(super) struct PipelineLayer {
    // `None`: telemetry is disabled.
    pipeline: Option<WeakPipeline>,
    options: Arc<Options>,
}

/// Where an item goes.
enum Destination {
    /// Below a request, and below the span with this context.
    Request(Arc<RequestSpan>, TraceContext),
    /// Nowhere: the request is not kept.
    Dropped,
    /// It belongs to no request.
    Outside,
}

/// The parent that an event or a span has in `tracing`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Parent {
    /// The span that the thread is in.
    Contextual,
    /// A span that the program names.
    Explicit,
    /// None.
    Root,
}

impl PipelineLayer {
    pub(super) fn new(pipeline: Option<WeakPipeline>, options: Arc<Options>) -> Self {
        Self { pipeline, options }
    }

    /// `enclosing` is the nearest span around the item.
    fn destination<'a, S, F>(&self, pipeline: &WeakPipeline, parent: Parent, enclosing: F) -> Destination
    where
        S: Subscriber + LookupSpan<'a>,
        F: FnOnce() -> Option<SpanRef<'a, S>>,
    {
        match Place::current(pipeline) {
            Place::Dropped | Place::Elsewhere => Destination::Dropped,
            Place::Request(request) => {
                let context = match parent {
                    Parent::Contextual => request.innermost_context(),
                    Parent::Root => request.context(),
                    Parent::Explicit => match exported(enclosing()) {
                        Destination::Request(of, context) if Arc::ptr_eq(&of, &request) => context,
                        _ => request.context(),
                    },
                };
                Destination::Request(request, context)
            }
            // A thread that does not know the request: the span around the item does.
            Place::Outside => exported(enclosing()),
        }
    }

    fn send(&self, pipeline: &WeakPipeline, destination: Destination, make: impl FnOnce() -> Option<TelemetryItem>) {
        match destination {
            Destination::Request(request, _) => {
                if let Some(item) = make() {
                    request.submit(item);
                }
            }
            Destination::Outside if self.options.takes_outside() => {
                if let Some(item) = make() {
                    pipeline.submit(item);
                }
            }
            Destination::Outside | Destination::Dropped => {}
        }
    }
}

/// The destination of what is below a span: the nearest one that is below a request, kept or not, decides.
fn exported<'a, S>(span: Option<SpanRef<'a, S>>) -> Destination
where
    S: Subscriber + LookupSpan<'a>,
{
    for span in span.iter().flat_map(SpanRef::scope) {
        let extensions = span.extensions();
        if let Some(data) = extensions.get::<SpanData>() {
            return Destination::Request(Arc::clone(&data.request), data.context);
        }
        if extensions.get::<OutsideOfRequests>().is_none() {
            return Destination::Dropped;
        }
    }
    Destination::Outside
}

/// Marks the nearest span that is a dependency as failed.
fn fail<'a, S>(span: Option<SpanRef<'a, S>>, message: &str)
where
    S: Subscriber + LookupSpan<'a>,
{
    for span in span.iter().flat_map(SpanRef::scope) {
        if let Some(data) = span.extensions_mut().get_mut::<SpanData>() {
            return data.fields.fail(message);
        }
    }
}

impl<S> Layer<S> for PipelineLayer
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    #[cfg(feature = "logging")]
    fn on_layer(&mut self, _: &mut S) {
        if let Some(pipeline) = &self.pipeline {
            crate::tracing::active_layers::add(pipeline, &self.options);
        }
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(pipeline) = self.pipeline.as_ref().filter(|_| !is_pipeline_thread()) else { return };
        let parent = match (attributes.is_root(), attributes.parent()) {
            (true, _) => Parent::Root,
            (false, Some(_)) => Parent::Explicit,
            (false, None) => Parent::Contextual,
        };
        let destination = self.destination(pipeline, parent, || context.span(id)?.parent());
        if matches!(destination, Destination::Dropped) {
            return;
        }
        let Some(span) = context.span(id) else { return };
        match destination {
            Destination::Request(request, above) => {
                let mut fields = SpanFields::with_capacity(attributes.fields().len());
                attributes.record(&mut fields);
                span.extensions_mut().replace(SpanData::new(request, above, fields));
            }
            Destination::Outside => {
                span.extensions_mut().replace(OutsideOfRequests);
            }
            Destination::Dropped => {}
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        // Formatted outside of the lock, in which the program's own code must not run.
        let mut fields = {
            let mut extensions = span.extensions_mut();
            let Some(data) = extensions.get_mut::<SpanData>() else { return };
            std::mem::take(&mut data.fields)
        };
        values.record(&mut fields);
        if let Some(data) = span.extensions_mut().get_mut::<SpanData>() {
            data.fields = fields;
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let Some(pipeline) = self.pipeline.as_ref().filter(|_| !is_pipeline_thread()) else { return };
        let metadata = event.metadata();
        let parent = match (event.is_root(), event.parent()) {
            (true, _) => Parent::Root,
            (false, Some(_)) => Parent::Explicit,
            (false, None) => Parent::Contextual,
        };
        let destination = self.destination(pipeline, parent, || context.event_span(event));
        if matches!(destination, Destination::Dropped) {
            return;
        }
        let level = *metadata.level();
        let mut fields = EventFields::new(level == Level::ERROR);
        event.record(&mut fields);
        let below = match &destination {
            Destination::Request(_, context) => Some(*context),
            _ => None,
        };
        if let Some(options) = self.options.statements_of(metadata.target()) {
            return self.send(pipeline, destination, || sqlx::statement_item(options, fields, below));
        }
        let source = if is_of_log(metadata) { EventSource::of_log(&mut fields) } else { EventSource::of(metadata) };
        if !self.options.takes(&source.target, level) {
            return;
        }
        if level == Level::ERROR {
            fail(context.event_span(event), fields.description());
        }
        if self.options.takes_event(&source.target, level) {
            self.send(pipeline, destination, || Some(event_item(fields, level, source, below)));
        }
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        if current::is_non_recording() {
            return;
        }
        let Some(span) = context.span(id) else { return };
        if let Some(data) = span.extensions().get::<SpanData>() {
            entered::enter(id.into_u64(), data.context, &data.request);
        }
    }

    fn on_exit(&self, id: &Id, _: Context<'_, S>) {
        if entered::is_in_span() {
            entered::exit(id.into_u64());
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let data = span.extensions_mut().remove::<SpanData>();
        if let Some(data) = data {
            data.send(span.metadata());
        }
    }
}
