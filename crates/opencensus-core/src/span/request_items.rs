//! Sends the items of a request with it.

use std::sync::{Arc, MutexGuard};

use crate::sampling_rate::SamplingRate;
use crate::span::RequestSpan;
use crate::span::fate::Fate;
use crate::span::innermost::innermost_or;
use crate::span::request_item::{Operation, RequestItem};
use crate::span::request_span::State;
use crate::span::waiting_items::WaitingItems;
use crate::telemetry::request::write_name;
use crate::telemetry::{SpanRecord, TelemetryItem};

impl RequestSpan {
    /// Sends an item that belongs to the request, such as a log record or an outgoing call, if the request is kept. It is
    /// placed below the request unless it has a context, and has the request's operation and rate. If the request's
    /// end decides whether it is kept ([`TailSampling`](crate::TailSampling)), the item waits until then.
    ///
    /// Metrics and results of availability tests are sent in any case, and represent themselves alone.
    ///
    /// # Examples
    ///
    /// ```
    /// use opencensus_core::{MessageRecord, Origin, RequestSpan};
    /// use std::time::SystemTime;
    ///
    /// if let Some(span) = RequestSpan::current() {
    ///     span.submit(MessageRecord::new(Origin::at(SystemTime::now()), "the cache is cold"));
    /// }
    /// ```
    pub fn submit(self: &Arc<Self>, item: impl Into<TelemetryItem>) {
        let mut item = item.into();
        let context = self.head.context;
        item.set_context(innermost_or(context));
        if item.is_unsampled() {
            return self.send(item);
        }
        let mut state = self.lock();
        let fate = self.fate(&state);
        if fate == Fate::Open {
            let size = item.size();
            let waiting = state.waiting.get_or_insert_with(|| Box::new(WaitingItems::new(&self.queue)));
            let cut = waiting.push(item, size);
            drop(state);
            self.queue.ledger().items_cut.add(cut.len());
        } else {
            drop(state);
            self.send_by(fate, item);
        }
    }

    /// Sends a span as [`submit`](Self::submit) does. If nothing has to wait, the worker makes the item.
    pub(super) fn submit_span(self: &Arc<Self>, mut record: SpanRecord) {
        let fate = self.fate(&self.lock());
        if fate != Fate::Kept {
            return self.submit(record);
        }
        record.rate = self.head.sampling.rate;
        let size = record.size();
        self.queue.push_pending(Arc::new(RequestItem::new(record, Arc::<Self>::clone(self))), size);
    }

    /// Whether an item that is submitted now is dropped.
    pub(super) fn drops_items(&self) -> bool {
        self.fate(&self.lock()) == Fate::Dropped
    }

    /// Whether an item that is submitted now may be kept. The handler may have discarded the request since.
    #[inline]
    pub(super) fn may_keep_items(&self) -> bool {
        // Without the lock, unless the end decides.
        if self.tail.holds_items() { !self.drops_items() } else { self.head.context.flags().is_sampled() }
    }

    /// What becomes of an item that is submitted now.
    fn fate(&self, state: &State) -> Fate {
        match state.fate {
            _ if state.is_discarded => Fate::Dropped,
            fate if self.tail.holds_items() => fate,
            _ if self.head.context.flags().is_sampled() => Fate::Kept,
            _ => Fate::Dropped,
        }
    }

    /// Sends or drops the items that have waited.
    #[cold]
    pub(super) fn release(self: &Arc<Self>, mut state: MutexGuard<'_, State>, fate: Fate) {
        let waiting = state.waiting.take();
        state.fate = if waiting.as_ref().is_some_and(|waiting| waiting.is_cut()) { Fate::Cut } else { fate };
        drop(state);
        let items = waiting.map(|mut waiting| waiting.take()).unwrap_or_default();
        items.into_iter().for_each(|item| self.send_by(fate, item));
    }

    fn send_by(self: &Arc<Self>, fate: Fate, mut item: TelemetryItem) {
        let ledger = self.queue.ledger();
        match fate {
            Fate::Kept => item.set_rate(self.head.sampling.rate),
            Fate::Certain => item.set_rate(Some(SamplingRate::ALL)),
            Fate::Cut => return ledger.items_cut.increment(),
            Fate::Open | Fate::Dropped => return self.queue.counters().items_sampled_out.increment(),
        }
        self.send(item);
    }

    fn send(self: &Arc<Self>, item: TelemetryItem) {
        let size = item.size();
        self.queue.push_pending(Arc::new(RequestItem::new(item, Arc::<Self>::clone(self))), size);
    }

