//! A call to a database or to another service.

use std::borrow::Cow;
use std::fmt;
use std::time::Instant;

use crate::attribute::{Attribute, Value};
use crate::propagation::{Baggage, TraceContext};
use crate::span::current::{self, Innermost, SpanEntered};
use crate::span::dependency_owner::DependencyOwner;
use crate::span::{Current, innermost::innermost_or};
use crate::telemetry::{SpanKind, SpanRecord, SpanStatus};

/// A call to a database, a queue, a cache or any other service. Its drop ends it; then it is exported as a dependency
/// of its request, whose decision and rate it follows.
///
/// A call succeeds unless [`set_failed`](Self::set_failed) is called, the thread panics while it is dropped, or the
/// [instrumented](Self::instrument) future is dropped early. Its parent is the innermost span of the thread at its
/// start. Under a request that is not kept, it neither allocates nor reads the clock.
///
/// # Examples
///
/// ```
/// use opencensus_core::DependencySpan;
/// # async fn query(_: &str, _: u32) -> Result<u32, std::io::Error> { Ok(7) }
///
/// async fn stock(id: u32) -> Result<u32, std::io::Error> {
///     let mut call = DependencySpan::start("SQL", "db.example|shop", "SELECT stock");
///     call.set_data("SELECT count FROM stock WHERE id = $1");
///     call.run(query("SELECT count FROM stock WHERE id = $1", id)).await
/// }
/// ```
///
/// Without a future:
///
/// ```
/// use opencensus_core::DependencySpan;
///
/// let mut call = DependencySpan::start("LDAP", "directory.example", "search");
/// // … search …
/// call.set_failed("no such object");
/// call.end();
/// ```
#[must_use = "the call ends when it is dropped"]
pub struct DependencySpan {
    owner: DependencyOwner,
    // `None`: not recorded.
    open: Option<Open>,
}

/// A call that is recorded and has not ended.
struct Open {
    record: SpanRecord,
    started: Instant,
}

/// The attributes in which Microsoft's SDKs override the fields of a dependency.
const TYPE: &str = "microsoft.dependency.type";
const TARGET: &str = "microsoft.dependency.target";
const DATA: &str = "microsoft.dependency.data";
const RESULT_CODE: &str = "microsoft.dependency.resultCode";
/// OpenTelemetry's attributes of errors.
const ERROR_TYPE: &str = "error.type";
const ERROR_MESSAGE: &str = "error.message";

impl DependencySpan {
    /// Begins a call under the request that this thread handles. Outside of a request nothing is recorded: use the
    /// facade's `Telemetry::dependency`.
    ///
    /// `kind` is the type of the dependency in Application Insights, such as `SQL`, `Redis` or `Azure blob`, `target`
    /// the server or the database, `name` the operation. Use few different names and targets.
    pub fn start(
        kind: impl Into<Cow<'static, str>>,
        target: impl Into<Cow<'static, str>>,
        name: impl Into<Cow<'static, str>>,
    ) -> Self {
        match current::recording() {
            Some(request) => Self::record_under(request, |context| Self::record(context, kind, target, name)),
            None => Self::none(),
        }
    }

    /// Begins a call under a request, wherever this is called. `make` gets the context of the new span, and is not
    /// called if the request is not kept.
    ///
    /// # Examples
    ///
    /// ```
    /// use opencensus_core::{DependencySpan, SpanKind, SpanRecord, current};
    ///
    /// if let Some(request) = current::get() {
    ///     let record = |context| SpanRecord::new(context, SpanKind::Client, "GET stock");
    ///     let call = DependencySpan::under(request, record);
    ///     // … send the call with `call.outgoing_headers()` …
    ///     call.end();
    /// }
    /// ```
    pub fn under(request: Current, make: impl FnOnce(TraceContext) -> SpanRecord) -> Self {
        if request.counts_drop() { Self::unrecorded(request) } else { Self::record_under(request, make) }
    }

