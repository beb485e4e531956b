//! What is known about a request.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, SystemTime};

use crate::attribute::Attribute;
use crate::ids::SpanId;
use crate::propagation::{TraceContext, TraceState};
use crate::request::{ForwardedRequest, HttpVersion, Privacy, RequestHead};
use crate::sampling_rate::SamplingRate;
use crate::telemetry::request::changes::{Changes, MOST};
use crate::telemetry::request::text::Field;
use crate::telemetry::request::{RecordHead, Sampling};
use crate::telemetry::{Event, Link, Outcome, SpanStatus};

/// Methods that are part of a name: RFC 9110, PATCH (RFC 5789) and QUERY. Others become
/// `_OTHER`, as OpenTelemetry's HTTP conventions want it.
const KNOWN_METHODS: [&str; 10] =
    ["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE"];

/// What is known about a request: a compact record, copied from the head once. Texts are made
/// when they are asked for, which is on the exporter's thread.
#[derive(Clone, Debug)]
pub struct RequestRecord {
    head: RecordHead,
    changes: Changes,
    start: SystemTime,
}

impl RequestRecord {
    /// Most attributes, and most events and links, that one request keeps each; OpenTelemetry's
    /// default. More are counted by [`left_out`](Self::left_out).
    pub const MAX_ATTRIBUTES: usize = MOST;

    /// Copies what the head says.
    #[must_use]
    pub fn new<H: RequestHead>(context: TraceContext, parent: Option<SpanId>, rate: SamplingRate, head: &H) -> Self {
        let sampling = Sampling { rate: Some(rate), ..Sampling::default() };
        let mut copied = RecordHead::empty(context, parent, None, sampling);
        copied.fill(head, Privacy::default());
        Self::of(copied, Changes::default(), SystemTime::UNIX_EPOCH)
    }

    /// Puts the parts together.
    pub(crate) fn of(mut head: RecordHead, changes: Changes, start: SystemTime) -> Self {
        if changes.is_certain {
            head.sampling.rate = Some(SamplingRate::ALL);
        }
        Self { head, changes, start }
    }

    /// The request's own trace id, span id and flags.
    #[must_use]
    pub fn context(&self) -> TraceContext {
        self.head.context
    }

    /// The caller's span.
    #[must_use]
    pub fn parent(&self) -> Option<SpanId> {
        self.head.parent
    }

    /// The caller's `tracestate`.
    #[must_use]
    pub fn trace_state(&self) -> Option<&TraceState> {
        self.head.trace_state.as_ref()
    }

    /// The share of requests that this one stands for; everything, if it is unknown.
    #[must_use]
    pub fn rate(&self) -> SamplingRate {
        self.head.sampling.rate.unwrap_or_default()
    }

    /// Whether the rate is known; it comes about [so](crate::sampler#how-the-rate-of-a-kept-request-comes-about).
    #[must_use]
    pub fn is_rate_known(&self) -> bool {
        self.head.sampling.rate.is_some()
    }

    /// The `tracestate` that tells the request's rate, for exporters that know weights by `ot=th`.
    #[must_use]
    pub fn trace_state_with_rate(&self) -> Option<TraceState> {
        self.head.sampling.tell(self.head.trace_state.as_ref())
    }

    /// When the head arrived.
    #[must_use]
    pub fn start(&self) -> SystemTime {
        self.start
    }

    /// From the head's arrival to the end.
    #[must_use]
    pub fn duration(&self) -> Duration {
        self.changes.duration
    }