    /// The operation's name as far as it is known now: the one that was set, otherwise the method and the route.
    #[must_use]
    pub fn operation_name(&self) -> String {
        let state = self.lock();
        let mut name = String::new();
        let (custom, route) = match &state.names {
            Some(names) => (names.custom.as_deref(), names.route.as_deref()),
            None => (state.changes.name(), state.changes.route.as_deref()),
        };
        write_name(&mut name, &self.head, custom, route);
        name
    }
}

impl Operation for RequestSpan {
    fn name(&self) -> String {
        self.operation_name()
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;
    use crate::exporter::InMemoryExporter;
    use crate::path_filter::PathFilter;
    use crate::pipeline::{Pipeline, PipelineLimits};
    use crate::sampler::{ParentPolicy, ProbabilitySampler, TailSampling};
    use crate::span::Current;
    use crate::telemetry::{MessageRecord, MetricRecord, Origin, Outcome, SpanKind, SpanRecord};
    use crate::testing::Head;
    use crate::tracer::Tracer;

    struct Service {
        tracer: Tracer,
        pipeline: Pipeline,
        exporter: InMemoryExporter,
    }

    fn service(rate: f64, tail: TailSampling, limits: PipelineLimits) -> Service {
        let exporter = InMemoryExporter::default();
        let pipeline = Pipeline::start(Box::new(exporter.clone()), limits, None).unwrap();
        let sampler = ProbabilitySampler::new(SamplingRate::try_from(rate).unwrap());
        let tracer = Tracer::new(PathFilter::default(), Box::new(sampler), ParentPolicy::default(), &pipeline);
        Service { tracer: tracer.with_tail_sampling(tail), pipeline, exporter }
    }

    fn message(text: &'static str) -> MessageRecord {
        MessageRecord::new(Origin::at(SystemTime::now()), text)
    }

    fn failures() -> TailSampling {
        TailSampling::default().with_failures(false)
    }

    impl Service {
        /// Handles a request that logs a line before and a line after its end.
        fn handle(&self, status: u16) {
            let request = self.tracer.begin(&Head { route: Some("/users/{id}"), ..Head::get("/users/7") });
            request.submit(message("before"));
            request.end(Some(status), Outcome::Completed);
            request.submit(message("after"));
        }

        fn messages(&self) -> Vec<MessageRecord> {
            assert!(self.pipeline.flush(Duration::from_secs(5)).wait().complete);
            self.exporter.messages()
        }
    }

    #[test]
    fn items_have_the_place_the_operation_and_the_rate_of_their_request() {
        let service = service(1.0, TailSampling::default(), PipelineLimits::default());
        let request = service.tracer.begin(&Head { route: Some("/users/{id}"), ..Head::get("/users/7") });
        request.submit(message("a line"));
        request.submit(SpanRecord::new(request.child_context(), SpanKind::Client, "GET /stock"));
        let lines = service.messages();
        assert_eq!(lines[0].origin.context, Some(request.context()));
        assert_eq!(lines[0].origin.operation.as_deref(), Some("GET /users/{id}"));
        assert_eq!(lines[0].origin.rate, Some(SamplingRate::ALL));
        let spans = service.exporter.spans();
        assert_eq!(spans[0].operation.as_deref(), Some("GET /users/{id}"));
    }

    #[test]
    fn items_are_below_the_innermost_span() {
        let service = service(1.0, TailSampling::default(), PipelineLimits::default());
        let request = service.tracer.begin(&Head::get("/"));
        let call = request.child_context();
        {
            let _entered = crate::current::enter_span(call);
            request.submit(message("in the call"));
        }
        request.submit(message("after the call"));
        let contexts: Vec<_> = service.messages().iter().map(|line| line.origin.context.unwrap()).collect();
        assert_eq!(contexts, [call, request.context()]);
    }

    #[test]
    fn name_that_was_set_is_known_after_the_record_has_left() {
        let service = service(1.0, TailSampling::default(), PipelineLimits::default());
        let request = service.tracer.begin(&Head::get("/users/7"));
        let Current::Recording(span) = &request else { panic!("not recorded") };
        span.set_name("checkout");
        request.end(Some(200), Outcome::Completed);
        assert!(service.messages().is_empty());
        request.submit(message("late"));
        assert_eq!(service.messages()[0].origin.operation.as_deref(), Some("checkout"));
    }

    #[test]
    fn items_of_requests_that_are_not_kept_are_dropped_and_counted_but_metrics_are_not() {
        let service = service(0.0, TailSampling::default(), PipelineLimits::default());
        service.handle(500);
        let request = service.tracer.begin(&Head::get("/"));
        request.submit(MetricRecord::new(Origin::at(SystemTime::now()), "queue.length", 7.0));
        assert!(service.messages().is_empty());
        let stats = service.pipeline.stats();
        assert_eq!((stats.items_sampled_out, stats.delivered), (2, 1));
    }

    #[test]
    fn items_wait_for_the_end_that_keeps_a_failure_or_drops_a_success() {
        let service = service(0.0, failures(), PipelineLimits::default());
        service.handle(200);
        service.handle(500);
        let lines = service.messages();
        assert_eq!(lines.iter().map(|line| &*line.message).collect::<Vec<_>>(), ["before", "after"]);
        assert!(lines.iter().all(|line| line.origin.rate == Some(SamplingRate::ALL)));
        assert_eq!(service.pipeline.stats().items_sampled_out, 2);
    }

    #[test]
    fn items_of_kept_heads_wait_too_because_the_end_decides_their_weight() {
        let service = service(0.5, failures(), PipelineLimits::default());
        (0..200).for_each(|number| service.handle(if number % 2 == 0 { 200 } else { 500 }));
        let rates: Vec<_> = service.messages().iter().map(|line| line.origin.rate.unwrap()).collect();
        let certain = rates.iter().filter(|rate| **rate == SamplingRate::ALL).count();
        assert_eq!(certain, 200, "two lines of each of 100 failures");
        let half = SamplingRate::try_from(0.5).unwrap();
        assert_eq!(rates.len() - certain, rates.iter().filter(|rate| **rate == half).count());
        assert!((40..160).contains(&(rates.len() - certain)));
    }

    #[test]
    fn request_with_too_many_items_has_none_and_they_are_counted() {
        let limits = PipelineLimits { request_items: 3, ..PipelineLimits::default() };
        let service = service(1.0, failures(), limits);
        let request = service.tracer.begin(&Head::get("/"));
        (0..5).for_each(|_| request.submit(message("one of many")));
        request.end(Some(500), Outcome::Completed);
        request.submit(message("late"));
        assert!(service.messages().is_empty());
        assert_eq!(service.pipeline.stats().items_cut, 6);
        service.handle(500);
        assert_eq!(service.messages().len(), 2, "the room is free again");
    }

    #[test]
    fn waiting_items_of_all_requests_are_bounded_together() {
        let limits = PipelineLimits { waiting_items: 3, ..PipelineLimits::default() };
        let service = service(1.0, failures(), limits);
        let requests = [(); 2].map(|()| service.tracer.begin(&Head::get("/")));
        for request in &requests {
            (0..2).for_each(|_| request.submit(message("a line")));
        }
        requests.iter().for_each(|request| request.end(Some(500), Outcome::Completed));
        assert_eq!((service.messages().len(), service.pipeline.stats().items_cut), (2, 2));
    }

    #[test]
    fn room_of_items_is_given_back_at_the_end_whether_they_are_sent_or_dropped() {
        let limits = PipelineLimits { waiting_items: 1, ..PipelineLimits::default() };
        let service = service(1.0, failures(), limits);
        (0..10).for_each(|number| service.handle(if number % 2 == 0 { 200 } else { 500 }));
        drop(service.tracer.begin(&Head::get("/")));
        assert_eq!((service.messages().len(), service.pipeline.stats().items_cut), (20, 0));
    }

    #[test]
    fn items_of_a_discarded_request_are_dropped() {
        for tail in [TailSampling::default(), failures()] {
            let service = service(1.0, tail, PipelineLimits::default());
            let request = service.tracer.begin(&Head::get("/"));
            let Current::Recording(span) = &request else { panic!("not recorded") };
            span.discard();
            request.submit(message("before"));
            request.end(Some(500), Outcome::Completed);
            request.submit(message("after"));
            assert!(service.messages().is_empty());
            assert_eq!(service.pipeline.stats().items_sampled_out, 2);
        }
    }

    #[test]
    fn setting_leaves_items_to_the_sampler() {
        let tail = TailSampling { drops_items: true, ..failures() };
        let service = service(0.0, tail, PipelineLimits::default());
        service.handle(500);
        assert!(service.messages().is_empty());
        assert_eq!(service.pipeline.stats().items_sampled_out, 2);
    }
}
