//! The record of a request.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, SystemTime};

use crate::attribute::Attribute;
use crate::ids::SpanId;
use crate::propagation::{TraceContext, TraceState};
use crate::request::{ForwardedRequest, HttpVersion, Privacy, RequestHead, is_host};
use crate::sampling_rate::SamplingRate;
use crate::telemetry::request::changes::{Changes, MAX_ENTRIES};
use crate::telemetry::request::name::{method, route, write_name};
use crate::telemetry::request::text::Field;
use crate::telemetry::request::{RecordHead, Sampling};
use crate::telemetry::{Event, GrpcStatus, Link, Outcome, SpanStatus};

/// The record of a request, copied from its head once. Texts are formatted on demand, which is on the worker's
/// thread.
///
/// # Examples
///
/// An exporter receives records; a [`Processor`](crate::Processor) may change them:
///
/// ```
/// use opencensus_core::{Attribute, Processor, TelemetryItem};
///
/// let processor: Processor = Box::new(|item| {
///     if let TelemetryItem::Request(request) = item {
///         let is_api = request.path().starts_with("/api/");
///         request.set_attribute(Attribute::new("api", is_api));
///     }
///     true
/// });
/// ```
#[derive(Clone, Debug)]
pub struct RequestRecord {
    head: RecordHead,
    changes: Changes,
    start: SystemTime,
}

impl RequestRecord {
    /// How many attributes, events and links one request keeps of each: OpenTelemetry's default limit.
    /// [`left_out`](Self::left_out) counts the others.
    pub const MAX_ATTRIBUTES: usize = MAX_ENTRIES;

    /// Creates a record with a copy of this head.
    #[must_use]
    pub fn new<H: RequestHead>(context: TraceContext, parent: Option<SpanId>, rate: SamplingRate, head: &H) -> Self {
        let sampling = Sampling { rate: Some(rate), ..Sampling::default() };
        let mut copied = RecordHead::empty(context, parent, None, sampling);
        copied.fill(head, Privacy::default());
        Self::from_parts(copied, Changes::default(), SystemTime::UNIX_EPOCH)
    }

    /// Creates a record from its parts.
    pub(crate) fn from_parts(mut head: RecordHead, changes: Changes, start: SystemTime) -> Self {
        if changes.is_certain {
            head.sampling.rate = Some(SamplingRate::ALL);
        }
        Self { head, changes, start }
    }

    /// The request's own trace context.
    #[must_use]
    pub fn context(&self) -> TraceContext {
        self.head.context
    }

    /// The id of the caller's span.
    #[must_use]
    pub fn parent(&self) -> Option<SpanId> {
        self.head.parent
    }

    /// Whether the parent is a span that is not sampled, so that it does not arrive: the request is kept because of its end
    /// ([`TailSampling`](crate::TailSampling)) in a trace that is not.
    #[must_use]
    pub fn has_unsampled_parent(&self) -> bool {
        self.changes.has_unsampled_parent
    }

    /// The caller's `tracestate`.
    #[must_use]
    pub fn trace_state(&self) -> Option<&TraceState> {
        self.head.trace_state.as_ref()
    }

    /// The sampling rate: the request represents `1 / rate` requests. 1 if it is unknown.
    #[must_use]
    pub fn rate(&self) -> SamplingRate {
        self.head.sampling.rate.unwrap_or_default()
    }

    /// Whether the rate is known; see [the rate of a kept request](crate::sampler#the-rate-of-a-kept-request).
    #[must_use]
    pub fn is_rate_known(&self) -> bool {
        self.head.sampling.rate.is_some()
    }

    /// The `tracestate` with the request's rate, for exporters that read weights from `ot=th`.
    #[must_use]
    pub fn trace_state_with_rate(&self) -> Option<TraceState> {
        self.head.sampling.trace_state(self.head.trace_state.as_ref())
    }

    /// When the request's head arrived.
    #[must_use]
    pub fn start(&self) -> SystemTime {
        self.start
    }

