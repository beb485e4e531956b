//! The requests whose contexts OpenTelemetry has, for exporters that receive finished spans and log records on other threads.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex, PoisonError};

use opencensus_core::{Current, SpanId, TraceId};

use crate::in_use::InUse;

static EXPORTERS: AtomicUsize = AtomicUsize::new(0);
static TRACED_REQUESTS: LazyLock<TracedRequests> = LazyLock::new(TracedRequests::default);

const SHARDS: usize = 16;
/// Most requests of a shard: 8,192 in all. A new request replaces the oldest one.
const MAX_REQUESTS: usize = 512;

/// The latest requests, by their traces.
#[derive(Default)]
struct TracedRequests {
    shards: [Mutex<Shard>; SHARDS],
}

#[derive(Default)]
struct Shard {
    // A trace has several requests if the service calls itself.
    requests: HashMap<TraceId, Vec<Current>>,
    order: VecDeque<TraceId>,
}

/// Requests are remembered from now on, until the returned value is dropped.
pub(crate) fn remember() -> InUse {
    InUse::new(&EXPORTERS)
}

/// Remembers a request whose context is handed to OpenTelemetry, if an exporter needs it.
#[inline]
pub(crate) fn add(request: impl FnOnce() -> Current) {
    if EXPORTERS.load(Ordering::Relaxed) > 0 {
        TRACED_REQUESTS.add(request());
    }
}

/// The request of a span or of a log record: the one whose span is the nearest of `ancestors`, otherwise the latest one of the
/// trace.
pub(crate) fn find(trace: TraceId, ancestors: impl Iterator<Item = SpanId>) -> Option<Current> {
    TRACED_REQUESTS.find(trace, ancestors)
}

/// The request whose own span this is.
pub(crate) fn with_span(trace: TraceId, span: SpanId) -> Option<Current> {
    find(trace, std::iter::once(span)).filter(|request| request.context().span_id() == span)
}

impl TracedRequests {
    #[cold]
    fn add(&self, request: Current) {
        let trace = request.context().trace_id();
        self.with_shard(trace, |shard| {
            shard.requests.entry(trace).or_default().push(request);
            shard.order.push_back(trace);
            if shard.order.len() > MAX_REQUESTS
                && let Some(oldest) = shard.order.pop_front()
                && let Some(of_trace) = shard.requests.get_mut(&oldest)
            {
                of_trace.remove(0);
                if of_trace.is_empty() {
                    shard.requests.remove(&oldest);
                }
            }
        });
    }

    fn find(&self, trace: TraceId, mut ancestors: impl Iterator<Item = SpanId>) -> Option<Current> {
        self.with_shard(trace, |shard| {
            let requests = shard.requests.get(&trace)?;
            let with_span = |span| requests.iter().find(|request| request.context().span_id() == span);
            ancestors.find_map(with_span).or(requests.last()).cloned()
        })
    }

    fn with_shard<T>(&self, trace: TraceId, access: impl FnOnce(&mut Shard) -> T) -> T {
        // Ids are random.
        let shard = &self.shards[usize::from(trace.to_bytes()[15]) % SHARDS];
        access(&mut shard.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use opencensus_core::{
        AlwaysOff, InMemoryExporter, ParentPolicy, PathFilter, Pipeline, PipelineLimits, Tracer, current,
    };

    fn request(tracer: &Tracer) -> Current {
        let mut request = tracer.begin(&opencensus_core::NoRequest);
        request.ensure_trace_id();
        request
    }

    fn tracer() -> Tracer {
        let pipeline = Pipeline::start(Box::new(InMemoryExporter::default()), PipelineLimits::default(), None).unwrap();
        Tracer::new(PathFilter::default(), Box::new(AlwaysOff), ParentPolicy::default(), &pipeline)
    }

    #[test]
    fn nearest_ancestor_decides_among_the_requests_of_a_trace() {
        let (tracer, requests) = (tracer(), TracedRequests::default());
        let outer = request(&tracer);
        let inner = tracer.begin_inside(&opencensus_core::NoRequest, &outer);
        let (trace, ids) = (outer.context().trace_id(), [&outer, &inner].map(|request| request.context().span_id()));
        [outer, inner].into_iter().for_each(|request| requests.add(request));
        let found = |ancestors: Vec<SpanId>| requests.find(trace, ancestors.into_iter()).unwrap().context().span_id();
        assert_eq!(found(vec![SpanId::random(), ids[0], ids[1]]), ids[0]);
        assert_eq!(found(vec![ids[1], ids[0]]), ids[1]);
        assert_eq!(found(vec![SpanId::random()]), ids[1], "the latest one");
        assert!(requests.find(TraceId::from_bytes([7; 16]), ids.into_iter()).is_none());
        assert!(current::get().is_none());
    }

    #[test]
    fn latest_requests_are_remembered() {
        let (tracer, requests) = (tracer(), TracedRequests::default());
        let all: Vec<_> = (0..2 * SHARDS * MAX_REQUESTS).map(|_| request(&tracer)).collect();
        all.iter().for_each(|request| requests.add(request.clone()));
        let is_known = |request: &Current| requests.find(request.context().trace_id(), std::iter::empty()).is_some();
        assert_eq!(all.iter().filter(|request| is_known(request)).count(), SHARDS * MAX_REQUESTS);
        assert!(is_known(all.last().unwrap()) && !is_known(&all[0]));
    }
}