    /// The record of a call with this type, target and name, for [`under`](Self::under).
    #[must_use]
    pub fn record(
        context: TraceContext,
        kind: impl Into<Cow<'static, str>>,
        target: impl Into<Cow<'static, str>>,
        name: impl Into<Cow<'static, str>>,
    ) -> SpanRecord {
        let mut record = SpanRecord::new(context, SpanKind::Client, name);
        record.keeps_name = true;
        record.attributes.push(Attribute::new(TYPE, kind.into()));
        record.attributes.push(Attribute::new(TARGET, target.into()));
        record
    }

    /// A call that is neither recorded nor propagated.
    pub const fn none() -> Self {
        Self { owner: DependencyOwner::Nothing, open: None }
    }

    /// A call that is propagated, but not recorded.
    pub(crate) fn unrecorded(request: Current) -> Self {
        Self { owner: DependencyOwner::Request(request), open: None }
    }

    pub(crate) fn recorded(owner: DependencyOwner, record: SpanRecord) -> Self {
        Self { owner, open: Some(Open { record, started: Instant::now() }) }
    }

    fn record_under(request: Current, make: impl FnOnce(TraceContext) -> SpanRecord) -> Self {
        let of_request = request.context();
        let parent = innermost_or(of_request);
        let mut record = make(request.child_context());
        record.parent.get_or_insert(parent.span_id());
        Self::recorded(DependencyOwner::Request(request), record)
    }

    /// Whether the call is recorded. Data that is costly to make is needed only then.
    #[inline]
    #[must_use]
    pub fn is_recorded(&self) -> bool {
        self.open.is_some()
    }

    /// The context of the call's own span, which is the parent of the called service's request. `None`: it is not
    /// recorded.
    #[must_use]
    pub fn context(&self) -> Option<TraceContext> {
        self.open.as_ref().map(|open| open.record.context)
    }

    /// The propagation headers of the call, as of [`Current::outgoing_headers`]. Of a call that is not recorded, they
    /// continue the trace as not sampled. Empty: outside of a request and of a trace.
    #[must_use]
    pub fn outgoing_headers(&self) -> Vec<(&'static str, Option<String>)> {
        let mut headers = Vec::new();
        self.visit_outgoing_headers(&mut |name, value| headers.push((name, value)));
        headers
    }

    /// Visits the [`outgoing_headers`](Self::outgoing_headers), without a list of them.
    pub fn visit_outgoing_headers(&self, visit: &mut dyn FnMut(&'static str, Option<String>)) {
        self.owner.visit_headers(self.context(), visit);
    }

    /// The caller's baggage.
    #[must_use]
    pub fn baggage(&self) -> Option<&Baggage> {
        self.owner.baggage()
    }

    /// Makes the call the innermost span of this thread until the guard is dropped, unless it is not recorded: what is
    /// recorded meanwhile is a child of the call. For a future use [`instrument`](Self::instrument).
    pub fn enter(&self) -> Option<SpanEntered> {
        let context = self.context()?;
        // A request that is handled inside of the call is not in it.
        Some(match &self.owner {
            DependencyOwner::Request(Current::Recording(request)) => Innermost::of(context, request).enter(),
            _ => current::enter_span(context),
        })
    }

    /// Sets the name of the operation.
    pub fn set_name(&mut self, name: impl Into<Cow<'static, str>>) {
        self.write(|record| record.name = name.into());
    }

    /// Sets the statement, the URL or the command. It is exported as it is, up to 8192 characters: leave out personal
    /// data.
    pub fn set_data(&mut self, data: impl Into<Cow<'static, str>>) {
        self.set_attribute(DATA, data.into());
    }

    /// Sets the code of the result, such as `23505`. Default: 0.
    pub fn set_result_code(&mut self, code: impl Into<Value>) {
        self.set_attribute(RESULT_CODE, code);
    }

    /// Sets an attribute. An existing one with the same key is replaced.
    pub fn set_attribute(&mut self, key: impl Into<Cow<'static, str>>, value: impl Into<Value>) {
        self.write(|record| set_attribute(record, Attribute::new(key, value)));
    }

    /// Marks the call as failed, with a description.
    pub fn set_failed(&mut self, message: impl Into<Cow<'static, str>>) {
        self.write(|record| {
            let message = message.into();
            record.attributes.retain(|attribute| attribute.key != ERROR_MESSAGE && attribute.key != ERROR_TYPE);
            if !message.is_empty() {
                record.attributes.push(Attribute::new(ERROR_MESSAGE, message.clone()));
            }
            record.status = SpanStatus::Error(message);
        });
    }

    /// Marks the call as cancelled: it failed, because nothing waits for its result any more.
    pub fn set_cancelled(&mut self) {
        self.set_failed("cancelled");
        self.set_attribute(ERROR_TYPE, "cancelled");
    }

    /// Ends the call now, as its drop does.
    pub fn end(self) {}

    fn write(&mut self, change: impl FnOnce(&mut SpanRecord)) {
        if let Some(open) = &mut self.open {
            change(&mut open.record);
        }
    }
}

fn set_attribute(record: &mut SpanRecord, attribute: Attribute) {
    match record.attributes.iter_mut().find(|existing| existing.key == attribute.key) {
        Some(existing) => *existing = attribute,
        None => record.attributes.push(attribute),
    }
}

impl Drop for DependencySpan {
    fn drop(&mut self) {
        let Some(Open { mut record, started }) = self.open.take() else { return };
        record.duration = started.elapsed();
        if std::thread::panicking() && !matches!(record.status, SpanStatus::Error(_)) {
            record.status = SpanStatus::Error(Cow::Borrowed("panicked"));
            set_attribute(&mut record, Attribute::new(ERROR_MESSAGE, "panicked"));
        }
        self.owner.submit(record);
    }
}

impl fmt::Debug for DependencySpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DependencySpan").field("context", &self.context()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::exporter::InMemoryExporter;
    use crate::path_filter::PathFilter;
    use crate::pipeline::{Pipeline, PipelineLimits};
    use crate::sampler::{ParentPolicy, ProbabilitySampler};
    use crate::sampling_rate::SamplingRate;
    use crate::span::current::{RequestIdentity, Slot};
    use crate::telemetry::Outcome;
    use crate::testing::Head;
    use crate::tracer::Tracer;

