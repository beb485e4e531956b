//! What is known about a request.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, SystemTime};

use crate::ids::SpanId;
use crate::propagation::{TraceContext, TraceState};
use crate::request::{ForwardedRequest, HttpVersion, Privacy, RequestHead};
use crate::sampler::SamplingRate;
use crate::span::attribute::{attributes_size, text_size};
use crate::span::outcome::cut;
use crate::span::text::{Field, Text};
use crate::span::{Attribute, Event, Link, Outcome, OutcomeKind, Sampling, SpanStatus};

/// Methods that are part of a name: RFC 9110, PATCH (RFC 5789) and QUERY. Others become
/// `_OTHER`, as OpenTelemetry's HTTP conventions want it.
const KNOWN_METHODS: [&str; 10] =
    ["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE"];

/// Longest message of a panic or an error that is kept, in bytes: what Application Insights keeps of a
/// property.
const LONGEST_MESSAGE: usize = 8192;

/// What is known about a request: a compact record, copied from the head once. Texts are made
/// when they are asked for, which is on the exporter's thread.
#[derive(Clone, Debug)]
pub struct RequestRecord {
    context: TraceContext,
    parent: Option<SpanId>,
    trace_state: Option<TraceState>,
    sampling: Sampling,
    start: SystemTime,
    duration: Duration,
    text: Text,
    peer: Option<SocketAddr>,
    privacy: Privacy,
    version: HttpVersion,
    status: Option<u16>,
    outcome: Outcome,
    // What the application adds. Most requests have none of it.
    added: Option<Box<Added>>,
}

#[derive(Clone, Debug, Default)]
struct Added {
    forwarded: Option<ForwardedRequest>,
    name: Option<Cow<'static, str>>,
    route: Option<Box<str>>,
    span_status: SpanStatus,
    attributes: Vec<Attribute>,
    events: Vec<Event>,
    links: Vec<Link>,
    left_out: u32,
}

impl RequestRecord {
    /// Most attributes, and most events and links, that one request keeps each; OpenTelemetry's
    /// default. More are counted by [`left_out`](Self::left_out).
    pub const MAX_ATTRIBUTES: usize = 128;

    /// Copies what the head says.
    #[must_use]
    pub fn new<H: RequestHead>(context: TraceContext, parent: Option<SpanId>, rate: SamplingRate, head: &H) -> Self {
        let sampling = Sampling { rate: Some(rate), ..Sampling::default() };
        let mut record = Self::empty(context, parent, None, sampling);
        record.fill(head, Privacy::default());
        record
    }

    /// All but what the head says. Inlined so that the record is made where it stays: it is large enough
    /// for every move to show.
    #[inline(always)]
    pub(crate) fn empty(
        context: TraceContext,
        parent: Option<SpanId>,
        trace_state: Option<TraceState>,
        sampling: Sampling,
    ) -> Self {
        Self {
            context,
            parent,
            trace_state,
            sampling,
            start: SystemTime::UNIX_EPOCH,
            duration: Duration::ZERO,
            text: Text::new(),
            peer: None,
            privacy: Privacy::default(),
            version: HttpVersion::Http11,
            status: None,
            outcome: Outcome::Completed,
            added: None,
        }
    }

    /// Copies what the head says.
    #[inline(always)]
    pub(crate) fn fill<H: RequestHead>(&mut self, head: &H, privacy: Privacy) {
        self.privacy = privacy;
        self.text.fill([
            head.method().as_bytes(),
            head.scheme().unwrap_or_default().as_bytes(),
            head.host().unwrap_or_default(),
            head.path().as_bytes(),
            head.query().unwrap_or_default().as_bytes(),
            head.user_agent().unwrap_or_default(),
            head.known_route().unwrap_or_default().as_bytes(),
        ]);
        self.peer = head.peer();
        self.version = head.version();
    }

    /// The request's own trace id, span id and flags.
    #[must_use]
    pub fn context(&self) -> TraceContext {
        self.context
    }

    /// The caller's span.
    #[must_use]
    pub fn parent(&self) -> Option<SpanId> {
        self.parent
    }

    /// The caller's `tracestate`.
    #[must_use]
    pub fn trace_state(&self) -> Option<&TraceState> {
        self.trace_state.as_ref()
    }

    /// The share of requests that this one stands for; everything, if it is unknown.
    #[must_use]
    pub fn rate(&self) -> SamplingRate {
        self.sampling.rate.unwrap_or_default()
    }

    /// Whether the rate is known; it comes about [so](crate::sampler#how-the-rate-of-a-kept-request-comes-about).
    #[must_use]
    pub fn is_rate_known(&self) -> bool {
        self.sampling.rate.is_some()
    }

    /// The `tracestate` that tells the request's rate, for exporters that know weights by `ot=th`.
    #[must_use]
    pub fn trace_state_with_rate(&self) -> Option<TraceState> {
        self.sampling.tell(self.trace_state.as_ref())
    }

