//! What a request becomes after its head.

use std::borrow::Cow;
use std::time::Duration;

use crate::attribute::{Attribute, attributes_size, text_size};
use crate::request::ForwardedRequest;
use crate::telemetry::request::outcome::cut;
use crate::telemetry::{Event, Link, Outcome, OutcomeKind, SpanStatus};

/// Longest message of a panic or an error that is kept, in bytes: what Application Insights keeps of a
/// property.
const LONGEST_MESSAGE: usize = 8192;

/// Most attributes, and most events and links, that one request keeps each.
pub(crate) const MOST: usize = 128;

/// What a request becomes after its head: its end, and what the application adds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Changes {
    pub(crate) duration: Duration,
    pub(crate) status: Option<u16>,
    pub(crate) outcome: Outcome,
    // Instead of the head's.
    pub(crate) route: Option<Cow<'static, str>>,
    // Most requests have none of it.
    pub(crate) added: Option<Box<Added>>,
    /// It was certain to be kept, whatever its head's rate.
    pub(crate) is_certain: bool,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Added {
    pub(crate) forwarded: Option<ForwardedRequest>,
    pub(crate) name: Option<Cow<'static, str>>,
    span_status: SpanStatus,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) events: Vec<Event>,
    pub(crate) links: Vec<Link>,
    pub(crate) left_out: u32,
}

impl Changes {
    pub(crate) fn set_end(&mut self, duration: Duration, status: Option<u16>, outcome: Outcome) {
        self.duration = duration;
        self.status = match outcome {
            Outcome::Panicked(_) => outcome.status_without_response(),
            _ => status.or(outcome.status_without_response()),
        };
        self.outcome = outcome.cut(LONGEST_MESSAGE);
    }

    pub(crate) fn set_name(&mut self, name: Cow<'static, str>) {
        self.added().name = Some(name);
    }

    pub(crate) fn set_route(&mut self, route: Cow<'static, str>) {
        if !route.is_empty() {
            self.route = Some(route);
        }
    }

    pub(crate) fn set_span_status(&mut self, status: SpanStatus) {
        if *self.span_status() != SpanStatus::Ok && status != SpanStatus::Unset {
            self.added().span_status = match status {
                SpanStatus::Error(text) => SpanStatus::Error(cut(text, LONGEST_MESSAGE)),
                other => other,
            };
        }
    }

    pub(crate) fn span_status(&self) -> &SpanStatus {
        self.added.as_ref().map_or(&SpanStatus::Unset, |added| &added.span_status)
    }

    pub(crate) fn set_attribute(&mut self, attribute: Attribute) {
        let added = self.added();
        match added.attributes.iter_mut().find(|other| other.key == attribute.key) {
            Some(other) => *other = attribute,
            None => push_bounded(&mut added.attributes, attribute, &mut added.left_out),
        }
    }

    pub(crate) fn add_event(&mut self, event: Event) {
        let added = self.added();
        push_bounded(&mut added.events, event, &mut added.left_out);
    }

    pub(crate) fn add_link(&mut self, link: Link) {
        let added = self.added();
        push_bounded(&mut added.links, link, &mut added.left_out);
    }

    pub(crate) fn set_forwarded(&mut self, forwarded: ForwardedRequest) {
        self.added().forwarded = Some(forwarded);
    }

    pub(crate) fn has_succeeded(&self, client_errors_succeed: bool) -> bool {
        let ended_well = self.outcome.kind() == OutcomeKind::Completed;
        match (self.span_status(), self.status) {
            (SpanStatus::Error(_), _) => false,
            _ if !ended_well => false,
            (SpanStatus::Ok, _) | (_, None) => true,
            (_, Some(status)) => status < 400 || status < 500 && client_errors_succeed,
        }
    }

    /// Bytes on the heap.
    pub(crate) fn heap_size(&self) -> usize {
        let message = self.outcome.detail().map_or(0, str::len);
        let route = self.route.as_ref().map_or(0, text_size);
        message + route + self.added.as_ref().map_or(0, |added| added.size())
    }

    fn added(&mut self) -> &mut Added {
        self.added.get_or_insert_default()
    }
}

impl Added {
    fn size(&self) -> usize {
        let status = if let SpanStatus::Error(text) = &self.span_status { text_size(text) } else { 0 };
        let of_proxy = self.forwarded.as_ref().map_or(0, ForwardedRequest::heap_size);
        let texts = of_proxy + status + self.name.as_ref().map_or(0, text_size);
        let events: usize = self.events.iter().map(|event| size_of::<Event>() + event.heap_size()).sum();
        let links: usize = self.links.iter().map(|link| size_of::<Link>() + attributes_size(&link.attributes)).sum();
        size_of::<Self>() + texts + attributes_size(&self.attributes) + events + links
    }
}

fn push_bounded<T>(list: &mut Vec<T>, item: T, left_out: &mut u32) {
    if list.len() < MOST {
        list.push(item);
    } else {
        *left_out = left_out.saturating_add(1);
    }
}