    struct Service {
        tracer: Tracer,
        pipeline: Pipeline,
        exporter: InMemoryExporter,
    }

    fn service(rate: f64) -> Service {
        let exporter = InMemoryExporter::default();
        let pipeline = Pipeline::start(Box::new(exporter.clone()), PipelineLimits::default(), None).unwrap();
        let sampler = ProbabilitySampler::new(SamplingRate::try_from(rate).unwrap());
        let tracer = Tracer::new(PathFilter::default(), Box::new(sampler), ParentPolicy::default(), &pipeline);
        Service { tracer, pipeline, exporter }
    }

    impl Service {
        /// Handles a request, and returns its context and its calls.
        fn handle(&self, handler: impl FnOnce()) -> (TraceContext, Vec<SpanRecord>) {
            let mut request = self.tracer.begin(&Head { route: Some("/users/{id}"), ..Head::get("/users/7") });
            request.ensure_trace_id();
            let mut slot = Slot::new(request.clone(), RequestIdentity::default());
            {
                let _entered = current::enter(&mut slot);
                handler();
            }
            request.end(Some(200), Outcome::Completed);
            (request.context(), self.calls())
        }

        fn calls(&self) -> Vec<SpanRecord> {
            assert!(self.pipeline.flush(Duration::from_secs(5)).wait().complete);
            self.exporter.spans()
        }
    }

    fn sql() -> DependencySpan {
        DependencySpan::start("SQL", "db|shop", "SELECT stock")
    }

