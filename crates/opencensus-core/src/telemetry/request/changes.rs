//! The part of a request's record that changes after its head.

use std::borrow::Cow;
use std::time::Duration;

use crate::attribute::{Attribute, attributes_size, text_size};
use crate::request::ForwardedRequest;
use crate::telemetry::request::grpc_status::GrpcStatus;
use crate::telemetry::request::outcome::cut;
use crate::telemetry::{Event, Link, Outcome, OutcomeKind, SpanStatus};

/// Longest message of a panic or an error that is kept, in bytes: Application Insights' limit of a property.
const MAX_MESSAGE: usize = 8192;

/// How many attributes, events and links one request keeps of each.
pub(super) const MAX_ENTRIES: usize = 128;

/// The part of a request's record that changes after its head: its end, and the application's additions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Changes {
    pub(crate) duration: Duration,
    pub(super) status: Option<u16>,
    pub(super) outcome: Outcome,
    // Replaces the head's.
    pub(crate) route: Option<Cow<'static, str>>,
    // Most requests have no additions.
    pub(super) additions: Option<Box<Additions>>,
    /// Tail sampling kept the request, so its rate is 1 whatever the head's is.
    pub(crate) is_certain: bool,
    /// Only its end kept the request: its caller is not sampled, and sends no span.
    pub(crate) has_unsampled_parent: bool,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Additions {
    pub(super) forwarded: Option<ForwardedRequest>,
    pub(super) name: Option<Cow<'static, str>>,
    span_status: SpanStatus,
    pub(super) attributes: Vec<Attribute>,
    pub(super) events: Vec<Event>,
    pub(super) links: Vec<Link>,
    pub(super) left_out: u32,
    pub(super) grpc_status: Option<GrpcStatus>,
}

impl Changes {
    pub(crate) fn set_end(&mut self, duration: Duration, status: Option<u16>, outcome: Outcome) {
        self.duration = duration;
        self.status = outcome.recorded_status(status);
        self.outcome = outcome.cut(MAX_MESSAGE);
    }

    pub(crate) fn set_name(&mut self, name: Cow<'static, str>) {
        self.additions().name = Some(name);
    }

    pub(crate) fn set_route(&mut self, route: Cow<'static, str>) {
        if !route.is_empty() {
            self.route = Some(route);
        }
    }

    pub(crate) fn set_span_status(&mut self, status: SpanStatus) {
        if *self.span_status() != SpanStatus::Ok && status != SpanStatus::Unset {
            self.additions().span_status = match status {
                SpanStatus::Error(text) => SpanStatus::Error(cut(text, MAX_MESSAGE)),
                other => other,
            };
        }
    }

    pub(crate) fn span_status(&self) -> &SpanStatus {
        self.additions.as_ref().map_or(&SpanStatus::Unset, |additions| &additions.span_status)
    }

    pub(crate) fn set_attribute(&mut self, attribute: Attribute) {
        let additions = self.additions();
        match additions.attributes.iter_mut().find(|other| other.key == attribute.key) {
            Some(other) => *other = attribute,
            None => push_bounded(&mut additions.attributes, attribute, &mut additions.left_out),
        }
    }

    pub(crate) fn add_event(&mut self, event: Event) {
        let additions = self.additions();
        push_bounded(&mut additions.events, event, &mut additions.left_out);
    }

    pub(crate) fn add_link(&mut self, link: Link) {
        let additions = self.additions();
        push_bounded(&mut additions.links, link, &mut additions.left_out);
    }

    pub(crate) fn set_grpc_status(&mut self, status: GrpcStatus) {
        self.additions().grpc_status = Some(status);
    }

    pub(crate) fn grpc_status(&self) -> Option<GrpcStatus> {
        self.additions.as_ref()?.grpc_status
    }

    /// The status that decides about success: that of a gRPC call goes before that of its HTTP response.
    pub(crate) fn effective_status(&self) -> Option<u16> {
        let of_call = self.grpc_status().filter(|_| self.outcome.kind() == OutcomeKind::Completed);
        of_call.map(GrpcStatus::http_status).or(self.status)
    }

    pub(crate) fn has_name(&self) -> bool {
        self.name().is_some()
    }

    /// The operation's name, if it was set.
    pub(crate) fn name(&self) -> Option<&str> {
        self.additions.as_ref()?.name.as_deref()
    }

    pub(crate) fn set_forwarded(&mut self, forwarded: ForwardedRequest) {
        self.additions().forwarded = Some(forwarded);
    }

    pub(crate) fn has_succeeded(&self, client_errors_succeed: bool) -> bool {
        let ended_well = self.outcome.kind() == OutcomeKind::Completed;
        match (self.span_status(), self.effective_status()) {
            (SpanStatus::Error(_), _) => false,
            _ if !ended_well => false,
            (SpanStatus::Ok, _) | (_, None) => true,
            (_, Some(status)) => status < 400 || status < 500 && client_errors_succeed,
        }
    }

    /// Bytes on the heap.
    #[inline]
    pub(crate) fn heap_size(&self) -> usize {
        if self.additions.is_none() && self.route.is_none() && self.outcome.kind() == OutcomeKind::Completed {
            return 0;
        }
        self.changed_heap_size()
    }

    fn changed_heap_size(&self) -> usize {
        let message = self.outcome.detail().map_or(0, str::len);
        let route = self.route.as_ref().map_or(0, text_size);
        message + route + self.additions.as_ref().map_or(0, |additions| additions.size())
    }

    fn additions(&mut self) -> &mut Additions {
        self.additions.get_or_insert_default()
    }
}

impl Additions {
    fn size(&self) -> usize {
        let forwarded = self.forwarded.as_ref().map_or(0, ForwardedRequest::heap_size);
        let texts = forwarded + self.span_status.heap_size() + self.name.as_ref().map_or(0, text_size);
        let events: usize = self.events.iter().map(|event| size_of::<Event>() + event.heap_size()).sum();
        let links: usize = self.links.iter().map(Link::size).sum();
        size_of::<Self>() + texts + attributes_size(&self.attributes) + events + links
    }
}

fn push_bounded<T>(list: &mut Vec<T>, item: T, left_out: &mut u32) {
    if list.len() < MAX_ENTRIES {
        list.push(item);
    } else {
        *left_out = left_out.saturating_add(1);
    }
}