    /// When the head arrived.
    #[must_use]
    pub fn start(&self) -> SystemTime {
        self.start
    }

    /// From the head's arrival to the end.
    #[must_use]
    pub fn duration(&self) -> Duration {
        self.duration
    }

    /// The operation's name: the one that was set, else `METHOD /route`, else the method alone.
    /// Unknown methods are `_OTHER`; the raw path is never part of it, so the number of names is
    /// bounded.
    #[must_use]
    pub fn name(&self) -> Cow<'_, str> {
        match (self.added.as_ref().and_then(|added| added.name.as_deref()), self.route()) {
            (Some(name), _) => Cow::Borrowed(name),
            (None, Some(route)) => Cow::Owned(format!("{} {route}", self.method())),
            (None, None) => Cow::Owned(self.method().into_owned()),
        }
    }

    /// The method, or `_OTHER`.
    #[must_use]
    pub fn method(&self) -> Cow<'static, str> {
        let method = self.text.get(Field::Method);
        KNOWN_METHODS
            .iter()
            .find(|known| **known == method)
            .map_or(Cow::Borrowed("_OTHER"), |known| Cow::Borrowed(known))
    }

    /// The method as it was sent.
    #[must_use]
    pub fn original_method(&self) -> Cow<'_, str> {
        self.text.get(Field::Method)
    }

    /// The scheme: what a trusted proxy says, else the target's; `http` if nothing told it.
    #[must_use]
    pub fn scheme(&self) -> Cow<'_, str> {
        if let Some(scheme) = self.forwarded().and_then(|forwarded| forwarded.scheme.as_deref()) {
            return Cow::Borrowed(scheme);
        }
        let scheme = self.text.get(Field::Scheme);
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
        self.text.get(Field::Path)
    }

    /// The target's query, redacted as [`Privacy`] says.
    #[must_use]
    pub fn query(&self) -> Option<Cow<'_, str>> {
        self.optional(Field::Query).map(|query| match self.privacy.query_redaction.apply(&query) {
            Cow::Borrowed(_) => query,
            Cow::Owned(redacted) => Cow::Owned(redacted),
        })
    }

    /// The matched route's template.
    #[must_use]
    pub fn route(&self) -> Option<Cow<'_, str>> {
        let added = self.added.as_ref().and_then(|added| added.route.as_deref());
        added.map(Cow::Borrowed).or_else(|| self.optional(Field::Route))
    }

    pub(crate) fn has_route(&self) -> bool {
        self.text.has_route() || self.added.as_ref().is_some_and(|added| added.route.is_some())
    }

    /// The user agent.
    #[must_use]
    pub fn user_agent(&self) -> Option<Cow<'_, str>> {
        self.optional(Field::UserAgent)
    }

    /// The connection's other end; `None` if it is unknown or left out.
    #[must_use]
    pub fn peer(&self) -> Option<SocketAddr> {
        self.peer.filter(|_| !self.privacy.mask_client_address)
    }

    /// The client's address: what a trusted proxy says, else the connection's other end. `None`: it is
    /// unknown or left out.
    #[must_use]
    pub fn client_address(&self) -> Option<IpAddr> {
        let of_peer = || self.peer.map(|peer| peer.ip().to_canonical());
        let address = self.forwarded().map_or_else(of_peer, |forwarded| forwarded.client);
        address.filter(|_| !self.privacy.mask_client_address)
    }

    /// What of the request leaves the process.
    #[must_use]
    pub fn privacy(&self) -> Privacy {
        self.privacy
    }

    /// The protocol's version.
    #[must_use]
    pub fn version(&self) -> HttpVersion {
        self.version
    }

    /// The response's status; 499 if the request was cancelled before there was one, 500 if it
    /// failed before. `None`: it is not known.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// How the request ended.
    #[must_use]
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// Whether the request succeeded: not if the application reported an error, or if it ended before
    /// its response did; else as the application says, else by the status: below 400, or below 500 if
    /// `client_errors_succeed`.
    #[must_use]
    pub fn has_succeeded(&self, client_errors_succeed: bool) -> bool {
        let ended_well = self.outcome.kind() == OutcomeKind::Completed;
        match (self.span_status(), self.status) {
            (SpanStatus::Error(_), _) => false,
            _ if !ended_well => false,
            (SpanStatus::Ok, _) | (_, None) => true,
            (_, Some(status)) => status < 400 || status < 500 && client_errors_succeed,
        }
    }

    /// What the application says about success.
    #[must_use]
    pub fn span_status(&self) -> &SpanStatus {
        self.added.as_ref().map_or(&SpanStatus::Unset, |added| &added.span_status)
    }

    /// Attributes that the application added, in their order.
    #[must_use]
    pub fn attributes(&self) -> &[Attribute] {
        self.added.as_ref().map_or(&[], |added| &added.attributes)
    }

    /// Events that the application added, in their order.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        self.added.as_ref().map_or(&[], |added| &added.events)
    }

    /// Links that the application added, in their order.
    #[must_use]
    pub fn links(&self) -> &[Link] {
        self.added.as_ref().map_or(&[], |added| &added.links)
    }

    /// Attributes, events and links beyond [`MAX_ATTRIBUTES`](Self::MAX_ATTRIBUTES).
    #[must_use]
    pub fn left_out(&self) -> u32 {
        self.added.as_ref().map_or(0, |added| added.left_out)
    }

    /// Sets the caller's `tracestate`.
    pub fn set_trace_state(&mut self, state: Option<TraceState>) {
        self.trace_state = state;
    }

    /// Sets the rate. `None`: it is unknown.
    pub fn set_rate(&mut self, rate: Option<SamplingRate>) {
        self.sampling.rate = rate;
    }

    /// Sets what of the request leaves the process.
    pub fn set_privacy(&mut self, privacy: Privacy) {
        self.privacy = privacy;
    }

    /// Sets when the request started.
    pub fn set_start(&mut self, start: SystemTime) {
        self.start = start;
    }

    /// Sets the end. A request without a response gets the status that its outcome stands for.
    pub fn set_end(&mut self, duration: Duration, status: Option<u16>, outcome: Outcome) {
        self.duration = duration;
        self.status = match outcome {
            Outcome::Panicked(_) => outcome.status_without_response(),
            _ => status.or(outcome.status_without_response()),
        };
        self.outcome = outcome.cut(LONGEST_MESSAGE);
    }

    /// Names the operation.
    pub fn set_name(&mut self, name: Cow<'static, str>) {
        self.added().name = Some(name);
    }

    /// Sets the matched route's template.
    pub fn set_route(&mut self, route: &str) {
        if route.is_empty() {
            return;
        }
        let fits = self.text.set_route(route);
        if !fits {
            self.added().route = Some(route.into());
        } else if let Some(added) = &mut self.added {
            added.route = None;
        }
    }

    /// Says whether the request succeeded. `Ok` is final, and an error is not taken back by
    /// `Unset` (OpenTelemetry's rule).
    pub fn set_span_status(&mut self, status: SpanStatus) {
        if *self.span_status() != SpanStatus::Ok && status != SpanStatus::Unset {
            self.added().span_status = match status {
                SpanStatus::Error(text) => SpanStatus::Error(cut(text, LONGEST_MESSAGE)),
                other => other,
            };
        }
    }

    /// Sets an attribute; one of the same name is replaced.
    pub fn set_attribute(&mut self, attribute: Attribute) {
        let added = self.added();
        match added.attributes.iter_mut().find(|other| other.key == attribute.key) {
            Some(other) => *other = attribute,
            None => push_bounded(&mut added.attributes, attribute, &mut added.left_out),
        }
    }

    /// Adds an event.
    pub fn add_event(&mut self, event: Event) {
        let added = self.added();
        push_bounded(&mut added.events, event, &mut added.left_out);
    }

    /// Adds a link.
    pub fn add_link(&mut self, link: Link) {
        let added = self.added();
        push_bounded(&mut added.links, link, &mut added.left_out);
    }

    /// Bytes in memory.
    pub(crate) fn size(&self) -> usize {
        let state = self.trace_state.as_ref().map_or(0, TraceState::len);
        let added = self.added.as_ref().map_or(0, |added| added.size());
        let message = self.outcome.detail().map_or(0, str::len);
        size_of::<Self>() + self.text.heap_size() + state + added + message
    }

    /// What a trusted proxy says.
    pub(crate) fn set_forwarded(&mut self, forwarded: ForwardedRequest) {
        self.added().forwarded = Some(forwarded);
    }

    fn forwarded(&self) -> Option<&ForwardedRequest> {
        self.added.as_ref()?.forwarded.as_ref()
    }

    fn added(&mut self) -> &mut Added {
        self.added.get_or_insert_default()
    }

    fn optional(&self, field: Field) -> Option<Cow<'_, str>> {
        Some(self.text.get(field)).filter(|text| !text.is_empty())
    }
}

impl Added {
    fn size(&self) -> usize {
        let status = if let SpanStatus::Error(text) = &self.span_status { text_size(text) } else { 0 };
        let of_proxy = self.forwarded.as_ref().map_or(0, ForwardedRequest::heap_size);
        let texts = of_proxy
            + status
            + self.name.as_ref().map_or(0, text_size)
            + self.route.as_ref().map_or(0, |route| route.len());
        let events: usize = self.events.iter().map(|event| size_of::<Event>() + event.heap_size()).sum();
        let links: usize = self.links.iter().map(|link| size_of::<Link>() + attributes_size(&link.attributes)).sum();
        size_of::<Self>() + texts + attributes_size(&self.attributes) + events + links
    }
}

fn push_bounded<T>(list: &mut Vec<T>, item: T, left_out: &mut u32) {
    if list.len() < RequestRecord::MAX_ATTRIBUTES {
        list.push(item);
    } else {
        *left_out = left_out.saturating_add(1);
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