    fn attribute<'a>(record: &'a SpanRecord, key: &str) -> Option<&'a Value> {
        record.attributes.iter().find(|attribute| attribute.key == key).map(|attribute| &attribute.value)
    }

    #[test]
    fn call_is_a_child_of_its_request_with_its_operation_and_rate() {
        let (request, calls) = service(1.0).handle(|| {
            let mut call = sql();
            call.set_data("SELECT 1");
            call.set_result_code(7);
            call.set_result_code("00000");
        });
        let call = &calls[0];
        assert_eq!((call.parent, call.context.trace_id()), (Some(request.span_id()), request.trace_id()));
        assert_ne!(call.context.span_id(), request.span_id());
        assert_eq!(call.operation.as_deref(), Some("GET /users/{id}"));
        assert_eq!((call.rate, &call.status), (Some(SamplingRate::ALL), &SpanStatus::Unset));
        assert!(call.duration > Duration::ZERO && call.keeps_name);
        for (key, value) in [(TYPE, "SQL"), (TARGET, "db|shop"), (DATA, "SELECT 1"), (RESULT_CODE, "00000")] {
            assert_eq!(attribute(call, key), Some(&value.into()), "{key}");
        }
        assert_eq!(call.attributes.len(), 4);
    }

    #[test]
    fn call_is_the_parent_of_what_its_future_records() {
        let (_, calls) = service(1.0).handle(|| {
            let mut outer = sql();
            futures_executor::block_on(outer.instrument(async { sql().end() }));
            sql().end();
        });
        let (inner, after, outer) = (&calls[0], &calls[1], &calls[2]);
        assert_eq!(inner.parent, Some(outer.context.span_id()));
        assert_eq!(after.parent, outer.parent);
    }

    #[test]
    fn error_of_the_future_fails_the_call() {
        let (_, calls) = service(1.0).handle(|| {
            let result: Result<(), &str> = futures_executor::block_on(sql().run(async { Err("no such table") }));
            result.unwrap_err();
            futures_executor::block_on(sql().run(async { Ok::<_, &str>(()) })).unwrap();
        });
        assert_eq!(calls[0].status, SpanStatus::Error("no such table".into()));
        assert_eq!(attribute(&calls[0], ERROR_MESSAGE), Some(&"no such table".into()));
        assert_eq!(calls[1].status, SpanStatus::Unset);
    }

    #[test]
    fn future_that_is_dropped_early_cancels_the_call() {
        let (_, calls) = service(1.0).handle(|| {
            let mut call = sql();
            let mut future = Box::pin(call.instrument(std::future::pending::<()>()));
            let waker = std::task::Waker::noop();
            assert!(future.as_mut().poll(&mut std::task::Context::from_waker(waker)).is_pending());
        });
        assert_eq!(calls[0].status, SpanStatus::Error("cancelled".into()));
        assert_eq!(attribute(&calls[0], ERROR_TYPE), Some(&"cancelled".into()));
    }

    #[test]
    fn panic_fails_the_call() {
        let (_, calls) = service(1.0).handle(|| {
            let panicked = std::panic::catch_unwind(|| {
                let mut call = sql();
                futures_executor::block_on(call.instrument(async { panic!("boom") }))
            });
            panicked.unwrap_err();
        });
        assert_eq!(calls[0].status, SpanStatus::Error("panicked".into()));
    }

    #[test]
    fn call_below_a_request_that_is_not_kept_is_counted_and_propagates_no_decision() {
        let service = service(0.0);
        let (request, calls) = service.handle(|| {
            assert!(!sql().is_recorded());
            let call = DependencySpan::under(current::get().unwrap(), |_| panic!("the record is not needed"));
            let headers = call.outgoing_headers();
            assert!(headers[0].1.as_ref().unwrap().ends_with("-02"), "{headers:?}");
            assert!(call.enter().is_none() && call.context().is_none());
        });
        assert!(calls.is_empty() && !request.flags().is_sampled());
        assert_eq!(service.pipeline.stats().items_sampled_out, 2);
    }

    #[test]
    fn call_outside_of_a_request_begins_a_trace_at_the_rate_of_the_sampler() {
        assert!(!sql().is_recorded() && sql().outgoing_headers().is_empty());
        let service = service(0.5);
        for _ in 0..100 {
            let call =
                service.tracer.begin_dependency(|context| DependencySpan::record(context, "SQL", "db", "SELECT"));
            let traceparent = call.outgoing_headers()[0].1.clone().unwrap();
            assert!(traceparent.ends_with(if call.is_recorded() { "-03" } else { "-02" }), "{traceparent}");
        }
        let calls = service.calls();
        assert!((20..80).contains(&calls.len()), "{}", calls.len());
        assert!(calls.iter().all(|call| call.rate == SamplingRate::try_from(0.5).ok() && call.parent.is_none()));
        assert_eq!(service.pipeline.stats().items_sampled_out, 100 - calls.len() as u64);
    }
}
