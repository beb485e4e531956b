//! Where an item that a thread records belongs.

use std::sync::Arc;

use crate::pipeline::WeakPipeline;
use crate::propagation::TraceContext;
use crate::span::RequestSpan;
use crate::span::current::{Current, with_current};
use crate::span::innermost::innermost_or;

/// Where an item that this thread records belongs. It serves front ends that make an item of each event, such as a layer
/// for `tracing`: an item that is dropped costs neither a clone nor an allocation.
///
/// # Examples
///
/// ```
/// use opencensus_core::{InMemoryExporter, MessageRecord, Origin, Pipeline, PipelineLimits, current::Place};
/// use std::time::SystemTime;
///
/// let pipeline = Pipeline::start(Box::new(InMemoryExporter::default()), PipelineLimits::default(), None)?;
/// let line = || MessageRecord::new(Origin::at(SystemTime::now()), "a line");
/// match Place::current(&pipeline.downgrade()) {
///     Place::Request(request) => request.submit(line()),
///     Place::Outside => pipeline.submit(line().into()),
///     Place::Dropped | Place::Elsewhere => {}
/// }
/// # Ok::<(), opencensus_core::StartError>(())
/// ```
#[derive(Clone, Debug)]
pub enum Place {
    /// Below this request, which may be kept: [`RequestSpan::submit`].
    Request(Arc<RequestSpan>),
    /// Below a request that is not kept. The item is counted as dropped.
    Dropped,
    /// Below a request of another pipeline.
    Elsewhere,
    /// This thread handles no request.
    Outside,
}

impl Place {
    /// The place of one item that this thread records for a pipeline.
    #[must_use]
    pub fn current(pipeline: &WeakPipeline) -> Self {
        with_current(|current| match current {
            None => Some(Self::Outside),
            Some(current) if !std::ptr::eq(current.queue(), &**pipeline.queue()) => Some(Self::Elsewhere),
            Some(Current::Recording(span)) if span.may_keep_items() => Some(Self::Request(Arc::clone(span))),
            Some(current) => {
                current.queue().counters().items_sampled_out.increment();
                Some(Self::Dropped)
            }
        })
        .unwrap_or(Self::Outside)
    }
}

/// The request that this thread handles, beside a given one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Relation {
    /// This thread handles no request.
    None,
    /// This thread handles the given request.
    Same,
    /// This thread handles another request.
    Other,
}

impl RequestSpan {
    /// Whether this thread handles this request.
    #[must_use]
    pub fn relation_to_current(&self) -> Relation {
        with_current(|current| {
            Some(match current {
                None => Relation::None,
                Some(Current::Recording(span)) if std::ptr::eq(&**span, self) => Relation::Same,
                Some(_) => Relation::Other,
            })
        })
        .unwrap_or(Relation::None)
    }

    /// The context of the innermost span of this thread, if it is a span of this request, otherwise the request's own.
    #[must_use]
    pub fn innermost_context(&self) -> TraceContext {
        innermost_or(self.head.context)
    }
}

/// Whether this thread handles a request that is not recorded.
#[must_use]
pub fn is_non_recording() -> bool {
    with_current(|current| matches!(current, Some(Current::NonRecording(_))))
}