    /// The time from the head's arrival to the request's end.
    #[must_use]
    pub fn duration(&self) -> Duration {
        self.changes.duration
    }

    /// The operation's name: the one that was set, otherwise `METHOD /route`, or the method alone without a
    /// route. Unknown methods are `_OTHER`, and the raw path is never part of it, so that the number of names
    /// is bounded.
    #[must_use]
    pub fn name(&self) -> Cow<'_, str> {
        if let Some(name) = self.custom_name() {
            return Cow::Borrowed(name);
        }
        let mut name = String::new();
        self.write_name(&mut name);
        Cow::Owned(name)
    }

    /// Appends the [name](Self::name).
    pub fn write_name(&self, name: &mut String) {
        write_name(name, &self.head, self.custom_name(), self.changes.route.as_deref());
    }

    fn custom_name(&self) -> Option<&str> {
        self.changes.additions.as_ref()?.name.as_deref()
    }

    /// The method; `_OTHER` if it is neither in IANA's registry nor
    /// [known](crate::Tracer::with_known_methods) to the service.
    #[must_use]
    pub fn method(&self) -> Cow<'static, str> {
        method(&self.head)
    }

    /// The method as it was sent.
    #[must_use]
    pub fn original_method(&self) -> Cow<'_, str> {
        self.head.text.get(Field::Method)
    }

    /// The scheme: as reported by a trusted proxy, otherwise the target's; `http` if it is unknown.
    #[must_use]
    pub fn scheme(&self) -> Cow<'_, str> {
        if let Some(scheme) = self.forwarded().and_then(|forwarded| forwarded.scheme.as_deref()) {
            return Cow::Borrowed(scheme);
        }
        let scheme = self.head.text.get(Field::Scheme);
        if scheme.is_empty() { Cow::Borrowed("http") } else { scheme }
    }

    /// The host, with a port if one was sent: as reported by a trusted proxy, otherwise the request's. `None`: it is
    /// unknown, or malformed.
    #[must_use]
    pub fn host(&self) -> Option<Cow<'_, str>> {
        if let Some(host) = self.forwarded().and_then(|forwarded| forwarded.host.as_deref()) {
            return Some(Cow::Borrowed(host));
        }
        self.optional(Field::Host).filter(|host| is_host(host))
    }

    /// The target's path.
    #[must_use]
    pub fn path(&self) -> Cow<'_, str> {
        self.head.text.get(Field::Path)
    }

    /// The target's query, redacted according to [`Privacy`].
    #[must_use]
    pub fn query(&self) -> Option<Cow<'_, str>> {
        self.optional(Field::Query).map(|query| match self.head.privacy.redaction().apply(&query) {
            Cow::Borrowed(_) => query,
            Cow::Owned(redacted) => Cow::Owned(redacted),
        })
    }

    /// The matched route's template, [without](crate::request::public_route) names that are private to the router.
    #[must_use]
    pub fn route(&self) -> Option<Cow<'_, str>> {
        route(&self.head, self.changes.route.as_deref())
    }

    /// The user agent.
    #[must_use]
    pub fn user_agent(&self) -> Option<Cow<'_, str>> {
        self.optional(Field::UserAgent)
    }

    /// The address of the connection's other end; `None` if it is unknown or masked.
    #[must_use]
    pub fn peer(&self) -> Option<SocketAddr> {
        self.head.peer().filter(|_| !self.head.privacy.mask_client_address)
    }

    /// Whether the address of the peer is known, exported or not.
    pub(crate) fn has_peer(&self) -> bool {
        self.head.peer().is_some()
    }

    /// The client's address: as reported by a trusted proxy, otherwise the address of the connection's other
    /// end. `None`: it is unknown or masked.
    #[must_use]
    pub fn client_address(&self) -> Option<IpAddr> {
        let peer_address = || self.head.peer().map(|peer| peer.ip().to_canonical());
        let address = self.forwarded().map_or_else(peer_address, |forwarded| forwarded.client);
        address.filter(|_| !self.head.privacy.mask_client_address)
    }

    /// What is redacted or left out of the request.
    #[must_use]
    pub fn privacy(&self) -> Privacy {
        self.head.privacy
    }

    /// The protocol's version.
    #[must_use]
    pub fn version(&self) -> HttpVersion {
        self.head.version
    }

    /// The response's status; 499 if the request was cancelled before it had one, 500 if it failed before.
    /// `None`: it is unknown.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.changes.status
    }

    /// The status of a gRPC call, whose HTTP status is 200 whatever its outcome.
    #[must_use]
    pub fn grpc_status(&self) -> Option<GrpcStatus> {
        self.changes.grpc_status()
    }

    /// The status that decides about success: the HTTP status of the same meaning as the
    /// [gRPC status](GrpcStatus::http_status) of a call that completed, otherwise the [status](Self::status).
    #[must_use]
    pub fn effective_status(&self) -> Option<u16> {
        self.changes.effective_status()
    }

    /// How the request ended.
    #[must_use]
    pub fn outcome(&self) -> &Outcome {
        &self.changes.outcome
    }

    /// Whether the request succeeded. It failed if the application reported an error, or if it ended before its
    /// response did. Otherwise it succeeded if the application reported success, or if the
    /// [effective status](Self::effective_status) is below 400 (below 500 with `client_errors_succeed`).
    #[must_use]
    pub fn has_succeeded(&self, client_errors_succeed: bool) -> bool {
        self.changes.has_succeeded(client_errors_succeed)
    }

    /// Whether the request succeeded, if the application reported it.
    #[must_use]
    pub fn span_status(&self) -> &SpanStatus {
        self.changes.span_status()
    }

    /// Attributes that the application added, in their order.
    #[must_use]
    pub fn attributes(&self) -> &[Attribute] {
        self.changes.additions.as_ref().map_or(&[], |additions| &additions.attributes)
    }

    /// Events that the application added, in their order.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        self.changes.additions.as_ref().map_or(&[], |additions| &additions.events)
    }

    /// Takes the events out, for exporters that send them as separate items.
    pub fn take_events(&mut self) -> Vec<Event> {
        self.changes.additions.as_mut().map(|additions| std::mem::take(&mut additions.events)).unwrap_or_default()
    }

    /// Links that the application added, in their order.
    #[must_use]
    pub fn links(&self) -> &[Link] {
        self.changes.additions.as_ref().map_or(&[], |additions| &additions.links)
    }

    /// How many attributes, events and links were dropped because of
    /// [`MAX_ATTRIBUTES`](Self::MAX_ATTRIBUTES).
    #[must_use]
    pub fn left_out(&self) -> u32 {
        self.changes.additions.as_ref().map_or(0, |additions| additions.left_out)
    }

    /// Sets the caller's `tracestate`.
    pub fn set_trace_state(&mut self, state: Option<TraceState>) {
        self.head.trace_state = state;
    }

    /// Sets the sampling rate. `None`: it is unknown.
    pub fn set_rate(&mut self, rate: Option<SamplingRate>) {
        self.head.sampling.rate = rate;
    }

    /// Sets what is redacted or left out of the request.
    pub fn set_privacy(&mut self, privacy: Privacy) {
        self.head.privacy = privacy;
    }

    /// Sets when the request started.
    pub fn set_start(&mut self, start: SystemTime) {
        self.start = start;
    }

    /// Sets the end. A request without a response gets the status of its outcome.
    pub fn set_end(&mut self, duration: Duration, status: Option<u16>, outcome: Outcome) {
        self.changes.set_end(duration, status, outcome);
    }

    /// Sets the status of a gRPC call.
    pub fn set_grpc_status(&mut self, status: GrpcStatus) {
        self.changes.set_grpc_status(status);
    }

    /// Sets the operation's name.
    pub fn set_name(&mut self, name: Cow<'static, str>) {
        self.changes.set_name(name);
    }

    /// Sets the matched route's template.
    pub fn set_route(&mut self, route: impl Into<Cow<'static, str>>) {
        self.changes.set_route(route.into());
    }

    /// Sets whether the request succeeded. `Ok` is final, and `Unset` changes nothing (OpenTelemetry's rule).
    pub fn set_span_status(&mut self, status: SpanStatus) {
        self.changes.set_span_status(status);
    }

    /// Sets an attribute, which replaces one of the same key.
    pub fn set_attribute(&mut self, attribute: Attribute) {
        self.changes.set_attribute(attribute);
    }

    /// Adds an event.
    pub fn add_event(&mut self, event: Event) {
        self.changes.add_event(event);
    }

    /// Adds a link.
    pub fn add_link(&mut self, link: Link) {
        self.changes.add_link(link);
    }

    /// Bytes in memory.
    pub(in crate::telemetry) fn size(&self) -> usize {
        size_of::<Self>() + self.head.heap_size() + self.changes.heap_size()
    }

    fn forwarded(&self) -> Option<&ForwardedRequest> {
        self.changes.additions.as_ref()?.forwarded.as_ref()
    }

    fn optional(&self, field: Field) -> Option<Cow<'_, str>> {
        Some(self.head.text.get(field)).filter(|text| !text.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Head;

    fn record(head: &Head) -> RequestRecord {
        RequestRecord::new(TraceContext::root(), None, SamplingRate::ALL, head)
    }

    #[test]
    fn name_is_method_and_route_and_never_the_path() {
        let mut head = Head::get("/users/7");
        assert_eq!(record(&head).name(), "GET");
        head.route = Some("/users/{id}");
        assert_eq!(record(&head).name(), "GET /users/{id}");
        head.method = "BREW";
        assert_eq!(record(&head).name(), "_OTHER /users/{id}");
        assert_eq!(record(&head).original_method(), "BREW");
        (head.method, head.route) = ("MKCALENDAR", Some("/api/{*__private__axum_fallback}"));
        assert_eq!(record(&head).name(), "MKCALENDAR /api/*");
    }

    #[test]
    fn cancelled_request_without_response_has_status_499() {
        let mut record = record(&Head::get("/"));
        record.set_end(Duration::ZERO, None, Outcome::Cancelled);
        assert_eq!(record.status(), Some(499));
    }

    #[test]
    fn panic_is_a_500_even_after_the_head() {
        let mut record = record(&Head::get("/"));
        record.set_end(Duration::ZERO, Some(200), Outcome::Panicked("boom".into()));
        assert_eq!(record.status(), Some(500));
    }

    #[test]
    fn attribute_of_the_same_key_is_replaced_and_excess_ones_are_counted() {
        let mut record = record(&Head::get("/"));
        record.set_attribute(Attribute::new("a", 1));
        record.set_attribute(Attribute::new("a", 2));
        assert_eq!(record.attributes(), [Attribute::new("a", 2)]);
        for n in 0..200 {
            record.set_attribute(Attribute::new(n.to_string(), true));
        }
        assert_eq!(record.attributes().len(), RequestRecord::MAX_ATTRIBUTES);
        assert_eq!(record.left_out(), 73);
    }

    #[test]
    fn long_messages_are_cut_and_their_size_counted() {
        let mut record = record(&Head::get("/"));
        let before = record.size();
        record.set_end(Duration::ZERO, None, Outcome::Panicked("é".repeat(1_000_000).into()));
        assert_eq!(record.outcome().detail().map(str::len), Some(8192));
        assert_eq!(record.size(), before + 8192);
    }

    #[test]
    fn ok_is_final() {
        let mut record = record(&Head::get("/"));
        record.set_span_status(SpanStatus::Ok);
        record.set_span_status(SpanStatus::Error("late".into()));
        assert_eq!(*record.span_status(), SpanStatus::Ok);
    }
}
