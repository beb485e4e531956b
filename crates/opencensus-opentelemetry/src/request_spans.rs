//! The SDK's spans below requests, with their requests.

use std::collections::{HashMap, VecDeque};
use std::sync::{LazyLock, Mutex, PoisonError};

use opencensus_core::Current;
use opentelemetry::trace::SpanId;

/// The spans of all providers of the process: a span of one may be the parent of a span of another.
pub(crate) static REQUEST_SPANS: LazyLock<RequestSpans> =
    LazyLock::new(|| RequestSpans { shards: std::array::from_fn(|_| Mutex::default()) });

const SHARDS: usize = 16;
/// Most spans of a shard that have not ended: 65,536 in all. Further ones are not remembered.
const MAX_OPEN: usize = 4096;
/// Spans of a shard that have ended and may still become parents: 1,024 in all.
const MAX_ENDED: usize = 64;

/// The requests of spans, by the id of the span.
pub(crate) struct RequestSpans {
    shards: [Mutex<Shard>; SHARDS],
}

#[derive(Default)]
struct Shard {
    spans: HashMap<SpanId, Entry>,
    ended: VecDeque<SpanId>,
}

struct Entry {
    request: Current,
    has_ended: bool,
}

/// What is known of a span that ends.
pub(crate) enum Ended {
    /// It began below this request.
    Below(Current),
    /// It has ended before: another processor has submitted it.
    Before,
    /// It began outside of requests.
    Outside,
}

impl RequestSpans {
    /// Remembers the request of a span that begins.
    pub(crate) fn begin(&self, span: SpanId, request: Current) {
        self.with_shard(span, |shard| {
            if shard.spans.len() - shard.ended.len() < MAX_OPEN {
                shard.spans.insert(span, Entry { request, has_ended: false });
            }
        });
    }

    /// The request of a span that has begun.
    pub(crate) fn request_of(&self, span: SpanId) -> Option<Current> {
        self.with_shard(span, |shard| shard.spans.get(&span).map(|entry| entry.request.clone()))
    }

    /// Ends a span.
    pub(crate) fn end(&self, span: SpanId) -> Ended {
        self.with_shard(span, |shard| {
            let Some(entry) = shard.spans.get_mut(&span) else { return Ended::Outside };
            if std::mem::replace(&mut entry.has_ended, true) {
                return Ended::Before;
            }
            let request = entry.request.clone();
            shard.ended.push_back(span);
            if shard.ended.len() > MAX_ENDED
                && let Some(oldest) = shard.ended.pop_front()
            {
                shard.spans.remove(&oldest);
            }
            Ended::Below(request)
        })
    }

    fn with_shard<T>(&self, span: SpanId, access: impl FnOnce(&mut Shard) -> T) -> T {
        // Ids are random.
        let shard = &self.shards[usize::from(span.to_bytes()[7]) % SHARDS];
        access(&mut shard.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use opencensus_core::{AlwaysOff, ParentPolicy, PathFilter, Pipeline, PipelineLimits, Tracer};

    fn request() -> Current {
        let exporter = opencensus_core::InMemoryExporter::default();
        let pipeline = Pipeline::start(Box::new(exporter), PipelineLimits::default(), None).unwrap();
        let tracer = Tracer::new(PathFilter::default(), Box::new(AlwaysOff), ParentPolicy::default(), &pipeline);
        let mut request = tracer.begin(&opencensus_core::NoRequest);
        request.ensure_trace_id();
        request
    }

    fn spans() -> RequestSpans {
        RequestSpans { shards: std::array::from_fn(|_| Mutex::default()) }
    }

    fn len(spans: &RequestSpans) -> usize {
        spans.shards.iter().map(|shard| shard.lock().unwrap().spans.len()).sum()
    }

    #[test]
    fn span_ends_once_and_may_be_a_parent_after_its_end() {
        let (spans, request, span) = (spans(), request(), SpanId::from(7));
        spans.begin(span, request.clone());
        let Ended::Below(of_span) = spans.end(span) else { panic!("it is unknown") };
        assert_eq!(of_span.context(), request.context());
        assert!(matches!(spans.end(span), Ended::Before));
        assert_eq!(spans.request_of(span).unwrap().context(), request.context());
        assert!(matches!(spans.end(SpanId::from(8)), Ended::Outside));
    }

    #[test]
    fn open_and_ended_spans_are_bounded() {
        let (spans, request) = (spans(), request());
        let all = 2 * SHARDS * MAX_OPEN;
        (1..=all as u64).for_each(|id| spans.begin(SpanId::from(id), request.clone()));
        assert_eq!(len(&spans), SHARDS * MAX_OPEN);
        (1..=all as u64).for_each(|id| drop(spans.end(SpanId::from(id))));
        assert_eq!(len(&spans), SHARDS * MAX_ENDED);
    }
}