    /// The operation's name: the one that was set, else `METHOD /route`, else the method alone.
    /// Unknown methods are `_OTHER`; the raw path is never part of it, so the number of names is
    /// bounded.
    #[must_use]
    pub fn name(&self) -> Cow<'_, str> {
        if let Some(name) = self.given_name() {
            return Cow::Borrowed(name);
        }
        let mut name = String::new();
        self.write_name(&mut name);
        Cow::Owned(name)
    }

    /// Appends the [name](Self::name).
    pub fn write_name(&self, name: &mut String) {
        match (self.given_name(), self.route()) {
            (Some(given), _) => name.push_str(given),
            (None, Some(route)) => name.extend([&*self.method(), " ", &*route]),
            (None, None) => name.push_str(&self.method()),
        }
    }

    fn given_name(&self) -> Option<&str> {
        self.changes.added.as_ref()?.name.as_deref()
    }

    /// The method, or `_OTHER`.
    #[must_use]
    pub fn method(&self) -> Cow<'static, str> {
        let method = self.head.text.get(Field::Method);
        KNOWN_METHODS
            .iter()
            .find(|known| **known == method)
            .map_or(Cow::Borrowed("_OTHER"), |known| Cow::Borrowed(known))
    }

    /// The method as it was sent.
    #[must_use]
    pub fn original_method(&self) -> Cow<'_, str> {
        self.head.text.get(Field::Method)
    }

    /// The scheme: what a trusted proxy says, else the target's; `http` if nothing told it.
    #[must_use]
    pub fn scheme(&self) -> Cow<'_, str> {
        if let Some(scheme) = self.forwarded().and_then(|forwarded| forwarded.scheme.as_deref()) {
            return Cow::Borrowed(scheme);
        }
        let scheme = self.head.text.get(Field::Scheme);
        if scheme.is_empty() { Cow::Borrowed("http") } else { scheme }
    }

    /// The host, with a port if one was sent: what a trusted proxy says, else the request.
    #[must_use]
    pub fn host(&self) -> Option<Cow<'_, str>> {
        if let Some(host) = self.forwarded().and_then(|forwarded| forwarded.host.as_deref()) {
            return Some(Cow::Borrowed(host));
        }
        self.optional(Field::Host)
    }

    /// The target's path.
    #[must_use]
    pub fn path(&self) -> Cow<'_, str> {
        self.head.text.get(Field::Path)
    }

    /// The target's query, redacted as [`Privacy`] says.
    #[must_use]
    pub fn query(&self) -> Option<Cow<'_, str>> {
        self.optional(Field::Query).map(|query| match self.head.privacy.query_redaction.apply(&query) {
            Cow::Borrowed(_) => query,
            Cow::Owned(redacted) => Cow::Owned(redacted),
        })
    }

    /// The matched route's template.
    #[must_use]
    pub fn route(&self) -> Option<Cow<'_, str>> {
        self.changes.route.as_deref().map(Cow::Borrowed).or_else(|| self.optional(Field::Route))
    }

    /// The user agent.
    #[must_use]
    pub fn user_agent(&self) -> Option<Cow<'_, str>> {
        self.optional(Field::UserAgent)
    }

    /// The connection's other end; `None` if it is unknown or left out.
    #[must_use]
    pub fn peer(&self) -> Option<SocketAddr> {
        self.head.peer().filter(|_| !self.head.privacy.mask_client_address)
    }

    /// The client's address: what a trusted proxy says, else the connection's other end. `None`: it is
    /// unknown or left out.
    #[must_use]
    pub fn client_address(&self) -> Option<IpAddr> {
        let of_peer = || self.head.peer().map(|peer| peer.ip().to_canonical());
        let address = self.forwarded().map_or_else(of_peer, |forwarded| forwarded.client);
        address.filter(|_| !self.head.privacy.mask_client_address)
    }

    /// What of the request leaves the process.
    #[must_use]
    pub fn privacy(&self) -> Privacy {
        self.head.privacy
    }

    /// The protocol's version.
    #[must_use]
    pub fn version(&self) -> HttpVersion {
        self.head.version
    }

    /// The response's status; 499 if the request was cancelled before there was one, 500 if it
    /// failed before. `None`: it is not known.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.changes.status
    }

    /// How the request ended.
    #[must_use]
    pub fn outcome(&self) -> &Outcome {
        &self.changes.outcome
    }

    /// Whether the request succeeded: not if the application reported an error, or if it ended before
    /// its response did; else as the application says, else by the status: below 400, or below 500 if
    /// `client_errors_succeed`.
    #[must_use]
    pub fn has_succeeded(&self, client_errors_succeed: bool) -> bool {
        self.changes.has_succeeded(client_errors_succeed)
    }

    /// What the application says about success.
    #[must_use]
    pub fn span_status(&self) -> &SpanStatus {
        self.changes.span_status()
    }

    /// Attributes that the application added, in their order.
    #[must_use]
    pub fn attributes(&self) -> &[Attribute] {
        self.changes.added.as_ref().map_or(&[], |added| &added.attributes)
    }

    /// Events that the application added, in their order.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        self.changes.added.as_ref().map_or(&[], |added| &added.events)
    }

    /// Takes the events out, for exporters that send them apart.
    pub fn take_events(&mut self) -> Vec<Event> {
        self.changes.added.as_mut().map(|added| std::mem::take(&mut added.events)).unwrap_or_default()
    }

    /// Links that the application added, in their order.
    #[must_use]
    pub fn links(&self) -> &[Link] {
        self.changes.added.as_ref().map_or(&[], |added| &added.links)
    }

    /// Attributes, events and links beyond [`MAX_ATTRIBUTES`](Self::MAX_ATTRIBUTES).
    #[must_use]
    pub fn left_out(&self) -> u32 {
        self.changes.added.as_ref().map_or(0, |added| added.left_out)
    }

    /// Sets the caller's `tracestate`.
    pub fn set_trace_state(&mut self, state: Option<TraceState>) {
        self.head.trace_state = state;
    }

    /// Sets the rate. `None`: it is unknown.
    pub fn set_rate(&mut self, rate: Option<SamplingRate>) {
        self.head.sampling.rate = rate;
    }

    /// Sets what of the request leaves the process.
    pub fn set_privacy(&mut self, privacy: Privacy) {
        self.head.privacy = privacy;
    }

    /// Sets when the request started.
    pub fn set_start(&mut self, start: SystemTime) {
        self.start = start;
    }

    /// Sets the end. A request without a response gets the status that its outcome stands for.
    pub fn set_end(&mut self, duration: Duration, status: Option<u16>, outcome: Outcome) {
        self.changes.set_end(duration, status, outcome);
    }

    /// Names the operation.
    pub fn set_name(&mut self, name: Cow<'static, str>) {
        self.changes.set_name(name);
    }

    /// Sets the matched route's template.
    pub fn set_route(&mut self, route: impl Into<Cow<'static, str>>) {
        self.changes.set_route(route.into());
    }

    /// Says whether the request succeeded. `Ok` is final, and an error is not taken back by
    /// `Unset` (OpenTelemetry's rule).
    pub fn set_span_status(&mut self, status: SpanStatus) {
        self.changes.set_span_status(status);
    }

    /// Sets an attribute; one of the same name is replaced.
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
    pub(crate) fn size(&self) -> usize {
        size_of::<Self>() + self.head.heap_size() + self.changes.heap_size()
    }

    fn forwarded(&self) -> Option<&ForwardedRequest> {
        self.changes.added.as_ref()?.forwarded.as_ref()
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
    fn attribute_of_the_same_name_is_replaced_and_too_many_are_counted() {
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
    fn long_messages_are_cut_and_counted() {
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
